"""Carry-save reduction of a heap of bits to rows, column by column."""

from collections.abc import Sequence
from itertools import pairwise

from amaranth import Module, Value

from macsmith.arith.cells import add_bits
from macsmith.arith.heap import FULL_ADDER_CARRY, FULL_ADDER_SUM

Heap = list[list[tuple[int, Value]]]
"""Bits by column, lowest first, each with its arrival in XOR delays."""


def compress(m: Module, name: str, heap: Heap, heights: Sequence[int], leaves: bool = True) -> Heap:
    """Add the bits of each column until it has its height; carries go to the next.

    The earliest bits are added first, so that late ones pass few adders (Oklobdzija, Villeger and
    Liu, 1996). Carries out of the top column are dropped.

    Parameters
    ----------
    name:
        Prefix of the cells' names.
    heights:
        Most bits to leave in each column, at least 1.
    leaves:
        Whether adders are cells of a library, which logic optimisation leaves alone, or gates.
    """
    columns = [list(column) for column in heap]
    cells = 0
    for (column, above), height in zip(pairwise([*columns, []]), heights, strict=True):
        while len(column) > height:
            column.sort(key=lambda entry: entry[0])
            count = min(3, len(column) - height + 1)
            taken, column[:count] = column[:count], []
            ready = max(arrival for arrival, _ in taken)
            bits = [bit for _, bit in taken]
            total, carry = add_bits(m, f"{name}_{cells}", bits, leaf=leaves)
            cells += 1
            column.append((ready + FULL_ADDER_SUM, total))
            above.append((ready + FULL_ADDER_CARRY, carry))
    return columns

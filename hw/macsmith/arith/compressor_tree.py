"""Reduction of columns of bits by adder cells, column by column."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from amaranth import Const, Module, Signal, Value

from macsmith.arith.compressor_plan import SHARED, CompressorPlan, PlannedBit
from macsmith.rtl.leaf_cells import add_bits

ADDER_DELAYS = {2: (2, 1), 3: (2, 1), 5: (3, 3, 1)}
"""Arrival of an adder cell's sum and carries after its inputs, by their number, in XOR delays."""


class Bit(NamedTuple):
    """A bit of a column, and when it is known after the registers, in XOR delays."""

    arrival: float
    value: Value


Columns = list[list[Bit]]
"""Bits by column, lowest first."""


def compress(
    m: Module,
    name: str,
    columns: Columns,
    heights: Sequence[int],
    *,
    leaves: bool = True,
    wide: bool = False,
) -> list[Bit]:
    """Bring every column to at most its height, in place; return the carries out of the top.

    The lowest column comes first, and in each the earliest bits, so that late ones pass few
    adders (the three-dimensional method of Oklobdzija, Villeger and Liu, 1996). A column takes the
    full adders that its bits ask for and at most one half adder: no more than Dadda's tree has.

    Parameters
    ----------
    name:
        Prefix of the cells' names.
    heights:
        Most bits to leave in each column, at least 1.
    leaves:
        Whether adders are leaf modules, which logic optimisation leaves alone, or gates.
    wide:
        Whether columns of enough bits take 4:2 compressors.
    """
    over: list[Bit] = []
    cells = 0
    for (column, above), height in zip(pairwise([*columns, over]), heights, strict=True):
        while (surplus := len(column) - height) > 0:
            column.sort(key=lambda bit: bit.arrival)
            count = 2 if surplus % 2 else 3
            if (
                wide
                and surplus >= 4
                and not any(isinstance(bit.value, Const) for bit in column[:5])
            ):
                count = 5
            taken, column[:count] = column[:count], []
            ready = max(bit.arrival for bit in taken)
            values = _add(m, f"{name}_{cells}", [bit.value for bit in taken], leaves)
            total, *carries = map(Bit, (ready + delay for delay in ADDER_DELAYS[count]), values)
            cells += 1
            column.append(total)
            above += carries
    return over


def planned(
    columns: Columns, heights: Sequence[int], *, stages: bool = False, form: str
) -> CompressorPlan:
    """Return the plan of a reduction by delays of mapped cells."""
    bits = [[PlannedBit(bit.arrival, isinstance(bit.value, Const)) for bit in column]
            for column in columns]  # fmt: skip
    return CompressorPlan(bits, heights, stages=stages, form=form)


def compress_as_planned(
    m: Module,
    name: str,
    columns: Columns,
    plan: CompressorPlan,
    required: Sequence[float] | None = None,
    *,
    leaves: bool = True,
) -> list[Bit]:
    """Bring columns to a plan's heights, in place; return the carries out of the top.

    Parameters
    ----------
    required:
        When what is left of each column must be known; without it when the last bit is.
    leaves:
        Whether full adders of the small form are leaf modules.
    """
    bits = [bit.value for column in columns for bit in column]
    bits += [Const(0, 1)] * (len(plan.arrival) - len(bits))
    if required is None:
        left = [plan.arrival[bit] for column in plan.columns for bit in column]
        required = [max(left, default=0)] * len(columns)
    small = plan.small(required, cells=leaves)
    for number, step in enumerate(plan.steps):
        majority = number not in small and plan.form != SHARED
        taken = [bits[one] for one in step.inputs]
        bits[step.total], bits[step.carry] = _add(m, f"{name}_{number}", taken, leaves, majority)

    def left_of(column: Sequence[int]) -> list[Bit]:
        return [Bit(plan.arrival[one], bits[one]) for one in column]

    columns[:] = map(left_of, plan.columns)
    return left_of(plan.over)


def _add(
    m: Module, name: str, bits: list[Value], leaves: bool, majority: bool = False
) -> list[Value]:
    """Add bits of one column; two or three of which one is constant cost no adder cell."""
    live = [bit for bit in bits if not isinstance(bit, Const)]
    ones = len(bits) - len(live)
    if ones == 0:
        return add_bits(m, name, bits, leaf=leaves, majority=majority)
    total = Signal(name=f"{name}_s")
    carry = Signal(name=f"{name}_co")
    if len(live) == 2:
        m.d.comb += [total.eq(~(live[0] ^ live[1])), carry.eq(live[0] | live[1])]
    else:
        m.d.comb += [total.eq(live[0] ^ (ones & 1)), carry.eq(live[0] | (ones >> 1))]
    return [total, carry]

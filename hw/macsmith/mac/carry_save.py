"""A core whose product stays in two rows: the accumulator's adder is the only one."""

import os
from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import TypeVar

from amaranth import Cat, Const, Module, Signal, Value

from macsmith.arith.adders import add_columns
from macsmith.arith.cells import add_bits
from macsmith.mac.core import MacCore
from macsmith.spec import MacSpec, Mode

Spec = TypeVar("Spec", bound=MacSpec)

Heap = list[list[tuple[int, Value]]]
"""Bits by column, lowest first, each with its arrival in XOR delays."""


def compress(m: Module, name: str, heap: Heap, heights: Sequence[int], leaves: bool = True) -> Heap:
    """Add bits of a column until it has its height, earliest bits first; carries go up.

    Carries out of the top column are dropped.
    """
    columns = [list(column) for column in heap]
    cells = 0
    for (column, above), height in zip(pairwise([*columns, []]), heights, strict=True):
        while len(column) > height:
            column.sort(key=lambda entry: entry[0])
            count = min(3, len(column) - height + 1)
            taken, column[:count] = column[:count], []
            ready = max(arrival for arrival, _ in taken)
            total, carry = _add(m, f"{name}_{cells}", [bit for _, bit in taken], leaves)
            cells += 1
            column.append((ready + 2, total))
            above.append((ready + 1, carry))
    return columns


def _add(m: Module, name: str, bits: list[Value], leaves: bool) -> tuple[Value, Value]:
    if leaves:
        return add_bits(m, name, bits)
    total, carry = Signal(name=f"{name}_s"), Signal(name=f"{name}_co")
    a, b, *rest = bits
    if rest:
        half = Signal(name=f"{name}_h")
        m.d.comb += [
            half.eq(a ^ b),
            total.eq(half ^ rest[0]),
            carry.eq((a & b) | (half & rest[0])),
        ]
    else:
        m.d.comb += [total.eq(a ^ b), carry.eq(a & b)]
    return total, carry


class CarrySaveCore(MacCore[Spec]):
    @abstractmethod
    def heap(self, m: Module) -> Heap:
        """Return the product as a heap of `product_width` columns; signed: offset by half range"""

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        width = spec.product_width
        resolved = int(os.environ.get("K", "7"))
        heights = [1] * resolved + [2] * (width - resolved)
        columns = compress(m, "pp", self.heap(m), heights[:width])
        enables = {
            bit: enable
            for group, enable in zip(spec.product_groups, self.product_en, strict=True)
            for bit in group.bits
        }
        acc_enables = {
            bit: enable
            for group, enable in zip(spec.acc_groups, self.acc_en, strict=True)
            for bit in group.bits
        }
        low = {bit: spec.low_modes(bit) for bit in range(width)}
        addend: Heap = []
        bits = [[bit for _, bit in column] for column in columns]
        if spec.result_signed:
            top = bits[-1]
            bits[-1] = [~Cat(top).any()]
        for place, column in enumerate(bits):
            register = Signal(len(column), name=f"product_{place}", reset_less=True)
            with m.If(enables[place]):
                m.d.sync += register.eq(Cat(column))
            live = self.acc_when(low[place])
            addend.append([(0, bit & live) for bit in register])
        if spec.result_signed:
            addend += [addend[-1]] * spec.headroom
        acc = Signal(spec.acc_width, reset_less=True)
        clear: dict[frozenset[Mode], Value] = {}
        for place, bit in enumerate(acc):
            modes = low.get(place, frozenset(spec.modes))
            if modes not in clear:
                clear[modes] = Signal(name=f"keep_{len(clear)}")
                m.d.comb += clear[modes].eq(self.acc_when(modes) & ~self.first)
            column = (addend[place] if place < len(addend) else [])
            addend[place:place + 1] = [[*column, (1, bit & clear[modes])]]
        rows = compress(m, "acc", addend, [2] * len(addend), os.environ.get("LEAF") == "1")
        total, _ = add_columns(m, "acc", [[bit for _, bit in column] for column in rows], network=os.environ.get("N", "sklansky"))
        following = Signal(len(acc))
        m.d.comb += [following.eq(total), self.acc.eq(acc)]
        for group, enable in zip(spec.acc_groups, self.acc_en, strict=True):
            with m.If(enable):
                m.d.sync += Cat(acc[b] for b in group.bits).eq(Cat(following[b] for b in group.bits))
        return m

    def multiply(self, m: Module, product: Signal) -> Value:
        raise NotImplementedError

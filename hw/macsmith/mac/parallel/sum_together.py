"""Sum together: what the styles share that add all products of a beat into one accumulator.

    operands -> bits by column and mode -> two rows -> [product] -> three rows -> sum -> [acc]

The product register holds two rows instead of a sum, so that there is one carry-propagate adder,
the accumulator's. Its lowest columns, which are early, are added up before it.
"""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import NamedTuple, TypeVar

from amaranth import Cat, Const, Module, Signal, Value

from macsmith.arith.bit_heap import Rows
from macsmith.arith.compressor_tree import (
    Bit,
    Columns,
    compress,
    compress_as_planned,
    planned,
)
from macsmith.contract.modes import Mode
from macsmith.mac.core import ParallelCore
from macsmith.mac.parallel.halving import LevelsSpec


@dataclass(frozen=True, kw_only=True)
class SumTogetherSpec(LevelsSpec):
    """A style with one accumulator; a mode's sum may begin above the lowest product bit.

    The bits below are not clocked in that mode. A product column holds one or two bits, added at
    the next stage. With a signed result the product is offset by half its range, so that the
    rows never overflow and only the top column knows of the sign.
    """

    @abstractmethod
    def base(self, mode: Mode) -> int:
        """Return the lowest product bit that a mode uses."""

    @abstractmethod
    def sum_width(self, mode: Mode) -> int:
        """Return the bits of the sum of a beat's products, before the operands' alignment."""

    @property
    def product_width(self) -> int:
        return max(map(self.sum_width, self.modes))

    @property
    def acc_width(self) -> int:
        return self.product_width + self.headroom

    def acc_alive(self, mode: Mode) -> Iterable[int]:
        low = self.base(mode)
        return range(low, low + self.sum_width(mode) + self.headroom)

    def product_alive(self, mode: Mode) -> Iterable[int]:
        """Return the live product bits: the sum and, in place of multiplexers, its extension."""
        return [bit for bit in self.acc_alive(mode) if bit < self.product_width]

    def slot_source(self, mode: Mode) -> tuple[int, ...]:
        return tuple(self.acc_alive(mode))[-self.acc_bits(mode) :]

    def begun(self, bit: int) -> frozenset[Mode]:
        """Return the modes whose sums begin at ``bit`` or below."""
        return frozenset(mode for mode in self.modes if self.base(mode) <= bit)

    def reached(self, bit: int) -> frozenset[Mode]:
        """Return the modes whose accumulators reach up to ``bit``."""
        return frozenset(mode for mode in self.modes if bit in self.acc_alive(mode))

    @cached_property
    def acc_control_sets(self) -> tuple[frozenset[Mode], ...]:
        extension = range(self.product_width, self.acc_width if self.result_signed else 0)
        sets = [*map(self.begun, range(self.product_width)), *map(self.reached, extension)]
        return self.distinct(sets)

    def constant_bits(self, totals: Mapping[Mode, int]) -> dict[int, frozenset[Mode]]:
        """Return the ones of each mode's constant, half the range added, by column."""
        offset = 1 << (self.product_width - 1) if self.result_signed else 0
        columns: dict[int, frozenset[Mode]] = {}
        for bit in range(self.product_width):
            modes = frozenset(mode for mode, total in totals.items() if total + offset >> bit & 1)
            if modes:
                columns[bit] = modes
        return columns


class ModalBit(NamedTuple):
    """A bit of a column that counts in some modes.

    Members
    -------
    arrival:
        When it is known, in XOR delays.
    bit:
        Its value.
    modes:
        The modes in which it counts.
    rests:
        Whether it is zero in the other modes as it is.
    """

    arrival: float
    bit: Value
    modes: frozenset[Mode]
    rests: bool = False


Spec = TypeVar("Spec", bound=SumTogetherSpec)


class SumTogether(ParallelCore[Spec]):
    """Core with one accumulator and a product in carry-save form."""

    @abstractmethod
    def columns(self, m: Module) -> Sequence[Sequence[ModalBit]]:
        """Return the product's bits by column; a signed product is offset by half its range."""

    def multiply(self, m: Module) -> Rows:
        spec = self.spec
        heap = [self._share(m, f"pp_{k}", column) for k, column in enumerate(self.columns(m))]
        early = spec.product_width // 4
        self.compress(m, "pp", heap, [1] * early + [2] * (spec.product_width - early))
        if spec.result_signed:
            # The top bits are never up together; without the offset, -2^top is due if none is.
            top = Cat(bit.value for bit in heap[-1])
            latest = max((bit.arrival for bit in heap[-1]), default=0)
            heap[-1] = [Bit(latest + 1, ~top.any())]
        return Rows(tuple(map(tuple, heap)))

    def compress(self, m: Module, name: str, columns: Columns, heights: Sequence[int]) -> None:
        """Bring columns to their heights in place; no carry that counts leaves the top one."""
        spec = self.spec
        if spec.timing == "cells":
            stages = spec.compressor == "dadda"
            plan = planned(columns, heights, stages=stages, form=spec.full_adder)
            compress_as_planned(m, name, columns, plan)
        else:
            compress(m, name, columns, heights, wide=spec.compressor == "4:2")

    def _share(self, m: Module, name: str, column: Sequence[ModalBit]) -> list[Bit]:
        """Put bits that never count in the same mode on one wire, gated by their modes."""
        every = frozenset(self.spec.modes)
        shared = [Bit(entry.arrival, entry.bit) for entry in column if entry.modes == every]
        wires: list[list[ModalBit]] = []
        partial = [entry for entry in column if entry.modes != every]
        for entry in sorted(partial, key=lambda entry: (-len(entry.modes), entry.arrival)):
            free = (wire for wire in wires if all(not entry.modes & one.modes for one in wire))
            wire = next(free, None)
            if wire is None:
                wires.append([entry])
            else:
                wire.append(entry)
        for index, wire in enumerate(wires):
            signal = Signal(name=f"{name}_{index}")
            m.d.comb += signal.eq(reduce(or_, (self._gated(entry) for entry in wire)))
            shared.append(Bit(max(entry.arrival for entry in wire) + 1, signal))
        return shared

    def _gated(self, entry: ModalBit) -> Value:
        live = self.when(entry.modes)
        if isinstance(entry.bit, Const):
            return live
        return entry.bit if entry.rests else entry.bit & live

    def accumulate(self, m: Module, product: Rows, kept: Value) -> Value:
        """Add the product's rows to the accumulator; those below a mode's sum count as zero.

        Below its sum the accumulator keeps what it has, from which no carry comes.
        """
        spec = self.spec
        heap = self.heap(m, spec.acc_width, "acc")
        for place, bit in enumerate(kept):
            heap.add(bit, place, arrival=1)
            if place < len(product.columns):
                live = self.acc_when(spec.begun(place))
                for row in product.columns[place]:
                    heap.add(row.value & live, place, arrival=row.arrival)
            elif spec.result_signed:
                top = product.columns[-1][0]
                live = self.acc_when(spec.reached(place))
                heap.add(top.value & live, place, arrival=top.arrival)
        return heap.sum()

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

from macsmith.arith.compress import compress
from macsmith.arith.heap import Rows
from macsmith.mac.core import ParallelCore
from macsmith.mac.levels import LevelsSpec
from macsmith.spec import Mode


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

    def acc_source(self, mode: Mode) -> tuple[int, ...]:
        return tuple(self.acc_alive(mode))[-self.acc_bits(mode) :]

    def begun(self, bit: int) -> frozenset[Mode]:
        """Return the modes whose sums begin at ``bit`` or below."""
        return frozenset(mode for mode in self.modes if self.base(mode) <= bit)

    @cached_property
    def acc_control_sets(self) -> tuple[frozenset[Mode], ...]:
        return self.distinct(map(self.begun, range(self.product_width)))

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
    """A bit of a column that counts in some modes: arrival in XOR delays, value, modes."""

    arrival: int
    bit: Value
    modes: frozenset[Mode]


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
        heights = [1] * early + [2] * (spec.product_width - early)
        rows = [[bit for _, bit in column] for column in compress(m, "pp", heap, heights)]
        if spec.result_signed:
            # The top bits are never up together; without the offset, -2^top is due if none is.
            rows[-1] = [~Cat(rows[-1]).any()]
        return Rows(tuple(map(tuple, rows)))

    def _share(self, m: Module, name: str, column: Sequence[ModalBit]) -> list[tuple[int, Value]]:
        """Put bits that never count in the same mode on one wire, gated by their modes."""
        every = frozenset(self.spec.modes)
        shared = [(arrival, bit) for arrival, bit, modes in column if modes == every]
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
            shared.append((max(entry.arrival for entry in wire) + 1, signal))
        return shared

    def _gated(self, entry: ModalBit) -> Value:
        live = self.when(entry.modes)
        return live if isinstance(entry.bit, Const) else entry.bit & live

    def accumulate(self, m: Module, product: Rows, kept: Value) -> Value:
        """Add the product's rows to the accumulator; the bits below a mode's sum count as zero."""
        heap = self.heap(m, self.spec.acc_width, "acc")
        for place, bit in enumerate(kept):
            live = self.acc_when(self.spec.begun(place))
            heap.add(bit & live, place, arrival=1)
            if place < len(product.columns):
                for row in product.columns[place]:
                    heap.add(row & live, place)
            elif self.spec.result_signed:
                heap.add(product.columns[-1][0], place)
        return heap.sum()

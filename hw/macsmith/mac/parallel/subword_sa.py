"""Subword-parallel MAC, sum apart: one multiplier matrix cut along its diagonal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from amaranth import Cat, Module, Value

from macsmith.arith.bit_heap import BitHeap, Rows
from macsmith.arith.compressor_tree import Bit
from macsmith.contract.bit_routes import Source, msb_aligned
from macsmith.contract.modes import Mode
from macsmith.mac.core import ParallelCore
from macsmith.mac.parallel.halving import LevelsSpec

LATE = 6
"""Arrival of the carry from one slice to the next, in XOR delays: it has run through a slice."""


@dataclass(frozen=True, kw_only=True)
class SubwordSaSpec(LevelsSpec):
    """Multiplier gating: in low modes only the matrix blocks on the diagonal stay alive.

    Lane k multiplies activation k by weight k in its own block, and has its own accumulator. The
    accumulator is a chain of ``2^levels`` slices, each with product bits and guard bits; a lane
    spans the product bits of its slices and the guard bits of the last.
    DVAFS, Moons et al. (DATE 2017); Camus et al. (JETCAS 2019), "SWP SA".
    """

    summary = "one matrix cut into diagonal blocks, an accumulator each"

    def level(self, mode: Mode) -> int:
        """Return how often a mode halves both operands."""
        return min(self.act_level(mode), self.weight_level(mode))

    def element_products(self, mode: Mode) -> int:
        return 1 << self.level(mode)

    def element_slots(self, mode: Mode) -> int:
        return 1 << self.level(mode)

    def element_act_source(self, mode: Mode) -> tuple[Source, ...]:
        lane = self.act_width >> self.level(mode)
        return msb_aligned(self.element_products(mode), mode.act_bits, lane, self.act_width)

    def element_weight_source(self, mode: Mode) -> tuple[Source, ...]:
        lane = self.weight_width >> self.level(mode)
        return msb_aligned(self.element_products(mode), mode.weight_bits, lane, self.weight_width)

    @property
    def product_width(self) -> int:
        return self.act_width + self.weight_width

    @property
    def slice_width(self) -> int:
        """Product bits of an accumulator slice."""
        return self.product_width // self.digits

    @property
    def acc_width(self) -> int:
        return self.digits * (self.slice_width + self.guard)

    @property
    def guard(self) -> int:
        """Bits above the product bits of an accumulator slice."""
        return self.growth + self.headroom

    def lane_acc(self, mode: Mode, lane: int) -> list[int]:
        """Return the accumulator bits of a lane, lowest first."""
        per_lane = self.digits >> self.level(mode)
        pitch = self.slice_width + self.guard
        slices = range(lane * per_lane, (lane + 1) * per_lane)
        product = [part * pitch + bit for part in slices for bit in range(self.slice_width)]
        return product + [slices[-1] * pitch + self.slice_width + bit for bit in range(self.guard)]

    def acc_alive(self, mode: Mode) -> Iterable[int]:
        return [
            bit for lane in range(self.element_slots(mode)) for bit in self.lane_acc(mode, lane)
        ]

    def slot_source(self, mode: Mode) -> tuple[int, ...]:
        bits = self.acc_bits(mode)
        lanes = range(self.element_slots(mode))
        return tuple(bit for lane in lanes for bit in self.lane_acc(mode, lane)[-bits:])

    # Where lanes begin and end, as sets of modes.

    def same_lane(self, act_bit: int, weight_bit: int) -> frozenset[Mode]:
        """Return the modes in which two operand bits belong to one lane."""
        return frozenset(
            mode
            for mode in self.modes
            if act_bit // (self.act_width >> self.level(mode))
            == weight_bit // (self.weight_width >> self.level(mode))
        )

    def ends_lane(self, bit: int, width: int) -> frozenset[Mode]:
        """Return the modes in which ``bit`` of a word of ``width`` is the top of a lane."""
        return frozenset(
            mode for mode in self.modes if (bit + 1) % (width >> self.level(mode)) == 0
        )

    def negative(self, act_bit: int, weight_bit: int) -> frozenset[Mode]:
        """Return the modes in which a partial product lives and has negative weight."""
        act = self.ends_lane(act_bit, self.act_width) if self.act_signed else frozenset()
        weight = (
            self.ends_lane(weight_bit, self.weight_width) if self.weight_signed else frozenset()
        )
        return (act ^ weight) & self.same_lane(act_bit, weight_bit)

    def corrections(self) -> dict[int, frozenset[Mode]]:
        """Return the Baugh-Wooley ones, column by column, and the modes in which they are due.

        They make a signed lane's product offset-binary: it then fits its block, and no carry
        crosses to the next lane.
        """
        columns: dict[int, set[Mode]] = {}
        for mode in self.modes:
            level = self.level(mode)
            act, weight = self.act_width >> level, self.weight_width >> level
            for lane in range(1 << level):
                one = (self.weight_signed << (weight - 1)) + (self.act_signed << (act - 1))
                for bit in range(act + weight):
                    if one >> bit & 1:
                        columns.setdefault(lane * (act + weight) + bit, set()).add(mode)
        return {column: frozenset(modes) for column, modes in columns.items()}

    @cached_property
    def control_sets(self) -> tuple[frozenset[Mode], ...]:
        cells = [(i, j) for j in range(self.weight_width) for i in range(self.act_width)]
        sets = [self.same_lane(*cell) for cell in cells] + [self.negative(*cell) for cell in cells]
        sets += self.corrections().values()
        if self.result_signed:
            sets += [self.ends_lane(bit, self.product_width) for bit in range(self.product_width)]
        return self.distinct(sets)

    @property
    def resolved(self) -> int:
        """Product bits that are added up before their register, whole slices.

        In the lower half of the matrix a ripple keeps pace with the reduction.
        """
        return self.product_width if self.arith == "operators" else self.product_width // 2

    def resolved_end(self, bit: int) -> frozenset[Mode]:
        """Return the modes in which a bit below `resolved` is the sign of a lane's product."""
        signs = self.result_signed and bit < self.resolved
        return self.ends_lane(bit, self.product_width) if signs else frozenset()

    def offset_end(self, bit: int) -> frozenset[Mode]:
        """Return the modes in which a bit from `resolved` on is the top of a lane's product.

        Such a product stays offset-binary up to the accumulator, which subtracts the offset.
        """
        offset = self.result_signed and bit >= self.resolved
        return self.ends_lane(bit, self.product_width) if offset else frozenset()

    @cached_property
    def acc_control_sets(self) -> tuple[frozenset[Mode], ...]:
        return self.distinct(map(self.linked, range(1, self.digits)))

    def linked(self, part: int) -> frozenset[Mode]:
        """Return the modes in which slice ``part`` goes on with the lane of the slice below."""
        ends = self.ends_lane(part * self.slice_width - 1, self.product_width)
        return frozenset(self.modes) - ends


class SubwordSa(ParallelCore[SubwordSaSpec]):
    """Core of the subword-parallel MAC: gated blocks, and an accumulator with cut carries."""

    def multiply(self, m: Module) -> Rows:
        elements = [
            self._product(m, f"pp{index}", act, weight)
            for index, (act, weight) in enumerate(self.elements())
        ]
        return Rows(tuple(sum(columns, ()) for columns in zip(*elements, strict=True)))

    def _product(
        self, m: Module, name: str, act: Value, weight: Value
    ) -> Sequence[tuple[Bit, ...]]:
        """Return the columns of an element's product, the resolved ones with the right signs."""
        spec = self.spec
        heap = self.heap(m, spec.product_width, name, leaves=True)
        for j in range(spec.weight_width):
            for i in range(spec.act_width):
                alive, negative = spec.same_lane(i, j), spec.negative(i, j)
                heap.add(self.partial_product(act[i], weight[j], alive, negative), i + j)
        for column, modes in spec.corrections().items():
            heap.add_constant(1 << column, when=self.when(modes))
        columns = list(heap.rows(spec.resolved).columns)
        for place in range(spec.resolved):
            ((arrival, total),) = columns[place]
            flipped = total ^ self.when(spec.resolved_end(place))
            columns[place] = (Bit(arrival + 1, flipped),)
        return columns

    def accumulate(self, m: Module, product: Rows, kept: Value) -> Value:
        spec = self.spec
        words: list[Value] = []
        carries: list[Value] = []
        for part in range(spec.digits):
            old = kept.word_select(part, spec.slice_width + spec.guard)
            places = range(part * spec.slice_width, (part + 1) * spec.slice_width)
            new = product.columns[places.start : places.stop]
            heap = self.heap(m, spec.slice_width, f"slice{part}")
            heap.add_rows(Rows(new))
            heap.add_word(old[: spec.slice_width])
            offset = spec.offset_end(places[-1])
            # Each element's offset is half the range of a lane.
            excess = -spec.length << (spec.slice_width - 1)
            heap.add_constant(excess % (1 << spec.slice_width), when=self.acc_when(offset))
            linked = [carry & self.acc_when(spec.linked(part)) for carry in carries]
            total, carries = add_with_carries(heap, linked)
            words.append(total)
            if spec.guard:
                live = self.acc_when(frozenset(spec.modes) - spec.linked(part + 1))
                guard = self.heap(m, spec.guard, f"guard{part}")
                guard.add_word(old[spec.slice_width :])
                if offset:
                    guard.add_constant(excess >> spec.slice_width)
                elif spec.result_signed:
                    for sign in new[-1]:
                        guard.add_word((sign.value & live).replicate(spec.guard))
                words.append(add_with_carries(guard, [carry & live for carry in carries])[0])
        return Cat(words)


def add_with_carries(heap: BitHeap, carries: list[Value]) -> tuple[Value, list[Value]]:
    """Add carries of which the last is late; return the sum and the carries out of it."""
    for carry in carries[:-1]:
        heap.add(carry, 0)
    return heap.sum_and_carries(carries[-1] if carries else None, LATE)

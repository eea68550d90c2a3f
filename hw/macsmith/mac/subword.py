"""Subword-parallel MAC, sum apart: one multiplier matrix cut along its diagonal."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from amaranth import Cat, Const, Module, Signal, Value

from macsmith.arith.adders import add_words
from macsmith.arith.heap import BitHeap
from macsmith.mac.core import MacCore
from macsmith.mac.levels import LevelsSpec
from macsmith.spec import Mode, Source, msb_aligned


@dataclass(frozen=True, kw_only=True)
class SubwordSaSpec(LevelsSpec):
    """Multiplier gating: in low modes only the matrix blocks on the diagonal stay alive.

    Lane k multiplies activation k by weight k in its own block, and has its own accumulator. The
    accumulator is a chain of ``2^levels`` slices, each with product bits and headroom; a lane
    spans the product bits of its slices and the headroom of the last.
    DVAFS, Moons et al. (DATE 2017); Camus et al. (JETCAS 2019), "SWP SA".
    """

    summary = "one matrix cut into diagonal blocks, an accumulator each"

    def level(self, mode: Mode) -> int:
        """Return how often a mode halves both operands."""
        return min(self.act_level(mode), self.weight_level(mode))

    def products(self, mode: Mode) -> int:
        return 1 << self.level(mode)

    def slots(self, mode: Mode) -> int:
        return 1 << self.level(mode)

    def act_source(self, mode: Mode) -> tuple[Source, ...]:
        lane = self.act_width >> self.level(mode)
        return msb_aligned(self.products(mode), mode.act_bits, lane, self.act_width)

    def weight_source(self, mode: Mode) -> tuple[Source, ...]:
        lane = self.weight_width >> self.level(mode)
        return msb_aligned(self.products(mode), mode.weight_bits, lane, self.weight_width)

    @property
    def product_width(self) -> int:
        return self.act_width + self.weight_width

    @property
    def slice_width(self) -> int:
        """Product bits of an accumulator slice."""
        return self.product_width // self.digits

    @property
    def acc_width(self) -> int:
        return self.digits * (self.slice_width + self.headroom)

    def lane_acc(self, mode: Mode, lane: int) -> list[int]:
        """Return the accumulator bits of a lane, lowest first."""
        per_lane = self.digits >> self.level(mode)
        pitch = self.slice_width + self.headroom
        slices = range(lane * per_lane, (lane + 1) * per_lane)
        product = [part * pitch + bit for part in slices for bit in range(self.slice_width)]
        return product + [
            slices[-1] * pitch + self.slice_width + bit for bit in range(self.headroom)
        ]

    def acc_alive(self, mode: Mode) -> Iterable[int]:
        return [bit for lane in range(self.slots(mode)) for bit in self.lane_acc(mode, lane)]

    def acc_source(self, mode: Mode) -> tuple[int, ...]:
        bits = self.acc_bits(mode)
        lanes = range(self.slots(mode))
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

    @cached_property
    def acc_control_sets(self) -> tuple[frozenset[Mode], ...]:
        return self.distinct(map(self.linked, range(1, self.digits)))

    def linked(self, part: int) -> frozenset[Mode]:
        """Return the modes in which slice ``part`` goes on with the lane of the slice below."""
        ends = self.ends_lane(part * self.slice_width - 1, self.product_width)
        return frozenset(self.modes) - ends


class SubwordSa(MacCore[SubwordSaSpec]):
    """Core of the subword-parallel MAC: gated blocks, and an accumulator with cut carries."""

    def multiply(self, m: Module, product: Signal) -> Value:
        spec = self.spec
        heap = BitHeap(m, spec.product_width, "pp")
        for j in range(spec.weight_width):
            for i in range(spec.act_width):
                bit = self.act[i] & self.weight[j] & self.when(spec.same_lane(i, j))
                heap.add(bit ^ self.when(spec.negative(i, j)), i + j)
        for column, modes in spec.corrections().items():
            heap.add_constant(1 << column, when=self.when(modes))
        total = heap.sum()
        if not spec.result_signed:
            return total
        ends = (self.when(spec.ends_lane(bit, len(total))) for bit in range(len(total)))
        return total ^ Cat(*ends)

    def accumulate(self, m: Module, product: Value, kept: Value) -> Value:
        spec = self.spec
        slices: list[Value] = []
        carry: Value | None = None
        for part in range(spec.digits):
            old = kept.word_select(part, spec.slice_width + spec.headroom)
            new = product.word_select(part, spec.slice_width)
            carry_in = None if carry is None else carry & self.acc_when(spec.linked(part))
            low, carry = add_words(m, f"slice{part}", old[: spec.slice_width], new, carry_in)
            slices.append(low)
            if spec.headroom:
                sign = new[-1] if spec.result_signed else Const(0, 1)
                guard, _ = add_words(
                    m,
                    f"guard{part}",
                    old[spec.slice_width :],
                    sign.replicate(spec.headroom),
                    carry,
                )
                slices.append(guard)
        return Cat(slices)

"""Two-dimensional divide and conquer, sum together: small multipliers, shifted and added."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from amaranth import Cat, Module, Mux, Signal, Value

from macsmith.arith.adders import add_words
from macsmith.arith.heap import BitHeap, Rows
from macsmith.arith.products import add_product
from macsmith.mac.core import ParallelCore
from macsmith.mac.levels import LevelsSpec
from macsmith.spec import Mode, Source, msb_aligned

Range = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Dnc2dStSpec(LevelsSpec):
    """Add/shift gating: ``4^levels`` bricks multiply digits; a mode says how they are shifted.

    Brick (i, j) multiplies an activation digit by a weight digit. At full precision they are the
    digits i and j of one operand pair, and the brick counts ``2^(i pa + j pw)``. A mode that
    halves an operand drops the shifts across the cut, so that the same adders sum the products
    of more operand pairs. Lane k has its activations and weights at place k of their fields.
    Bit Fusion, Sharma et al. (ISCA 2018); Camus et al. (JETCAS 2019), "2D D&C ST".
    """

    summary = "bricks of digits shifted and added; both operands scale, products summed"

    def products(self, mode: Mode) -> int:
        return 1 << (self.act_level(mode) + self.weight_level(mode))

    def lane_widths(self, mode: Mode) -> tuple[int, int]:
        """Return the bits of an activation lane and of a weight lane."""
        return self.act_width >> self.act_level(mode), self.weight_width >> self.weight_level(mode)

    def act_source(self, mode: Mode) -> tuple[Source, ...]:
        width = max(self.products(other) * self.lane_widths(other)[0] for other in self.modes)
        return msb_aligned(self.products(mode), mode.act_bits, self.lane_widths(mode)[0], width)

    def weight_source(self, mode: Mode) -> tuple[Source, ...]:
        width = max(self.products(other) * self.lane_widths(other)[1] for other in self.modes)
        return msb_aligned(self.products(mode), mode.weight_bits, self.lane_widths(mode)[1], width)

    def lane_sum_width(self, mode: Mode) -> int:
        """Return the bits of the sum of a beat's products, before the operands' alignment."""
        return sum(self.lane_widths(mode)) + self.act_level(mode) + self.weight_level(mode)

    @property
    def product_width(self) -> int:
        return max(map(self.lane_sum_width, self.modes))

    @property
    def acc_width(self) -> int:
        return self.product_width + self.headroom

    def acc_alive(self, mode: Mode) -> Iterable[int]:
        return range(self.lane_sum_width(mode) + self.headroom)

    def product_alive(self, mode: Mode) -> Iterable[int]:
        """Return the live product bits: the sum and, in place of multiplexers, its extension."""
        return range(min(self.product_width, self.lane_sum_width(mode) + self.headroom))

    def acc_source(self, mode: Mode) -> tuple[int, ...]:
        top = self.lane_sum_width(mode) + self.headroom
        return tuple(range(top - self.acc_bits(mode), top))

    # Which digits a brick multiplies, their signs and their shifts, mode by mode.

    @property
    def digit_widths(self) -> tuple[int, int]:
        """Bits of an activation digit and of a weight digit."""
        return self.act_width // self.digits, self.weight_width // self.digits

    def lane_digits(self, mode: Mode) -> tuple[int, int]:
        """Return the digits of an activation lane and of a weight lane."""
        return self.digits >> self.act_level(mode), self.digits >> self.weight_level(mode)

    def brick_digits(self, i: int, j: int, mode: Mode) -> tuple[int, int]:
        """Return the places of the digits that brick (i, j) multiplies.

        Lanes are numbered so that a brick meets few different digits over the modes.
        """
        act, weight = self.lane_digits(mode)
        lane = (j // weight << self.act_level(mode)) + i // act
        return lane * act + i % act, lane * weight + j % weight

    def act_top(self, i: int) -> frozenset[Mode]:
        """Return the modes in which activation digits of brick row ``i`` carry a sign."""
        return frozenset(
            mode
            for mode in self.modes
            if self.act_signed and (i + 1) % self.lane_digits(mode)[0] == 0
        )

    def weight_top(self, j: int) -> frozenset[Mode]:
        """Return the modes in which weight digits of brick column ``j`` carry a sign."""
        return frozenset(
            mode
            for mode in self.modes
            if self.weight_signed and (j + 1) % self.lane_digits(mode)[1] == 0
        )

    def act_joined(self, span: int) -> frozenset[Mode]:
        """Return the modes whose activation lanes hold more than ``span`` digits."""
        return frozenset(mode for mode in self.modes if self.lane_digits(mode)[0] > span)

    def weight_joined(self, span: int) -> frozenset[Mode]:
        """Return the modes whose weight lanes hold more than ``span`` digits."""
        return frozenset(mode for mode in self.modes if self.lane_digits(mode)[1] > span)

    def digit_choices(self, i: int, j: int, operand: int) -> dict[int, frozenset[Mode]]:
        """Return the places that a brick takes its digit from, and in which modes."""
        choices: dict[int, set[Mode]] = {}
        for mode in self.modes:
            choices.setdefault(self.brick_digits(i, j, mode)[operand], set()).add(mode)
        return {place: frozenset(modes) for place, modes in choices.items()}

    @cached_property
    def control_sets(self) -> tuple[frozenset[Mode], ...]:
        digits = range(self.digits)
        spans = [1 << level for level in range(self.levels)]
        sets = [
            *map(self.act_joined, spans),
            *map(self.weight_joined, spans),
            *map(self.act_top, digits),
            *map(self.weight_top, digits),
            *(self.act_top(i) | self.weight_top(j) for i in digits for j in digits),
        ]
        for i in digits:
            for j in digits:
                for operand in range(2):
                    sets += self.digit_choices(i, j, operand).values()
        return self.distinct(sets)


@dataclass(frozen=True)
class Term:
    """A partial sum: its bits, its range in each mode, and the modes in which it has a sign."""

    bits: Signal
    ranges: dict[Mode, Range]
    signed: frozenset[Mode]


class Dnc2dSt(ParallelCore[Dnc2dStSpec]):
    """Core of the two-dimensional divide-and-conquer MAC: bricks, then a tree of shift-adds."""

    def multiply(self, m: Module) -> Rows:
        digits = range(self.spec.digits)
        act_digit, weight_digit = self.spec.digit_widths
        rows = []
        for i in digits:
            bricks = [self._brick(m, i, j) for j in digits]
            rows.append(self._fold(m, bricks, self.spec.weight_joined, weight_digit))
        total = self._fold(m, rows, self.spec.act_joined, act_digit)
        product = self._extended(total, self.spec.product_width)
        return Rows.of(product.as_signed() if self.spec.result_signed else product)

    def _extended(self, term: Term, width: int) -> Value:
        """Return a sum in ``width`` bits; its top bit is copied only where it is a sign."""
        missing = max(0, width - len(term.bits))
        sign = term.bits[-1] & self.when(term.signed)
        return Cat(term.bits, sign.replicate(missing))[:width]

    def _digit(self, word: Value, i: int, j: int, operand: int) -> Value:
        """Return the digit of ``word`` that brick (i, j) multiplies in the present mode."""
        width = self.spec.digit_widths[operand]
        choices = list(self.spec.digit_choices(i, j, operand).items())
        digit = word.word_select(choices[0][0], width)
        for place, modes in choices[1:]:
            digit = Mux(self.when(modes), word.word_select(place, width), digit)
        return digit

    def _brick(self, m: Module, i: int, j: int) -> Term:
        """Return the product of brick (i, j)."""
        spec = self.spec
        widths = spec.digit_widths
        act = Signal(widths[0], name=f"a_{i}{j}")
        weight = Signal(widths[1], name=f"w_{i}{j}")
        m.d.comb += [
            act.eq(self._digit(self.act, i, j, 0)),
            weight.eq(self._digit(self.weight, i, j, 1)),
        ]
        act_top, weight_top = spec.act_top(i), spec.weight_top(j)
        heap = BitHeap(m, sum(widths), f"brick_{i}{j}")
        add_product(
            heap, act, weight, act_sign=self.when(act_top), weight_sign=self.when(weight_top)
        )
        total = Signal(sum(widths), name=f"brick_{i}{j}")
        m.d.comb += total.eq(heap.sum())
        ranges = {}
        for mode in spec.modes:
            acts = _digit_range(widths[0], mode in act_top)
            weights = _digit_range(widths[1], mode in weight_top)
            corners = [a * w for a in acts for w in weights]
            ranges[mode] = min(corners), max(corners)
        return Term(total, ranges, act_top | weight_top)

    def _fold(
        self,
        m: Module,
        terms: list[Term],
        joined: Callable[[int], frozenset[Mode]],
        digit: int,
    ) -> Term:
        """Add neighbours, pair by pair; the upper one is shifted in modes that join the two."""
        span = 1
        while len(terms) > 1:
            pairs = zip(terms[::2], terms[1::2], strict=True)
            terms = [self._pair(m, low, high, joined(span), digit * span) for low, high in pairs]
            span *= 2
        return terms[0]

    def _pair(self, m: Module, low: Term, high: Term, joined: frozenset[Mode], shift: int) -> Term:
        ranges = {}
        for mode, (least, most) in high.ranges.items():
            scale = 1 << shift if mode in joined else 1
            ranges[mode] = low.ranges[mode][0] + least * scale, low.ranges[mode][1] + most * scale
        signed = low.signed | high.signed
        width = max(_bits(limits, mode in signed) for mode, limits in ranges.items())
        upper = self._extended(high, width)
        moved = Mux(self.when(joined), (upper << shift)[:width], upper)
        total = Signal(width, name=f"{low.bits.name}_sum")
        m.d.comb += total.eq(add_words(m, total.name, self._extended(low, width), moved)[0])
        return Term(total, ranges, signed)


def _digit_range(width: int, signed: bool) -> Range:
    return (-1 << (width - 1), (1 << (width - 1)) - 1) if signed else (0, (1 << width) - 1)


def _bits(limits: Range, signed: bool) -> int:
    """Return the bits that hold a range, in two's complement if it has a sign."""
    least, most = limits
    if not signed:
        return most.bit_length()
    return max((-least - 1).bit_length() if least < 0 else 0, most.bit_length()) + 1

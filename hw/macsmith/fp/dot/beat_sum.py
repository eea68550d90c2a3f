"""What the products of a beat add up to, or what they are before an accumulator joins them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from amaranth import Const, Module, Signal, Value, signed

from macsmith.arith.chosen_heap import heap_of
from macsmith.arith.maximum import maximum
from macsmith.arith.onehot_mux import any_of
from macsmith.fp.dot.lane import Product
from macsmith.fp.dot.ranges import NO_SCALE, exponent_base, greatest_term_exponent, term_bits
from macsmith.fp.dot.scaled_blocks import Factor, scaled_block
from macsmith.fp.dot.spec import FpDotSpec
from macsmith.fp.dot.stage import Held
from macsmith.fp.dot.window import Term
from macsmith.fp.number.exponent import Exponent
from macsmith.fp.number.kulisch_grid import add_to_grid

MOST_SCALE = 2 * NO_SCALE
"""The greatest sum of two scales of E8M0 that are numbers."""


@dataclass(frozen=True)
class Products:
    """The products of a beat.

    Members
    -------
    lanes
        Those of each lane, slot 0 first.
    scales
        For each group of lanes, the exponents of two scales added up, `NO_SCALE` for none; no
        groups if no point has such scales.
    factors
        What the sums of blocks are multiplied by, at the point whose scales are no powers of two.
    plain
        Whether products are added themselves, not their blocks.
    blocks
        Sums of blocks that have been multiplied.
    """

    lanes: Sequence[Sequence[Product]]
    scales: Sequence[Value]
    factors: Sequence[Factor]
    plain: Value
    blocks: Sequence[Product] = ()

    def held(self, stage: Held) -> "Products":
        """Return the same as a stage holds it."""
        return Products(
            [
                [stage.product(f"{lane}_{slot}", one) for slot, one in enumerate(slots)]
                for lane, slots in enumerate(self.lanes)
            ],
            [stage.register(f"scale{at}", one) for at, one in enumerate(self.scales)],
            [stage.factor(f"factor{at}", one) for at, one in enumerate(self.factors)],
            stage.register("plain", self.plain) if self.factors else self.plain,
            [stage.product(f"block{at}", one) for at, one in enumerate(self.blocks)],
        )

    def scaled(self, m: Module, spec: FpDotSpec) -> "Products":
        """Return products and multiplied blocks, of which those that are not asked for are zero."""
        point = spec.scaled_point
        assert point is not None
        size = len(self.lanes) // len(self.factors)
        blocks = []
        for index, scale in enumerate(self.factors):
            mine = self.lanes[index * size : (index + 1) * size]
            members = [pair for slots in mine for pair in enumerate(slots[: spec.slots(point)])]
            blocks.append(scaled_block(m, f"block{index}", spec, point, members, scale))
        lanes = [[one.only(self.plain) for one in slots] for slots in self.lanes]
        alone = len(spec.points) == 1
        return replace(self, lanes=[] if alone else lanes, factors=[], blocks=blocks)

    def exact(self, m: Module, spec: FpDotSpec) -> tuple[Signal, Exponent]:
        """Return the exact sum, and the exponent of its lowest bit."""
        heap = heap_of(m, spec, spec.grid_bits, "grid")
        # Exponent 0 is that of no term, and the bits of its word that lie below the grid no one's.
        lowest = spec.grid_lsb - exponent_base(spec)
        for name, one, bits in self._named(spec):
            below = lowest + len(one.word) - one.integer_bits
            add_to_grid(m, name, heap, one.word, one.negative, one.exponent, below, bits)
        total = Signal(signed(spec.grid_bits), name="grid_total")
        m.d.comb += total.eq(heap.sum())
        if not self.scales:
            return total, Exponent.constant(spec.grid_lsb)
        (scale,) = self.scales
        lsb = Exponent(scale, 0, MOST_SCALE).plus(m, "grid_lsb", spec.grid_lsb - NO_SCALE)
        return total, lsb

    def _named(self, spec: FpDotSpec) -> Iterator[tuple[str, Product, int]]:
        """Yield all terms, each with a name and the bits of its greatest number on the grid."""
        for lane, slots in enumerate(self.lanes):
            for slot, one in enumerate(slots):
                yield f"term{lane}_{slot}", one, term_bits(spec, slot)
        for index, one in enumerate(self.blocks):
            yield f"scaled{index}", one, spec.grid_bits - 1

    def aligned(self, m: Module, spec: FpDotSpec) -> tuple[list[Term], Exponent]:
        """Return all terms with their lags behind the greatest exponent, and that exponent."""
        parts = self._parts()
        highest = [
            maximum(m, f"group{index}_highest", [one.exponent for one in part])
            for index, part in enumerate(parts)
        ]
        base, most = exponent_base(spec), greatest_term_exponent(spec)
        if not self.scales:
            (top,) = highest
            return _lags(m, "term", parts[0], top), Exponent(top, 0, most).plus(m, "top", base)
        base, most = base - NO_SCALE, most + MOST_SCALE
        scales = [*self.scales, Const(NO_SCALE)]
        tops: list[Value] = []
        for index, (part, high, scale) in enumerate(zip(parts, highest, scales, strict=False)):
            # A group without a number has no say.
            some = Signal(name=f"group{index}_some")
            scaled = Signal(range(most + 1), name=f"group{index}_top")
            m.d.comb += some.eq(any_of([one.word.any() for one in part]))
            m.d.comb += scaled.eq((high + scale) & some.replicate(len(scaled)))
            tops.append(scaled)
        top = maximum(m, "groups", tops)
        terms = []
        for index, (part, high, mine) in enumerate(zip(parts, highest, tops, strict=True)):
            behind = Signal(len(top), name=f"group{index}_behind")
            m.d.comb += behind.eq(top - mine)
            terms += _lags(m, f"group{index}_term", part, high, behind)
        return terms, Exponent(top, 0, most).plus(m, "top", base)

    def _parts(self) -> list[list[Product]]:
        """Return the terms of each group of lanes, and multiplied blocks, which have none."""
        groups = len(self.scales) or 1
        size = len(self.lanes) // groups
        parts = [
            [one for slots in self.lanes[at * size : (at + 1) * size] for one in slots]
            for at in range(groups)
        ]
        if self.scales:
            return [*parts, list(self.blocks)] if self.blocks else parts
        return [[*parts[0], *self.blocks]]


def _lags(
    m: Module, name: str, products: Sequence[Product], highest: Value, behind: Value | None = None
) -> list[Term]:
    """Return products as terms, behind their group's greatest exponent and that of all."""
    terms = []
    for index, one in enumerate(products):
        width = len(highest) if behind is None else 1 + max(len(highest), len(behind))
        lag = Signal(width, name=f"{name}{index}_lag")
        own = Signal(len(highest), name=f"{name}{index}_own_lag")
        m.d.comb += own.eq(highest - one.exponent)
        m.d.comb += lag.eq(own if behind is None else own + behind)
        terms.append(Term(one.negative, one.word, lag, one.integer_bits))
    return terms

"""What the products of a beat add up to, or what they are before an accumulator joins them."""

from collections.abc import Sequence
from dataclasses import dataclass

from amaranth import Module, Signal, Value

from macsmith.arith.maximum import maximum
from macsmith.fp.exact_sum import exact_sum
from macsmith.fp.lane import Product
from macsmith.fp.ranges import NO_SCALE, Exponent, exponent_base, greatest_exponent, has_scales
from macsmith.fp.spec import FpDotSpec
from macsmith.fp.window import Term

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
    """

    lanes: Sequence[Sequence[Product]]
    scales: Sequence[Value]

    def exact(self, m: Module, spec: FpDotSpec) -> tuple[Signal, Exponent]:
        """Return their exact sum, and the exponent of its lowest bit."""
        total = exact_sum(m, spec, self.lanes)
        if not self.scales:
            return total, Exponent.constant(spec.grid_lsb)
        (scale,) = self.scales
        lsb = Exponent(scale, 0, MOST_SCALE).plus(m, "grid_lsb", spec.grid_lsb - NO_SCALE)
        return total, lsb

    def aligned(self, m: Module, spec: FpDotSpec) -> tuple[list[Term], Exponent]:
        """Return them with their lags behind the greatest exponent, and that exponent."""
        groups = len(self.scales) or 1
        size = len(self.lanes) // groups
        parts = [
            [product for lane in self.lanes[at : at + size] for product in lane]
            for at in range(0, len(self.lanes), size)
        ]
        greatest = [
            maximum(m, f"group{index}_greatest", [product.exponent for product in part])
            for index, part in enumerate(parts)
        ]
        base, most = exponent_base(spec), greatest_exponent(spec)
        if not self.scales:
            (top,) = greatest
            return _lags(m, "term", parts[0], top), Exponent(top, 0, most).plus(m, "top", base)
        return self._scaled(m, spec, parts, greatest)

    def _scaled(
        self, m: Module, spec: FpDotSpec, parts: Sequence[list[Product]], greatest: Sequence[Value]
    ) -> tuple[list[Term], Exponent]:
        """Return the same of groups whose scales differ: a group without a number has no say."""
        base, most = exponent_base(spec) - NO_SCALE, greatest_exponent(spec) + MOST_SCALE
        tops = []
        for index, (part, high, scale) in enumerate(zip(parts, greatest, self.scales, strict=True)):
            top = Signal(range(most + 1), name=f"group{index}_top")
            some = Signal(name=f"group{index}_some")
            m.d.comb += some.eq(_any_number(part))
            m.d.comb += top.eq((high + scale) & some.replicate(len(top)))
            tops.append(top)
        top = maximum(m, "groups", tops)
        terms = []
        for index, (part, high, mine) in enumerate(zip(parts, greatest, tops, strict=True)):
            behind = Signal(len(top), name=f"group{index}_behind")
            m.d.comb += behind.eq(top - mine)
            terms += _lags(m, f"group{index}_term", part, high, behind if len(tops) > 1 else None)
        return terms, Exponent(top, 0, most).plus(m, "top", base)


def _any_number(products: Sequence[Product]) -> Value:
    """Return whether a product is not zero."""
    found: Value = products[0].word.any()
    for product in products[1:]:
        found = found | product.word.any()
    return found


def _lags(
    m: Module, name: str, products: Sequence[Product], greatest: Value, behind: Value | None = None
) -> list[Term]:
    """Return products as terms, behind their group's greatest exponent and that of all groups."""
    terms = []
    for index, product in enumerate(products):
        width = len(greatest) if behind is None else 1 + max(len(greatest), len(behind))
        lag = Signal(width, name=f"{name}{index}_lag")
        own = greatest - product.exponent
        m.d.comb += lag.eq(own if behind is None else own + behind)
        terms.append(Term(product.negative, product.word, lag))
    return terms

"""Beats taken apart: which bits of the payload are the numbers of a lane, which its scales."""

from collections.abc import Iterator, Sequence

from amaranth import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data

from macsmith.arith.onehot_mux import Bit, any_of
from macsmith.fp.dot.beat_sum import NO_SCALE, Products
from macsmith.fp.dot.lane import Lane, Product
from macsmith.fp.dot.points import DotPoint
from macsmith.fp.dot.ranges import has_scales
from macsmith.fp.dot.scaled_blocks import Factor, factor
from macsmith.fp.dot.spec import FpDotSpec
from macsmith.fp.number.specials import Specials
from macsmith.fp.number.unpack import chosen

LANE = "macsmith_lane"
"""The module of a lane, where it is instantiated by name."""


def facts_of(
    m: Module, lanes: Sequence[Sequence[Product]], lost: Sequence[Value] = ()
) -> tuple[Specials, Value]:
    """Return what is no number among the products of a beat, and whether all are negative.

    Parameters
    ----------
    lost:
        What makes the sum NaN besides.
    """
    products = [product for slots in lanes for product in slots]
    terms = [(one.nan, one.inf, one.negative) for one in products]
    specials = Specials.of(m, "beat", [*terms, *((nan, Const(0, 1), nan) for nan in lost)])
    negative = Signal(name="beat_all_negative")
    m.d.comb += negative.eq(~any_of([~product.negative for product in products]))
    return specials, negative


class Operands:
    """The operands of a beat.

    Parameters
    ----------
    lane:
        What lanes are instances of, by the name `LANE`.
    lines:
        One line a point, one of them up.
    beat:
        The payload.
    """

    def __init__(
        self, m: Module, spec: FpDotSpec, lane: Lane, lines: Sequence[Value], beat: data.View
    ) -> None:
        self.m, self.spec, self.lane, self.lines, self.beat = m, spec, lane, lines, beat

    def products(self) -> tuple[Products, Specials, Value]:
        """Return the products, what is no number among them, and whether all are negative."""
        m, spec = self.m, self.spec
        lines = Signal(len(self.lines), name="lines")
        m.d.comb += lines.eq(Cat(self.lines))
        lanes = [
            self.lane.connected(
                m, LANE, f"lane{number}", line=lines, a=self._codes("a", number),
                b=self._codes("b", number),
            )
            for number in range(spec.products)
        ]  # fmt: skip
        scales, factors = list(self._scales()), list(self._factors())
        lost = [*(nan for _, nan in scales), *(one.nan for one in factors)]
        specials, negative = facts_of(m, lanes, lost)
        products = Products(lanes, [scale for scale, _ in scales], factors, self._others())
        return products, specials, negative

    def _factors(self) -> Iterator[Factor]:
        """Yield the factors of the blocks whose scales are no powers of two."""
        point = self.spec.scaled_point
        if point is None:
            return
        line = self.lines[self.spec.points.index(point)]
        for block in range(self.spec.blocks(point)):
            codes = [self.beat[side].word_select(block, 8) for side in ("scale_a", "scale_b")]
            yield factor(self.m, f"factor{block}", self.spec, point, line, codes)

    def _others(self) -> Value:
        """Return whether products are terms themselves, rather than their blocks."""
        point = self.spec.scaled_point
        if point is None:
            return Const(1, 1)
        return ~Value.cast(self.lines[self.spec.points.index(point)])

    def _codes(self, side: str, lane: int) -> Value:
        """Return the codes of a lane, from where they lie at the point."""
        word, width = self.beat[side], getattr(self.spec, f"{side}_width")
        choices: list[list[Bit]] = []
        for point in self.spec.points:
            size = (point.a if side == "a" else point.b).width * self.spec.slots(point)
            choices.append([*word.word_select(lane, size), *[0] * (width - size)])
        return chosen(self.m, f"lane{lane}_{side}", self.lines, choices)

    def _scales(self) -> Iterator[tuple[Value, Value]]:
        """Yield for each group of lanes the sum of its scales of E8M0, and whether one is NaN."""
        spec, m = self.spec, self.m
        if not has_scales(spec, "mx"):
            return
        scaled = [_mx_blocks(spec, point) for point in spec.points]
        groups = max(scaled)
        for group in range(groups):
            total: Value = Signal(range(2 * NO_SCALE + 3), name=f"scale{group}")
            nan = Signal(name=f"scale{group}_nan")
            sums: list[Value] = []
            lost: list[Value] = []
            for line, blocks in zip(self.lines, scaled, strict=True):
                if not blocks:
                    continue
                pair = [
                    self.beat[side].word_select(group * blocks // groups, 8)
                    for side in ("scale_a", "scale_b")
                ]
                one = Signal(9, name=f"scale{group}_of{len(sums)}")
                m.d.comb += one.eq(pair[0] + pair[1])
                sums.append(one & line.replicate(9))
                lost.append(line & (pair[0].all() | pair[1].all()))
            mine = any_of([line for line, blocks in zip(self.lines, scaled, strict=True) if blocks])
            m.d.comb += [nan.eq(any_of(lost)), total.eq(Mux(mine, any_of(sums), NO_SCALE))]
            yield total, nan


def _mx_blocks(spec: FpDotSpec, point: DotPoint) -> int:
    return spec.blocks(point) if point.scale is not None and point.scale.name == "mx" else 0

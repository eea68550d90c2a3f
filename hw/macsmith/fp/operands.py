"""Beats taken apart: which bits of the payload are the numbers of a lane, which its scales."""

from collections.abc import Iterator, Sequence

from amaranth import Module, Mux, Signal, Value
from amaranth.lib import data

from macsmith.arith.onehot_mux import any_of
from macsmith.fp.beat_sum import NO_SCALE, Products
from macsmith.fp.lane import Lane
from macsmith.fp.points import DotPoint
from macsmith.fp.ranges import has_scales
from macsmith.fp.specials import Specials
from macsmith.fp.spec import FpDotSpec


class Operands:
    """The operands of a beat.

    Parameters
    ----------
    lines:
        One line a point, one of them up.
    beat:
        The payload.
    """

    def __init__(
        self, m: Module, spec: FpDotSpec, lines: Sequence[Value], beat: data.View
    ) -> None:
        self.m, self.spec, self.lines, self.beat = m, spec, lines, beat

    def products(self) -> tuple[Products, Specials, Value]:
        """Return the products, what is no number among them, and whether all are negative."""
        m, spec = self.m, self.spec
        lanes = [
            Lane(
                m, f"lane{lane}", spec, self.lines, list(self._codes("a", lane)),
                list(self._codes("b", lane)),
            ).products()
            for lane in range(spec.products)
        ]  # fmt: skip
        all_products = [product for products in lanes for product in products]
        scales = list(self._scales())
        terms = [(one.nan, one.inf, one.negative) for one in all_products]
        lost = [(nan, nan, nan) for _, nan in scales]
        specials = Specials.of(m, "beat", [*terms, *lost])
        negative = Signal(name="beat_all_negative")
        m.d.comb += negative.eq(~any_of([~product.negative for product in all_products]))
        return Products(lanes, [scale for scale, _ in scales]), specials, negative

    def _codes(self, side: str, lane: int) -> Iterator[list[Value]]:
        """Yield for each point the codes of a lane."""
        word = self.beat[side]
        for point in self.spec.points:
            width = (point.a if side == "a" else point.b).width
            slots = self.spec.slots(point)
            yield [word.word_select(lane * slots + slot, width) for slot in range(slots)]

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
            sums, lost = [], []
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

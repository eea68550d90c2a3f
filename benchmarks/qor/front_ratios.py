"""Two fronts of area and period beside each other: ratios below 1 are better."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

MARGIN = 1.1
"""How far the corner from which hypervolumes are counted lies beyond the worst of both fronts."""


class Point(NamedTuple):
    """A netlist: what it is, its area and period, and the parameters of its unit."""

    netlist: str
    area: float
    period: float
    parameters: Mapping[str, Any] = {}

    @property
    def product(self) -> float:
        """Area x period."""
        return self.area * self.period


class Ratios(NamedTuple):
    """Ours over theirs.

    Members
    -------
    min_period, min_area, product:
        Of the least period, the least area and the least area x period of each.
    hypervolume:
        Theirs over ours: of the area below a common corner that a front covers.
    """

    min_period: float
    min_area: float
    product: float
    hypervolume: float


def ratios_of(ours: Sequence[Point], theirs: Sequence[Point]) -> Ratios:
    """Return the ratios of two fronts."""
    least = (
        _least(ours, theirs, "period"), _least(ours, theirs, "area"),
        _least(ours, theirs, "product"),
    )  # fmt: skip
    both = [*ours, *theirs]
    corner = MARGIN * max(one.area for one in both), MARGIN * max(one.period for one in both)
    return Ratios(*least, hypervolume(theirs, corner) / hypervolume(ours, corner))


def _least(ours: Sequence[Point], theirs: Sequence[Point], what: str) -> float:
    one, other = (min(float(getattr(point, what)) for point in side) for side in (ours, theirs))
    return one / other


def hypervolume(points: Sequence[Point], corner: tuple[float, float]) -> float:
    """Return the area between points and a corner that is worse than all of them.

    >>> hypervolume([Point("", 1, 3), Point("", 2, 1)], (4, 4))
    7.0
    """
    area, longest = corner
    total = 0.0
    for point in sorted(points, key=lambda one: one.period):
        if point.area < area:
            total += (area - point.area) * (longest - point.period)
            area = point.area
    return float(total)

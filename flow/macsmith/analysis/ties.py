"""Which differences between two designs say something."""

from collections.abc import Callable, Sequence

from macsmith.analysis.metrics import figures
from macsmith.records.in_units import period
from macsmith.records.record import Record
from macsmith.records.selection import product

NOISE = 0.05
"""Differences of area, period and what follows from them below this share may be the mapper's."""

ENERGY_NOISE = 0.15
"""Differences of energy below this share say nothing of two designs."""


def noise_of(metric: str) -> float:
    """Return the share below which differences of a metric say nothing."""
    return ENERGY_NOISE if metric == "energy" else NOISE


def noise_said(records: Sequence[Record]) -> str:
    """Return by what differences between records are judged, as the end of a sentence."""
    made = {int(record["spread"]["netlists"][0]) for record in records if record["spread"]}
    if made and all(record["spread"] for record in records):
        return f"the spreads of {max(made)} netlists overlap"
    return f"less than {NOISE:.0%} apart, of energies {ENERGY_NOISE:.0%}"


def is_tie(one: Record, other: Record, metric: str) -> bool:
    """Say whether two records differ in a metric by no more than netlists of one design do.

    Where both have a spread (`macsmith.analysis.netlist_spread`) these must overlap; else the
    stated noise decides.

    Parameters
    ----------
    metric:
        One of `macsmith.analysis.metrics`, of which both have a figure.
    """
    ranges = [_range(record, metric) for record in (one, other)]
    if all(ranges):
        (low, high), (other_low, other_high) = (found or (0.0, 0.0) for found in ranges)
        return low <= other_high and other_low <= high
    mine, theirs = (abs(figures(record)[metric] or 0.0) for record in (one, other))
    return abs(mine - theirs) < noise_of(metric) * min(mine, theirs)


def is_as_good(one: Record, cost: float, other: Record, least: float, metric: str) -> bool:
    """Say whether a cost may be as little as another, by the spreads of the designs or by noise.

    Parameters
    ----------
    one, other:
        Records of the designs: their spreads count in proportion, whatever netlists the costs are
        of.
    metric:
        Of which there should be little: ``energy`` or ``area``.
    """
    spreads = [record["spread"].get(metric) for record in (one, other)]
    if all(spreads):
        mine, theirs = ((low, high) for low, high in filter(None, spreads))
        low = cost * mine[0] / (figures(one)[metric] or 1.0)
        return low <= least * theirs[1] / (figures(other)[metric] or 1.0)
    return cost < (1 + noise_of(metric)) * least


_FALLS_WITH: dict[str, tuple[str, Callable[[Record], float]]] = {
    "rate": ("period", period),
    "density": ("product", product),
}
"""Metrics that fall as another figure grows: the name of its spread, and the figure itself."""


def _range(record: Record, metric: str) -> tuple[float, float] | None:
    """Return the least and the greatest figure of a record's netlists, if there are several."""
    spread = record["spread"]
    key, now = _FALLS_WITH.get(metric, (metric, None))
    if key not in spread:
        return None
    low, high = spread[key]
    if now is None:
        return low, high
    scale = (figures(record)[metric] or 0.0) * now(record)
    return scale / high, scale / low

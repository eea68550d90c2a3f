"""Which conclusions of a comparison depend on what is only modelled: wires and the clock tree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from macsmith.analysis.metrics import figures, merit
from macsmith.analysis.ties import is_tie
from macsmith.library.technology import WIRES, Technology
from macsmith.library.wire_models import under
from macsmith.records.record import Record
from macsmith.records.selection import smallest_product

METRICS = ("period", "density", "energy")
"""Metrics that wires or a clock tree can move; area is a sum of cells."""


@dataclass(frozen=True)
class Flip:
    """Two units that change places.

    Members
    -------
    ratios:
        The first unit's figure over the second's, by conditions; both sides of 1.
    ties:
        The conditions under which they are level.
    """

    boundary: str
    point: str
    metric: str
    units: tuple[str, str]
    ratios: Mapping[str, float]
    ties: tuple[str, ...]


def variants(technology: Technology) -> dict[str, Technology]:
    """Return a library under all models of wires, without and with a clock tree, by their names.

    Models that come out the same are there once; the library as it is given is the first.
    """
    found: dict[tuple[str, bool], Technology] = {}
    kinds = ["none", "library"] if technology.embedded else [*WIRES]
    for wires in (technology.conditions.wires, *kinds):
        for tree in (False, True):
            conditions = replace(technology.conditions, wires=wires, clock_tree=tree)
            one = under(technology, conditions)
            found.setdefault((one.wires.name, tree), one)
    return {f"wires: {wires}" + ", clock tree" * tree: one for (wires, tree), one in found.items()}


def flips(records: Mapping[str, Sequence[Record]]) -> list[Flip]:
    """Return the pairs of units that change places from one of the conditions to another.

    Of each unit the netlist of least area x period under these conditions counts. A difference
    that is a tie puts no unit before the other.

    Parameters
    ----------
    records:
        Of the same units on one library, by conditions.
    """
    by_place: dict[tuple[str, str], dict[str, dict[str, Record]]] = {}
    for name, mine in records.items():
        for record in smallest_product(mine):
            place = record["boundary"], str(record["point"])
            by_place.setdefault(place, {}).setdefault(name, {})[record["unit"]] = record
    found = []
    for (boundary, point), of_units in by_place.items():
        units = list(dict.fromkeys(unit for mine in of_units.values() for unit in mine))
        for metric in METRICS:
            for pair in combinations(units, 2):
                flip = _flip(boundary, point, metric, pair, of_units)
                if flip is not None:
                    found.append(flip)
    return found


def _flip(
    boundary: str,
    point: str,
    metric: str,
    pair: tuple[str, str],
    records: Mapping[str, Mapping[str, Record]],
) -> Flip | None:
    """Return a pair if it changes places."""
    ratios: dict[str, float] = {}
    ties = []
    for name, of_units in records.items():
        if not all(unit in of_units for unit in pair):
            continue
        one, other = (of_units[unit] for unit in pair)
        first, second = figures(one)[metric], figures(other)[metric]
        if first is None or second is None:
            continue
        ratios[name] = first / second
        if is_tie(one, other, metric):
            ties.append(name)
    sides = {ratio > 1 for name, ratio in ratios.items() if name not in ties}
    if len(sides) < 2:
        return None
    return Flip(boundary, point, metric, pair, ratios, tuple(ties))


def title_of(metric: str) -> str:
    """Return what a metric is called, whatever its unit."""
    return merit(metric, physical=True).name

"""What is compared at equal throughput: units that do the same, their netlists, the targets."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from macsmith.analysis.throughput.netlist_choice import (
    VIEWS,
    Choice,
    View,
    useful_density,
    useful_rate,
)
from macsmith.records.energies import energy
from macsmith.records.record import Record
from macsmith.records.selection import of_first_stimulus, unit_of, values

A_DECADE = 10
"""Targets a decade."""


@dataclass(frozen=True)
class Contest:
    """Units that are asked to do the same, cut at one boundary, on one library.

    Members
    -------
    units
        The records of each unit's netlists.
    """

    tech: str
    boundary: str
    point: str | None
    operation: str
    units: Mapping[str, Sequence[Record]]

    def choices(self, view: View, target: float) -> dict[str, Choice]:
        """Return the best choice of each unit that reaches a target."""
        found = {}
        for unit, records in self.units.items():
            able = filter(None, (view.reach(record, target) for record in records))
            costs = [(cost, one) for one in able if (cost := view.cost(one)) is not None]
            if costs:
                _, found[unit] = min(costs, key=lambda pair: pair[0])
        return found

    def least(self, view: View, target: float) -> str | None:
        """Return the unit that takes least, the first of several; None if none reaches it."""
        costs = self.costs(view, target)
        return min(costs, key=lambda unit: costs[unit]) if costs else None

    def of_spread(self, unit: str) -> Record:
        """Return the record of a unit that has a spread, or its first if none has one."""
        records = self.units[unit]
        return next((record for record in records if record["spread"]), records[0])

    def costs(self, view: View, target: float) -> dict[str, float]:
        """Return what each unit takes that reaches a target."""
        costs = {unit: view.cost(one) for unit, one in self.choices(view, target).items()}
        return {unit: cost for unit, cost in costs.items() if cost is not None}


def contests(records: Sequence[Record]) -> list[Contest]:
    """Return what there is to compare, of the first stimulus, in the order of the records."""
    found: dict[tuple[str, str, str | None, str], dict[tuple[str, str], list[Record]]] = {}
    for record in of_first_stimulus(records):
        place = record["tech"], record["boundary"], record["point"], record["operation"]
        found.setdefault(place, {}).setdefault(unit_of(record), []).append(record)
    return [Contest(*place, _named(units)) for place, units in found.items()]


def _named(units: Mapping[tuple[str, str], Sequence[Record]]) -> dict[str, Sequence[Record]]:
    """Return units by their names, with their parameters where several have one name."""
    names = Counter(name for name, _ in units)
    return {
        name if names[name] == 1 else f"{name} {parameters}": records
        for (name, parameters), records in units.items()
    }


def leading(records: Sequence[Record]) -> str:
    """Return the boundary that a comparison leads with: where most netlists have energies."""
    places = values(records, "boundary")
    known = Counter(record["boundary"] for record in records if energy(record) is not None)
    return max(places, key=lambda place: known[place])


def decades(records: Sequence[Record], view: View) -> tuple[float, float]:
    """Return the powers of ten between which all netlists have their fastest rates or densities."""
    figure = {"rate": useful_rate, "density": useful_density}[view.across]
    known = [math.log10(found) for record in records if (found := figure(record))]
    low, high = math.floor(min(known)), math.ceil(max(known))
    return 10.0**low, 10.0 ** max(high, low + 1)


def targets_in(low: float, high: float) -> list[float]:
    """Return targets at equal ratios, both ends among them."""
    steps = max(1, round(A_DECADE * math.log10(high / low)))
    return [*(low * (high / low) ** (step / steps) for step in range(steps)), high]


def comparisons(
    records: Sequence[Record], bounds: tuple[float, float] | None = None
) -> Iterator[tuple[Contest, View, list[float]]]:
    """Yield every contest by every view that its records have figures for, and its targets.

    Contests of the same operation at a boundary on a library have the same targets; to those per
    area come the greatest of each unit, where its netlist of least area x period stands.
    """
    of_place: dict[tuple[str, str, str], list[Contest]] = {}
    for contest in contests(records):
        place = contest.tech, contest.boundary, contest.operation
        of_place.setdefault(place, []).append(contest)
    for mine in of_place.values():
        netlists = [record for one in mine for unit in one.units.values() for record in unit]
        for view in VIEWS:
            given = bounds if view.across == "rate" else None
            targets = targets_in(*(given or decades(netlists, view)))
            for contest in mine:
                own = [] if view.across == "rate" else _greatest(contest)
                every = sorted({*targets, *own})
                if any(contest.choices(view, target) for target in every):
                    yield contest, view, every


def _greatest(contest: Contest) -> Iterator[float]:
    """Yield the greatest density of each unit, of its netlists with energies if some have them."""
    for records in contest.units.values():
        known = [record for record in records if energy(record) is not None] or records
        if found := [most for record in known if (most := useful_density(record))]:
            yield max(found)

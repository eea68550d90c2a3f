"""What the figures of MACs allow to conclude: spreads, what depends on a model, orderings."""

from collections.abc import Mapping, Sequence
from typing import cast

from macsmith.analysis.netlist_spread import FIGURES
from macsmith.analysis.published.verdicts import Verdict, verdicts
from macsmith.analysis.sensitivity import flips, title_of, variants
from macsmith.catalog.catalog import REFERENCE
from macsmith.figures.docs_page import LibraryRun, Measured, MeasuredRegion, Records, Shown
from macsmith.figures.macs.mac_records import (
    COMPARISON,
    CORE,
    NETLISTS,
    UNIT,
    at,
    best,
    by_unit,
    default_units,
)
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.library.technology import Technology
from macsmith.records.record import Record
from macsmith.report.terminal.changed_places import ratio_in
from macsmith.report.terminal.units import TIE


def spreads(runs: Sequence[LibraryRun]) -> Shown:
    """Return how far the figures of each unit move at full precision, greatest over least."""
    rows = []
    for run in runs:
        units = by_unit(at(run.records, UNIT))
        for name, mine in units.items():
            spread = next(iter(mine.values()))["spread"]
            moved = (spread[figure] for figure in FIGURES)
            rows.append([run.library, f"`{name}`", *(f"{b / a - 1:.1%}" for a, b in moved)])
    head = ["library", "unit", *("area x period" if one == "product" else one for one in FIGURES)]
    what = f"Greatest over least of {NETLISTS} netlists; energy at full precision."
    return Shown(f"{table(head, rows, 2)}\n\n{what} {made(runs, 'Unit boundary')}")


def conditioned(tech: Technology) -> Records:
    """Measure all units under each model of wires, without and with a clock tree."""
    plan = EnergyPlan(boundaries=(UNIT,))
    return [
        record | {"conditions": name}
        for name, one in variants(tech).items()
        for record in best(one, default_units(), plan, UNIT)
    ]


def sensitive(runs: Sequence[LibraryRun]) -> Shown:
    """Return the pairs of units that change places."""
    by_conditions: dict[str, list[Record]] = {}
    for record in runs[0].records:
        by_conditions.setdefault(record["conditions"], []).append(cast(Record, record))
    names = list(by_conditions)
    found = flips(by_conditions)
    rows = [
        [
            flip.point, title_of(flip.metric), " / ".join(f"`{unit}`" for unit in flip.units),
            *(ratio_in(flip, name) for name in names),
        ]
        for flip in found
    ]  # fmt: skip
    asked = f"{len(names)} conditions: " + "; ".join(
        f"{k}, {name}" for k, name in enumerate(names, 1)
    )
    body = table(["mode", "metric", "units", *map(str, range(1, len(names) + 1))], rows, 3)
    told = body if rows else "No two units change places."
    what = f"{asked}. The first unit's figure over the second's; {TIE} a tie."
    return Shown(f"{told}\n\n{what} {made(runs[:1], 'Unit boundary')}")


def orderings(runs: Sequence[LibraryRun]) -> Shown:
    """Return whether each published ordering holds, on each library and at both boundaries."""
    judged = {
        (run.library, place): verdicts([cast(Record, one) for one in at(run.records, place)], place)
        for run in runs
        for place in (CORE, UNIT)
    }
    rows, remarks = [], []
    for number, first in enumerate(next(iter(judged.values()))):
        mine = {key: found[number] for key, found in judged.items()}
        results = (
            ", ".join(dict.fromkeys(mine[run.library, place].result for place in (CORE, UNIT)))
            for run in runs
        )
        claim = first.ordering.claim
        rows.append([claim, first.ordering.published, *results])
        if said := _by_remark(mine):
            remarks.append(f"- {claim.rstrip('.')}: {said}.")
    head = ["published", "figure", *(run.library for run in runs)]
    what = (
        "Verdicts are of the core, and of the unit boundary if that is another. A tie has a pair "
        f"of units that are level. Figures are relative to `{REFERENCE}` in the published mode; at "
        "the core, as published, without a spread: differences below the stated noise are ties."
    )
    told = "\n".join(["Why not:", "", *remarks, ""]) if remarks else ""
    ours = f"Ours, least and greatest over the libraries:\n\n{_ranges(judged)}"
    return Shown(
        f"{table(head, rows, len(head))}\n\n{told}\n{ours}\n\n"
        f"{what} {made(runs, 'Both boundaries')}"
    )


def _ranges(judged: Mapping[tuple[str, str], Sequence[Verdict]]) -> str:
    """Return a table of each unit's least and greatest figure over that of the reference."""
    found: dict[str, dict[str, list[float]]] = {}
    for (_, place), mine in judged.items():
        seen: dict[str, dict[str, float]] = {}
        for verdict in mine:
            what = f"{title_of(verdict.ordering.metric)} at {verdict.ordering.mode}, {place}"
            seen[what] = seen.get(what, {}) | verdict.ours
        for what, ours in seen.items():
            for unit, ratio in ours.items():
                found.setdefault(what, {}).setdefault(unit, []).append(ratio)
    units = dict.fromkeys(unit for ours in found.values() for unit in ours if unit != REFERENCE)
    rows = [
        [f"`{unit}`", *(_range(ours.get(unit, [])) for ours in found.values())] for unit in units
    ]
    return table(["", *found], rows)


def _range(ratios: Sequence[float]) -> str:
    least, most = (f"{pick(ratios):.2f}" if ratios else "" for pick in (min, max))
    return least if least == most else f"{least} to {most}"


def _by_remark(found: Mapping[tuple[str, str], Verdict]) -> str:
    """Return the remarks of verdicts by library and boundary, each with those that it is of."""
    where: dict[str, dict[str, list[str]]] = {}
    for (library, place), verdict in found.items():
        for remark in verdict.remarks:
            where.setdefault(remark, {}).setdefault(place, []).append(library)
    return "; ".join(
        f"{remark} ({'; '.join(f'{place}: ' + ', '.join(on) for place, on in places.items())})"
        for remark, places in where.items()
    )


SPREAD = MeasuredRegion("spread", COMPARISON, spreads)
SENSITIVITY = MeasuredRegion("sensitivity", Measured("sensitivity", conditioned), sensitive)
ORDERINGS = MeasuredRegion("orderings", COMPARISON, orderings)

"""Units at equal throughput, as README.md and docs/measurement.md show them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import vl_convert

from macsmith.analysis.area_delay_front import fronts_of
from macsmith.analysis.metrics import merit
from macsmith.analysis.throughput.contest import Contest, comparisons
from macsmith.analysis.throughput.crossovers import Span, spans_of
from macsmith.analysis.throughput.netlist_choice import VIEWS, Choice, View
from macsmith.analysis.ties import noise_said
from macsmith.catalog.catalog import compared, make_spec
from macsmith.figures.docs_page import (
    LibraryRun,
    Measured,
    MeasuredRegion,
    Records,
    Row,
    Shown,
    rows_of,
)
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import jobs_for
from macsmith.library.technology import Technology
from macsmith.records.record import Record
from macsmith.records.selection import smallest_product
from macsmith.report.page.charts import COLOURS
from macsmith.report.page.equal_throughput import PANEL, curve_rows, throughput_charts
from macsmith.report.terminal.equal_throughput import shown_targets, target_text
from macsmith.report.terminal.units import netlist_name
from macsmith.synthesis.yosys_abc import Recipe

BOUNDARY = "unit"

_FILES = {view.name: f"equal-throughput-{view.name}.svg" for view in VIEWS}
"""The pictures, by view."""

Compared = list[tuple[Contest, View, list[float]]]


def fronts(tech: Technology) -> Records:
    """Measure the netlists of all default units that no other of the unit beats, with energies."""
    units = {name: make_spec(name) for name in compared()}
    jobs = jobs_for(units, [BOUNDARY], list(Recipe), tech)
    records = measure(jobs, tech, energy=EnergyPlan(boundaries=(BOUNDARY,), netlists="front"))
    kept = {
        (unit, record["recipe"], record["adders"])
        for unit, front in fronts_of(records, BOUNDARY)
        for record in front
    }
    return rows_of(r for r in records if (r["unit"], r["recipe"], r["adders"]) in kept)


def picture(runs: Sequence[LibraryRun]) -> Shown:
    """Return energy over throughput in each mode, and who takes least of what."""
    found = _compared(runs)
    rows: dict[str, list[str]] = {}
    for contest, view, targets in found:
        spans = spans_of(contest, view, targets)
        rows.setdefault(str(contest.point), []).append(_told(spans))
    heads = [f"least {view.least} over {_merit(view, found, across=True).title}" for view in VIEWS]
    text = table(["mode", *heads], [[mode, *cells] for mode, cells in rows.items()], 1 + len(VIEWS))
    shown = _image(VIEWS[0], found, "docs/img")
    judged = [contest.of_spread(unit) for contest, _, _ in found for unit in contest.units]
    what = (
        f"Default specifications; energies {_stimulus(runs)}. Units with an `or` between them are "
        f"level at half of these throughputs or more: {noise_said(judged)}."
    )
    return Shown(
        f"{shown}\n\n{text}\n\n{what} {made(runs, 'Unit boundary')}", _pictures(found, VIEWS[:1])
    )


def everything(runs: Sequence[LibraryRun]) -> Shown:
    """Return all pictures, who takes least from where to where, and what each unit takes."""
    found = _compared(runs)
    parts = []
    for view in VIEWS:
        mine = [one for one in found if one[1] is view]
        parts += [_image(view, found, "img"), _spans(view, mine)]
        if view.across == "rate":
            parts.append(_each(view, mine))
    parts.append(f"Energies {_stimulus(runs)}. {made(runs, 'Unit boundary')}")
    return Shown("\n\n".join(parts), _pictures(found, VIEWS))


def _compared(runs: Sequence[LibraryRun]) -> Compared:
    return list(comparisons(cast(list[Record], runs[0].records)))


def _pictures(found: Compared, views: Sequence[View]) -> dict[str, str]:
    drawn = {}
    for view in views:
        rows = [row for c, other, targets in found if other is view
                for row in curve_rows(c, view, targets, PANEL[1])]  # fmt: skip
        merits = _merit(view, found), _merit(view, found, across=True)
        chart = throughput_charts(*merits, rows, COLOURS)
        drawn[_FILES[view.name]] = _light(vl_convert.vega_to_svg(chart))
    return drawn


def _light(svg: str) -> str:
    """Return a picture without empty texts, its places to a hundredth of a pixel."""
    places = re.compile(r' (?:d|transform)="[^"]*"')
    svg = re.sub(r"<text [^>]*/>", "", svg)
    return places.sub(
        lambda found: re.sub(r"\d+\.\d{3,}", lambda n: f"{float(n[0]):.2f}", found[0]), svg
    )


def _image(view: View, found: Compared, folder: str) -> str:
    across = _merit(view, found, across=True)
    return f"![Least {view.least} over {across.name}, by mode]({folder}/{_FILES[view.name]})"


def _told(spans: Sequence[Span]) -> str:
    """Return who takes least or may do so, and up to where if others do beyond."""
    units = [" or ".join(f"`{unit}`" for unit in (span.unit, *span.as_good)) for span in spans]
    ends = [*(f" to {target_text(span.high)}" for span in spans[:-1]), ""]
    return ", ".join(unit + end for unit, end in zip(units, ends, strict=True))


def _spans(view: View, found: Compared) -> str:
    least, across = _merit(view, found), _merit(view, found, across=True)
    head = ["mode", "unit", "netlist", f"from {across.unit}", "to", "copies", least.column,
            "as good"]  # fmt: skip
    rows = [
        [
            contest.point, f"`{span.unit}`",
            _both(netlist_name(one.record) for one in (span.first, span.last)),
            target_text(span.low), target_text(span.high),
            _both(str(one.copies) for one in (span.first, span.last)),
            _both(_figure(view, one) for one in (span.first, span.last)),
            ", ".join(f"`{unit}` at {share:.0%}" for unit, share in span.as_good.items()),
        ]
        for contest, _, targets in found
        for span in spans_of(contest, view, targets)
    ]  # fmt: skip
    return table(head, rows, 3)


def _each(view: View, found: Compared) -> str:
    """Return what each unit takes at powers of ten, and at its own least area x period."""
    least, across = _merit(view, found), _merit(view, found, across=True)
    targets = shown_targets(found[0][2])
    rows = []
    for contest, _, _ in found:
        each = [contest.choices(view, target) for target in targets]
        best = [contest.least(view, target) for target in targets]
        for unit, records in contest.units.items():
            own = Choice(smallest_product(records)[0], 1, 1.0)
            cells = [
                f"**{_cell(view, one[unit])}**" if unit == first else _cell(view, one[unit])
                for one, first in zip(each, best, strict=True)
            ]
            rows.append([contest.point, f"`{unit}`", *cells, _figure(view, own)])
    heads = list(map(target_text, targets))
    head = ["mode", "unit", f"{heads[0]} {across.unit}", *heads[1:], "area x period"]
    return f"{least.title} at equal throughput, x copies:\n\n{table(head, rows, 2)}"


def _cell(view: View, choice: Choice) -> str:
    return _figure(view, choice) + (f" x{choice.copies}" if choice.copies > 1 else "")


def _figure(view: View, choice: Choice) -> str:
    return f"{view.cost(choice):.{2 if view.least == 'energy' else 0}f}"


def _both(texts: Iterator[str]) -> str:
    return " to ".join(dict.fromkeys(texts))


def _merit(view: View, found: Compared, *, across: bool = False) -> Any:
    key = view.across if across else view.least
    return merit(key, physical=True, operation=found[0][0].operation)


def _stimulus(runs: Sequence[LibraryRun]) -> str:
    first: Mapping[str, Any] | Row = runs[0].records[0]
    return f"on {first['stimulus']}"


MEASURED = Measured("equal-throughput", fronts, file="equal-throughput")

PICTURE = MeasuredRegion("equal-throughput", MEASURED, picture)
"""Of README.md."""

REGION = MeasuredRegion("equal-throughput", MEASURED, everything)
"""Of docs/measurement.md."""

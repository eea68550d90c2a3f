"""Units at equal throughput, as the section that a page begins with, and as plots."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from macsmith.analysis.metrics import merit
from macsmith.analysis.throughput.contest import Contest, comparisons
from macsmith.analysis.throughput.crossovers import Span, spans_of
from macsmith.analysis.throughput.netlist_choice import Choice, View
from macsmith.analysis.ties import noise_said
from macsmith.records.in_units import is_physical, operation_of
from macsmith.records.metric import Metric
from macsmith.records.record import Record
from macsmith.report.page.charts import COLOURS, FONT, TEXT, VARIABLES, Chart, compiled, drawn
from macsmith.report.page.columns import columns
from macsmith.report.page.plots import WIDTH, by_tech, write_chart
from macsmith.report.page.section import Section
from macsmith.report.terminal.units import netlist_name

Row = dict[str, Any]

HEIGHT = 380
"""Pixels of a chart's plane."""

PANEL = 200, 260
"""Pixels across targets, and of height, where several charts stand side by side."""

_NAMES = 90
"""Pixels for names beside the ends of lines."""

_LINE = 15
"""Pixels from one name to the next."""

_MUTE: dict[str, Any] = {"tooltip": None, "aria": False}


def throughput_section(records: Sequence[Record]) -> Section | None:
    """Return the section, or None where no unit stands beside another."""
    found = [one for one in comparisons(records) if len(one[0].units) > 1]
    if not found:
        return None
    merits = {view: _merits(view, records) for _, view, _ in found}
    rows = [row for one in found for row in curve_rows(*one)]
    spans = [
        _place(contest, view) | _span_row(view, span)
        for contest, view, targets in found
        for span in spans_of(contest, view, targets)
    ]
    views = {
        view.name: {
            "title": f"Least {view.least} at equal {across.name}", "least": least.to_json(),
            "across": across.to_json(), "chart": throughput_chart(least, across, VARIABLES),
        }
        for view, (least, across) in merits.items()
    }  # fmt: skip
    judged = [contest.of_spread(unit) for contest, _, _ in found for unit in contest.units]
    data = {"rows": columns(rows), "spans": spans, "views": views, "asGood": noise_said(judged)}
    return Section("equal_throughput", data, {"views": views}, leads=True)


def curve_rows(
    contest: Contest, view: View, targets: Sequence[float], height: int = HEIGHT
) -> Iterator[Row]:
    """Yield what each unit takes at each target that it reaches.

    The last row of a unit has the height at which its name stands, on a chart so many pixels high.
    """
    curves: dict[str, list[Row]] = {}
    for target in targets:
        least = contest.least(view, target)
        for unit, choice in contest.choices(view, target).items():
            row = _place(contest, view) | {"unit": unit, "target": _rounded(target)}
            row |= _figures(view, choice) | {"best": unit == least, "name": None}
            curves.setdefault(unit, []).append(row)
    ends = {unit: curve[-1]["value"] for unit, curve in curves.items()}
    values = [row["value"] for curve in curves.values() for row in curve]
    for unit, name in spread(ends, min(values), max(values), height).items():
        curves[unit][-1]["name"] = _rounded(name)
    for curve in curves.values():
        yield from curve


def spread(
    ends: Mapping[str, float], low: float, high: float, height: int = HEIGHT
) -> dict[str, float]:
    """Return heights of names on a logarithmic axis, as close to the ends of lines as can be.

    They are the least squares under the rule that names keep a line apart, found by pooling those
    that would come too close (isotonic regression).
    """
    line = math.log(max(high / low, 1.01)) * _LINE / height
    units = sorted(ends, key=lambda unit: ends[unit])
    pools: list[tuple[float, int]] = []
    for place, unit in enumerate(units):
        pool = math.log(ends[unit]) - place * line, 1
        while pools and pools[-1][0] >= pool[0]:
            (before, size), (mean, count) = pools.pop(), pool
            pool = (before * size + mean * count) / (size + count), size + count
        pools.append(pool)
    means = [mean for mean, size in pools for _ in range(size)]
    return {
        unit: math.exp(mean + place * line)
        for place, (unit, mean) in enumerate(zip(units, means, strict=True))
    }


def throughput_chart(least: Metric, across: Metric, colours: Mapping[str, str]) -> Chart:
    """Return a line a unit over targets, the best at each target accented."""
    end = {"expr": f"max(60, width - {_NAMES})"}
    chart = {"width": "container", "height": HEIGHT, "data": {"name": "rows", "values": []}}
    return compiled(chart | _layers(least, across, colours, end), colours)


def throughput_charts(
    least: Metric, across: Metric, rows: Sequence[Row], colours: Mapping[str, str]
) -> Chart:
    """Return such a chart of each point, side by side, with its rows in it.

    Only those that take least are points: what others take their lines say.
    """
    points = list(dict.fromkeys(row["point"] for row in rows))
    line, dots, *names = (layers := _layers(least, across, colours, PANEL[0]))["layer"]
    best = {"transform": [{"filter": "datum.best"}], "mark": dots["mark"] | {"size": 25}}
    best["encoding"] = {key: dots["encoding"][key] for key in ("color", "tooltip")}
    plane = {"width": PANEL[0] + _NAMES, "height": PANEL[1]}
    facet = {
        "data": {"values": list(rows)},
        "facet": {"field": "point", "type": "nominal", "sort": points, "title": None,
                  "header": {"labelFontSize": TEXT, "labelFont": FONT, "labelFontWeight": "bold",
                             "labelColor": colours["ink"]}},
        "columns": 3,
        "spec": plane | layers | {"layer": [line, best, *names]},
        "resolve": {"scale": {"y": "independent"}, "axis": {"x": "independent"}},
    }  # fmt: skip
    return compiled(facet, colours)


def _layers(
    least: Metric, across: Metric, colours: Mapping[str, str], end: Any
) -> dict[str, Any]:  # fmt: skip
    """Return encoding and layers; lines go as far right as ``end``, names stand behind."""
    name = {"y": {"field": "name", "type": "quantitative"}, "text": {"field": "unit"}}
    paper = colours["paper"]
    halo = {"color": paper, "stroke": paper, "strokeWidth": 4, "strokeJoin": "round"}
    return {
        "encoding": {
            "x": _axis(across, "target", {"range": [0, end]}),
            "y": _axis(least, "value", {}),
        },
        "layer": [
            {
                "mark": {"type": "line", "color": colours["mark"], "strokeWidth": 1.5} | _MUTE,
                "encoding": {"detail": {"field": "unit"}},
            },
            {
                "mark": {"type": "point", "filled": True, "opacity": 1},
                "encoding": {
                    "color": {
                        "condition": {"test": "datum.best", "value": colours["best"]},
                        "value": colours["mark"],
                    },
                    "size": {"condition": {"test": "datum.best", "value": 55}, "value": 10},
                    "tooltip": _tooltip(least, across),
                },
            },
            *(
                {
                    "transform": [{"filter": "isValid(datum.name)"}],
                    "mark": {"type": "text", "align": "left", "dx": 9} | look | _MUTE,
                    "encoding": name,
                }
                for look in (halo, {"color": colours["ink"]})
            ),
        ],
    }


def write_throughput_plots(records: Sequence[Record], folder: Path) -> list[Path]:
    """Write the chart of each view, boundary and point as SVG and PNG, and return the files."""
    written = []
    for prefix, mine in by_tech(records):
        for contest, view, targets in comparisons(mine):
            if len(contest.units) > 1:
                chart = throughput_chart(*_merits(view, mine), COLOURS)
                end = f"-{contest.point}" if contest.point else ""
                name = f"{prefix}{contest.boundary}-equal-{view.name}{end}"
                rows = list(curve_rows(contest, view, targets))
                written += write_chart(drawn(chart, rows, WIDTH), folder, name)
    return written


def _merits(view: View, records: Sequence[Record]) -> tuple[Metric, Metric]:
    physical, operation = all(map(is_physical, records)), operation_of(records)
    return merit(view.least, physical, operation), merit(view.across, physical, operation)


def _place(contest: Contest, view: View) -> Row:
    place = {"tech": contest.tech, "boundary": contest.boundary, "point": contest.point}
    return place | {"view": view.name}


def _figures(view: View, choice: Choice) -> Row:
    return {
        "value": _rounded(view.cost(choice)),
        "copies": choice.copies,
        "netlist": netlist_name(choice.record),
        "period": _rounded(choice.period),
        "energy": _rounded(choice.energy),
        "area": _rounded(choice.area),
    }


def _span_row(view: View, span: Span) -> Row:
    ends = {"first": _figures(view, span.first), "last": _figures(view, span.last)}
    bounds = {"unit": span.unit, "low": _rounded(span.low), "high": _rounded(span.high)}
    return bounds | ends | {"as_good": dict(span.as_good)}


def _rounded(value: float | None) -> float | None:
    """Return a figure to four digits: a page holds thousands of them."""
    return None if value is None else float(f"{value:.4g}")


def _axis(metric: Metric, field: str, scale: dict[str, Any]) -> dict[str, Any]:
    return {
        "field": field,
        "type": "quantitative",
        "title": metric.title,
        "scale": {"type": "log", "nice": False} | scale,
        "axis": {"tickCount": 6, "format": ",~g", "labelOverlap": "greedy", "grid": False},
    }


def _tooltip(least: Metric, across: Metric) -> list[dict[str, Any]]:
    fields = [{"field": name} for name in ("unit", "point", "boundary", "netlist", "copies")]
    numbers = {"target": across.title, "value": least.title, "period": "clock period"}
    return fields + [
        {"field": name, "title": title, "format": ",.4~r"} for name, title in numbers.items()
    ]

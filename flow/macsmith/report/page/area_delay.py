"""The trade of area against clock period or throughput, as a section of the page and as plots."""

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from macsmith.analysis.metrics import merit
from macsmith.records.in_units import is_physical, operation_of
from macsmith.records.metric import Metric
from macsmith.records.record import Record
from macsmith.report.page.charts import COLOURS, VARIABLES, Chart, compiled, drawn, row
from macsmith.report.page.plots import WIDTH, by_tech, write_chart
from macsmith.report.page.section import Section
from macsmith.synthesis.yosys_abc import Recipe

ACROSS = ("period", "rate")
"""Metrics that area is drawn against; throughput differs by point, the period does not."""

_MUTE: dict[str, Any] = {"tooltip": None, "aria": False}
_NAMES = 84
"""Pixels for a name beside the end of a line."""


def has_curve(records: Sequence[Record]) -> bool:
    """Return whether there are netlists beyond those of every comparison."""
    usual = set(map(str, Recipe))
    return any(record["recipe"] not in usual for record in records)


def curve_section(records: Sequence[Record]) -> Section | None:
    """Return the section on a curve, or None where there is none."""
    if not has_curve(records):
        return None
    area, across = _metrics(records)
    charts = {metric.key: curve_chart(metric, area, VARIABLES) for metric in across}
    return Section("curve", {"charts": charts}, {"across": across})


def _metrics(records: Sequence[Record]) -> tuple[Metric, list[Metric]]:
    """Return area, and what it is drawn against, in the units of the technology."""
    physical, operation = all(map(is_physical, records)), operation_of(records)
    across = [merit(key, physical, operation) for key in ACROSS]
    return merit("area", physical, operation), across


def curve_chart(across: Metric, area: Metric, colours: Mapping[str, str]) -> Chart:
    """Return every netlist as a point, and a line a unit through those that no other beats.

    Names stand at the fast end of a line and at its slow end by turns, from the smallest unit up.
    """
    better = "descending" if across.more else "ascending"
    fastest_first = [
        {"field": across.key, "order": better},
        {"field": area.key, "order": "ascending"},
    ]
    x = _axis(across, _NAMES) | {"field": across.key}
    y = _axis(area, 16) | {"field": area.key}
    on_front = {"filter": "datum.front"}
    ends = [
        {
            "window": [{"op": "row_number", "as": "from_fast"}],
            "groupby": ["unit"],
            "sort": fastest_first,
        },
        {"joinaggregate": [{"op": "count", "as": "count"}], "groupby": ["unit"]},
        {
            "joinaggregate": [{"op": "min", "field": area.key, "as": "smallest"}],
            "groupby": ["unit"],
        },
        {
            "window": [{"op": "dense_rank", "as": "rank"}],
            "sort": [{"field": "smallest", "order": "ascending"}],
        },
    ]
    left = "datum.rank % 2 && datum.from_fast === 1"
    right = "!(datum.rank % 2) && datum.from_fast === datum.count"
    if across.more:  # the fast end is on the right
        left, right = right, left
    named = [
        on_front,
        *ends,
        {"calculate": f"{left} ? datum.unit : ''", "as": "left"},
        {"calculate": f"{right} ? datum.unit : ''", "as": "right"},
    ]
    paper = colours["paper"]
    halo = {"color": paper, "stroke": paper, "strokeWidth": 4, "strokeJoin": "round"}
    return compiled(
        {
            "width": "container",
            "height": 420,
            "data": {"name": "rows", "values": []},
            "transform": [
                {
                    "window": [{"op": "min", "field": area.key, "as": "least"}],
                    "groupby": ["unit"],
                    "sort": fastest_first,
                    "frame": [None, 0],
                },
                {"calculate": f"datum.{area.key} === datum.least", "as": "front"},
            ],
            "encoding": {"x": x, "y": y},
            "layer": [
                {
                    "mark": {"type": "point", "size": 22, "filled": True, "opacity": 1},
                    "encoding": {
                        "color": {
                            "condition": {"test": "datum.front", "value": colours["best"]},
                            "value": colours["mark"],
                        },
                        "tooltip": _tooltip(across, area),
                    },
                },
                {
                    "transform": [on_front],
                    "mark": {"type": "line", "color": colours["best"]} | _MUTE,
                    "encoding": {
                        "detail": {"field": "unit"},
                        "order": {"field": across.key, "type": "quantitative"},
                    },
                },
                *(
                    {
                        "transform": named,
                        "mark": {"type": "text", "align": align, "dx": shift} | look | _MUTE,
                        "encoding": {"text": {"field": side}},
                    }
                    for look in (halo, {"color": colours["ink"]})
                    for side, align, shift in (("left", "right", -7), ("right", "left", 7))
                ),
            ],
        },
        colours,
    )


def _axis(metric: Metric, room: int) -> dict[str, Any]:
    return {
        "type": "quantitative",
        "title": metric.title,
        "scale": {"type": "log", "nice": False, "padding": room},
        "axis": {"tickCount": 6, "format": ",~g", "labelOverlap": "greedy", "grid": False},
    }


def _tooltip(across: Metric, area: Metric) -> list[dict[str, Any]]:
    fields = [{"field": name} for name in ("unit", "point", "boundary", "recipe", "adders")]
    return fields + [{"field": m.key, "title": m.title, "format": ",.4~r"} for m in (area, across)]


def write_curve_plots(records: Sequence[Record], folder: Path) -> list[Path]:
    """Write each curve as SVG and PNG, and return the files: the period once, rates by point."""
    area, across = _metrics(records)
    charts = {metric.key: curve_chart(metric, area, COLOURS) for metric in across}
    points = list(dict.fromkeys(record["point"] for record in records))
    places = dict.fromkeys(
        (prefix, r["tech"], r["boundary"]) for prefix, mine in by_tech(records) for r in mine
    )
    written = []
    for (prefix, *place), point in product(places, points):
        here = [
            row(r) for r in records if [r["tech"], r["boundary"], r["point"]] == [*place, point]
        ]
        stem = f"{prefix}{place[1]}-curve"
        names = {"rate": f"{stem}-rate-{point}" if point else f"{stem}-rate"}
        names |= {"period": f"{stem}-period"} if point == points[0] else {}
        for key, name in names.items():
            written += write_chart(drawn(charts[key], here, WIDTH), folder, name)
    return written

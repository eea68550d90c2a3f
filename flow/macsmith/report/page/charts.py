"""The charts of a report, stated once in Vega-Lite: for the page and for papers.

A chart takes rows, one a unit, from its data set ``rows``: see :func:`row`. What stands out is
worked out in the chart itself: the best bar, the ratio to the reference, the Pareto front.
"""

from collections.abc import Mapping
from typing import Any

import vl_convert

from macsmith.analysis.metrics import figures
from macsmith.analysis.published.verdicts import REFERENCE
from macsmith.records.metric import Metric
from macsmith.records.record import Record
from macsmith.report.page.point_names import NAME, Names

Chart = dict[str, Any]
"""A chart in Vega, which the page and the converter draw."""

COLOURS = {
    "paper": "#ffffff", "ink": "#1f2328", "soft": "#59636e", "mark": "#7d8fa3", "best": "#00754e",
}  # fmt: skip
"""On white paper; the page has the same names as CSS variables, light and dark."""

VARIABLES = {name: f"var(--{name})" for name in COLOURS}

FONT = "system-ui, sans-serif"
TEXT = 13
"""Pixels of all text."""

LETTERS = {"font": {"value": FONT}, "fontSize": {"value": TEXT}}
"""The font of names, as Vega encodes it."""

BAR = 26
"""Pixels from one bar to the next."""
_MUTE: dict[str, Any] = {"tooltip": None, "aria": False}
"""Marks that repeat what others say are silent to a pointer and to a screen reader."""

LABEL = 105
"""Pixels for the figures beside the longest bar."""


def row(record: Record) -> dict[str, Any]:
    """Return a record with its figures of merit, as charts take it."""
    return {**record, **figures(record)}


def bars(metric: Metric, shown: tuple[Metric, ...], colours: Mapping[str, str]) -> Chart:
    """Return bars of one metric, best first, each with its ratio to the reference unit."""
    value = f"datum.{metric.key}"
    own = f"datum.unit === '{REFERENCE}' ? {value} : null"
    order = {"field": metric.key, "order": "descending" if metric.more else "ascending"}
    y = {"field": "unit", "type": "nominal", "sort": order, "title": None}
    x = {
        "field": metric.key,
        "type": "quantitative",
        "title": metric.title,
        "axis": {"grid": False, "tickCount": 5},
        "scale": {"nice": False, "range": [0, {"expr": f"max(40, width - {LABEL})"}]},
    }
    text = f"format({value}, ',.4~r')"
    ratio = (
        f"isValid(datum.reference) ? ' · ' + format({value} / datum.reference, '.2f') + '×' : ''"
    )
    return compiled(
        {
            "width": "container",
            "height": {"step": BAR},
            "data": {"name": "rows", "values": []},
            "transform": [
                {"filter": f"isValid({value})"},
                {"calculate": own, "as": "own"},
                {
                    "joinaggregate": [
                        {"op": "max" if metric.more else "min", "field": metric.key, "as": "top"},
                        {"op": "max", "field": "own", "as": "reference"},
                    ]
                },
                {"calculate": f"{text} + ({ratio})", "as": "label"},
            ],
            "encoding": {"y": y, "tooltip": _tooltip(shown)},
            "layer": [
                {
                    "mark": {"type": "bar", "height": {"band": 0.68}},
                    "encoding": {"x": x, "color": _stands_out(f"{value} === datum.top", colours)},
                },
                {
                    "mark": {"type": "text", "align": "left", "dx": 6, "color": colours["ink"]}
                    | _MUTE,
                    "encoding": {"x": x, "text": {"field": "label"}},
                },
            ],
        },
        colours,
    )


def scatter(
    across: Metric, up: Metric, shown: tuple[Metric, ...], colours: Mapping[str, str], names: Names
) -> Chart:
    """Return units by two metrics, where more is better across and less is better up.

    Units that no other beats in both are the Pareto front: accented and joined by a line.
    """
    x, y = _log_axis(across, room=86), _log_axis(up, room=16)
    line = {"type": "line", "color": colours["best"], "strokeDash": [4, 3]} | _MUTE
    chart = compiled(
        {
            "width": "container",
            "height": 330,
            "data": {"name": "rows", "values": []},
            "transform": [
                {"filter": f"isValid(datum.{across.key}) && isValid(datum.{up.key})"},
                {
                    "window": [{"op": "min", "field": up.key, "as": "least"}],
                    "sort": [
                        {"field": across.key, "order": "descending"},
                        {"field": up.key, "order": "ascending"},
                    ],
                    "frame": [None, 0],
                },
                {"calculate": f"datum.{up.key} === datum.least", "as": "front"},
                {"calculate": "datum.unit", "as": NAME},
            ],
            "encoding": {"x": x, "y": y},
            "layer": [
                {
                    "transform": [{"filter": "datum.front"}],
                    "mark": line | {"interpolate": "step-before"},
                    "encoding": {"order": {"field": across.key, "type": "quantitative"}},
                },
                {
                    "mark": {"type": "point", "size": 110, "filled": True, "opacity": 1},
                    "encoding": {
                        "color": _stands_out("datum.front", colours),
                        "tooltip": _tooltip(shown),
                    },
                },
            ],
        },
        colours,
    )
    return names(chart, up.key, colours, LETTERS)


def _log_axis(metric: Metric, room: int) -> dict[str, Any]:
    """Return a logarithmic position of a metric, with room for names at its ends, in pixels."""
    return {
        "field": metric.key,
        "type": "quantitative",
        "title": metric.title,
        "scale": {"type": "log", "nice": False, "padding": room},
        "axis": {"tickCount": 5, "format": ",~g", "labelOverlap": "greedy", "grid": False},
    }


def drawn(chart: Chart, rows: list[dict[str, Any]], width: int) -> Chart:
    """Return a chart with its rows in it and of a given width, ready to be converted."""
    data = [
        entry | {"values": rows} if entry["name"] == "rows" else entry for entry in chart["data"]
    ]
    signals = [
        {"name": "width", "value": width} if signal["name"] == "width" else signal
        for signal in chart["signals"]
    ]
    return chart | {"data": data, "signals": signals}


def compiled(chart: Chart, colours: Mapping[str, str]) -> Chart:
    """Return a chart of Vega-Lite in Vega, with the looks of all charts."""
    text = {"labelColor": colours["ink"], "titleColor": colours["ink"]}
    axis = text | {
        "domainColor": colours["soft"],
        "tickColor": colours["soft"],
        "labelFont": FONT,
        "titleFont": FONT,
        "labelFontSize": TEXT,
        "titleFontSize": TEXT,
        "titleFontWeight": "normal",
        "labelLimit": 130,
    }
    config = {
        "background": colours["paper"],
        "view": {"stroke": None},
        "axis": axis,
        "text": {"font": FONT, "fontSize": TEXT},
    }
    return dict(vl_convert.vegalite_to_vega(chart | {"config": config}))


def _stands_out(test: str, colours: Mapping[str, str]) -> dict[str, Any]:
    return {"condition": {"test": test, "value": colours["best"]}, "value": colours["mark"]}


def _tooltip(shown: tuple[Metric, ...]) -> list[dict[str, Any]]:
    fields = [{"field": name} for name in ("unit", "point", "boundary", "recipe", "adders")]
    fields += [{"field": m.key, "title": m.title, "format": ",.4~r"} for m in shown]
    made = {"yosys": "Yosys", "timing_engine": "timing by"}
    fields += [{"field": f"versions.{name}", "title": title} for name, title in made.items()]
    return [*fields, {"field": "energy_method", "title": "energy by"}]

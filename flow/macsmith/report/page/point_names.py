"""Names beside the points of a chart.

On a page Vega places them: its label transform draws points and lines on a canvas and finds each
name a place that is free. The converter for papers has no canvas; there names stand left and right
of their points by turns of height, over a halo.
"""

from collections.abc import Callable, Mapping
from typing import Any

Chart = dict[str, Any]

Names = Callable[[Chart, str, Mapping[str, str], Mapping[str, Any]], Chart]
"""Adds names to a chart in Vega.

It takes the chart, whose only symbols are placed by the scales ``x`` and ``y``; the field that
points are high by; the colours; and the font, as Vega encodes it. The name of a point is in the
field `NAME`, and empty if it has none.
"""

NAME = "name"
"""The field of rows that holds a point's name."""

_AVOIDED = ("line", "rule", "text", "group")
"""Marks that names keep clear of, besides points and each other."""

SIDES = ("right", "left", "top", "bottom", "top-right", "bottom-right", "top-left", "bottom-left")

FAR = (4, 9, 16, 24)
"""Pixels from a point to its name; the nearest of all places that are free counts."""

BY_TURNS = 10
"""Pixels from the middle of a point to its name where names stand by turns."""

SILENT = {"interactive": False, "aria": False}
"""Names repeat what points say."""


def placed(chart: Chart, height: str, colours: Mapping[str, str], font: Mapping[str, Any]) -> Chart:
    """Return a chart whose names keep clear of points, lines and each other.

    A name without a place is left out; its point tells it to a pointer and to a screen reader.
    """
    points = _points(chart)
    avoided = [mark["name"] for mark in chart["marks"] if mark["type"] in _AVOIDED]
    names = {
        "name": "names", "type": "text", "from": {"data": points["name"]}, **SILENT,
        "encode": {
            "update": {
                "text": {"field": f"datum.{NAME}"}, "fill": {"value": colours["ink"]}, **font,
            }
        },
        "transform": [
            {
                "type": "label", "size": {"signal": "[width, height]"}, "avoidMarks": avoided,
                "anchor": [side for _ in FAR for side in SIDES],
                "offset": [far for far in FAR for _ in SIDES],
            }
        ],
    }  # fmt: skip
    return chart | {"marks": [*chart["marks"], names]}


def by_turns(
    chart: Chart, height: str, colours: Mapping[str, str], font: Mapping[str, Any]
) -> Chart:
    """Return a chart whose names stand left and right by turns of height."""
    points = _points(chart)
    turns = {
        "name": "turns",
        "source": points["from"]["data"],
        "transform": [
            {"type": "filter", "expr": f"datum.{NAME}"},
            {
                "type": "window", "ops": ["row_number"], "as": ["turn"],
                "sort": {"field": height, "order": "ascending"},
            },
        ],
    }  # fmt: skip
    paper = {"value": colours["paper"]}
    halo = {
        "fill": paper, "stroke": paper, "strokeWidth": {"value": 4},
        "strokeJoin": {"value": "round"},
    }  # fmt: skip
    place = {key: points["encode"]["update"][key] for key in ("x", "y")} | {
        "align": {"signal": "datum.turn % 2 ? 'right' : 'left'"},
        "dx": {"signal": f"datum.turn % 2 ? -{BY_TURNS} : {BY_TURNS}"},
        "baseline": {"value": "middle"},
    }
    below, above = (
        {
            "name": name, "type": "text", "from": {"data": "turns"}, **SILENT,
            "encode": {"update": {"text": {"field": NAME}, **place, **font, **look}},
        }
        for name, look in (("halos", halo), ("names", {"fill": {"value": colours["ink"]}}))
    )  # fmt: skip
    others = [mark for mark in chart["marks"] if mark is not points]
    return chart | {
        "data": [*chart["data"], turns],
        "marks": [*others, below, points, above],
    }


def _points(chart: Chart) -> Any:
    (points,) = (mark for mark in chart["marks"] if mark["type"] == "symbol")
    return points

"""Which format for which error: errors of number formats over energies, a section of the page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from macsmith.analysis.formats.format_losses import errors_of_formats
from macsmith.analysis.metrics import merit
from macsmith.records.in_units import is_physical, operation_of
from macsmith.records.metric import Metric
from macsmith.records.record import Record
from macsmith.report.page.charts import COLOURS, VARIABLES, Chart, compiled, drawn
from macsmith.report.page.plots import WIDTH, by_tech, write_chart
from macsmith.report.page.section import Section

_MUTE: dict[str, Any] = {"tooltip": None, "aria": False}


def format_section(records: Sequence[Record]) -> Section | None:
    """Return the section, or None where no formats can be compared."""
    rows = errors_of_formats(records)
    if not rows:
        return None
    chart = format_chart(_metric(records), VARIABLES)
    return Section("format_errors", {"rows": rows, "chart": chart}, {})


def format_chart(across: Metric, colours: Mapping[str, str]) -> Chart:
    """Return a point a format, and a line through those that no other beats in both."""
    title = {"title": across.title, "axis": {"tickCount": 6, "format": ",~g", "grid": False}}
    x = {"field": "spent", "type": "quantitative", **title, "scale": _log(90)}
    y = {
        "field": "error", "type": "quantitative", "scale": _log(16),
        "title": "RMS error of sums of 64 products, of exact sums",
        "axis": {"tickCount": 6, "format": ".2~%", "labelOverlap": "greedy", "grid": False},
    }  # fmt: skip
    paper = colours["paper"]
    halo = {"color": paper, "stroke": paper, "strokeWidth": 4, "strokeJoin": "round"}
    front = {"filter": "datum.front"}
    better = [{"field": "spent", "order": "ascending"}, {"field": "error", "order": "ascending"}]
    return compiled(
        {
            "width": "container",
            "height": 420,
            "data": {"name": "rows", "values": []},
            "transform": [
                {
                    "window": [{"op": "min", "field": "error", "as": "least"}],
                    "sort": better, "frame": [None, 0],
                },
                {"calculate": "datum.error === datum.least", "as": "front"},
            ],
            "encoding": {"x": x, "y": y},
            "layer": [
                {
                    "transform": [front],
                    "mark": {"type": "line", "color": colours["best"], "strokeDash": [3, 3],
                             "interpolate": "step-after", **_MUTE},
                },
                {
                    "mark": {"type": "point", "size": 40, "filled": True, "opacity": 1},
                    "encoding": {
                        "color": {
                            "condition": {"test": "datum.front", "value": colours["best"]},
                            "value": colours["mark"],
                        },
                        "tooltip": [
                            *({"field": key} for key in ("format", "recipe", "adders")),
                            {"field": "spent", "title": across.title, "format": ",.4~r"},
                            {"field": "error", "format": ".3~%"},
                        ],
                    },
                },
                *(
                    {"mark": {"type": "text", "align": "left", "dx": 7, **look, **_MUTE},
                     "encoding": {"text": {"field": "format"}}}
                    for look in (halo, {"color": colours["ink"]})
                ),
            ],
        },
        colours,
    )  # fmt: skip


def _log(room: int) -> dict[str, Any]:
    return {"type": "log", "nice": False, "padding": room}


def _metric(records: Sequence[Record]) -> Metric:
    """Return energy in the units of the technology."""
    return merit("energy", all(map(is_physical, records)), operation_of(records))


def write_format_plots(records: Sequence[Record], folder: Path) -> list[Path]:
    """Write the chart of each library and boundary as SVG and PNG, and return the files."""
    chart, written = format_chart(_metric(records), COLOURS), []
    for prefix, mine in by_tech(records):
        rows = errors_of_formats(mine)
        for boundary in dict.fromkeys(row["boundary"] for row in rows):
            least: dict[str, dict[str, Any]] = {}
            for row in sorted(rows, key=lambda one: float(one["spent"])):
                if row["boundary"] == boundary:
                    least.setdefault(row["format"], row)
            if len(least) > 1:
                image = drawn(chart, list(least.values()), WIDTH)
                written += write_chart(image, folder, f"{prefix}{boundary}-format-errors")
    return written

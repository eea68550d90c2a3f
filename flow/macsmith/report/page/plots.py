"""The charts of a report as files, for papers."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import vl_convert

from macsmith.analysis.metrics import known, trades
from macsmith.output.whole_file import check_folder, write_whole
from macsmith.records.record import Record
from macsmith.records.selection import smallest_product
from macsmith.report.page.charts import COLOURS, Chart, bars, drawn, row, scatter
from macsmith.report.page.point_names import by_turns

Some = TypeVar("Some", bound=Record)

WIDTH = 480
"""Pixels across a chart's data and labels; vectors scale to any column."""

SCALE = 3
"""Pixels of a PNG for each of a chart: 288 a inch at the chart's own size."""


def write_plots(records: Sequence[Record], folder: Path) -> list[Path]:
    """Write every chart as SVG and PNG and return the files, named boundary, chart and point.

    Where there are several libraries, the library's name comes first. Each unit has the netlist of
    its least area x period. A metric that is the same at every point, such as area, has one
    chart for all.
    """
    return [
        path
        for prefix, mine in by_tech(records)
        for name, chart in _charts(mine)
        for path in write_chart(chart, folder, f"{prefix}{name}")
    ]


def by_tech(records: Sequence[Some]) -> list[tuple[str, list[Some]]]:
    """Return the records of each library, after what begins the names of its files."""
    techs = list(dict.fromkeys(record["tech"] for record in records))
    return [
        (f"{tech}-" if len(techs) > 1 else "", [r for r in records if r["tech"] == tech])
        for tech in techs
    ]


def write_chart(chart: Chart, folder: Path, name: str) -> list[Path]:
    """Write one chart as SVG and PNG, and return the files."""
    check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for ending, content in (
        (".svg", vl_convert.vega_to_svg(chart)),
        (".png", vl_convert.vega_to_png(chart, scale=SCALE)),
    ):
        path = folder / f"{name}{ending}"
        write_whole(path, content)
        written.append(path)
    return written


def _charts(records: Sequence[Record]) -> Iterator[tuple[str, Chart]]:
    shown = known(records)
    compared = {metric.key: bars(metric, shown, COLOURS) for metric in shown}
    traded = {
        f"{up.key}-{across.key}": scatter(across, up, shown, COLOURS, by_turns)
        for up, across in trades(shown)
    }
    best = [row(record) for record in smallest_product(records)]
    points = list(dict.fromkeys(record["point"] for record in records))
    for boundary in dict.fromkeys(record["boundary"] for record in records):
        rows = [one for one in best if one["boundary"] == boundary]
        alike = {metric.key for metric in shown if _same_at_all_points(rows, metric.key)}
        for point in points:
            of_point = [one for one in rows if one["point"] == point]
            end = f"-{point}" if point else ""
            for key, chart in (compared | traded).items():
                if key not in alike:
                    yield f"{boundary}-{key}{end}", drawn(chart, of_point, WIDTH)
                elif point == points[0]:
                    yield f"{boundary}-{key}", drawn(chart, of_point, WIDTH)


def _same_at_all_points(rows: Sequence[dict[str, Any]], key: str) -> bool:
    return len({(one["unit"], one[key]) for one in rows}) == len({one["unit"] for one in rows})

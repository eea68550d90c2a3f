"""Fronts as tables in a terminal: the netlists or points that no other beats."""

from collections.abc import Sequence
from itertools import groupby

from rich.table import Table

from macsmith.analysis.area_delay_front import fronts_of
from macsmith.analysis.metrics import figures, merit
from macsmith.analysis.sweep_front import best_of, first_point, settings, varied
from macsmith.records.assumptions import assumptions
from macsmith.records.energies import energy, written
from macsmith.records.in_units import area, is_physical, operation_of, period, rate
from macsmith.records.metric import Metric
from macsmith.records.record import Record
from macsmith.records.selection import unit_of
from macsmith.report.terminal.units import LOOK, netlist_name, point_heading

ROWS = 60
"""Rows of the table of a sweep; the files have all."""


def fronts(records: Sequence[Record], boundary: str) -> Table:
    """Return the fronts as a table, with the throughput of each point."""
    physical = all(map(is_physical, records))
    operation = operation_of(records)
    size, time, speed = (merit(key, physical, operation) for key in ("area", "period", "rate"))
    rates = {_key(record, record["point"]): rate(record) for record in records}
    points = list(dict.fromkeys(record["point"] for record in records))
    table = Table(
        title=f"{boundary} on {records[0]['tech']}: no other netlist of the unit is smaller and as "
        f"fast; {speed.unit} by {point_heading(records)}; {assumptions(records[0])}",
        **LOOK,
    )
    table.add_column("unit", no_wrap=True)
    table.add_column("netlist", no_wrap=True)
    headings = [f"area {size.unit}", f"period {time.unit}", "over fastest"]
    for heading in (*headings, *(point or "" for point in points)):
        table.add_column(heading, justify="right", no_wrap=True)
    for unit, kept in fronts_of(records, boundary):
        for number, record in enumerate(kept):
            of_points = [rates.get(_key(record, point)) for point in points]
            table.add_row(
                "" if number else unit, netlist_name(record), f"{area(record):.1f}",
                f"{period(record):.3f}", f"{period(record) / period(kept[0]):.2f}",
                *("" if value is None else f"{value:.3f}" for value in of_points),
            )  # fmt: skip
        table.add_section()
    return table


def _key(record: Record, point: str | None) -> tuple[str | None, ...]:
    """Return what tells records apart, of a netlist's record at another point."""
    return *unit_of(record), record["boundary"], record["recipe"], record["adders"], point


def sweep_fronts(records: Sequence[Record], tech: str, boundary: str) -> Table:
    """Return the front of each full precision, and each unit's netlist of least area x period.

    Of units without precisions it is the front of the first thing that each can be asked to do. The
    last column says which of them a row is: ``front``, ``unit``.
    """
    keys = [key for key in varied(records) if key != "modes"] or varied(records)
    here = [one for one in records if (one["tech"], one["boundary"]) == (tech, boundary)]
    full = [record for record in here if record["point"] == first_point(record, here)]
    physical, operation = is_physical(full[0]), operation_of(full)
    shown = [merit(key, physical, operation) for key in ("area", "period", "rate", "energy")]
    if all(energy(record) is None for record in full):
        del shown[-1]
    heading = point_heading(full)
    made = Table(
        title=f"{boundary} on {tech}, {'full precision' if heading == 'mode' else 'first point'}: "
        f"best points of {len(full)}; {assumptions(full[0])}",
        **LOOK,
    )
    for name in (heading, "unit", "parameters", "recipe"):
        made.add_column(name, no_wrap=name != "parameters")
    for one in shown:
        column = one.unit if one.key == "rate" else one.column
        made.add_column(column, justify="right", no_wrap=True)
    made.add_column("best of", no_wrap=True)
    points = dict.fromkeys(record["point"] for record in full)
    rows = [row for point in points for row in best_of(full, point)]
    for point, group in groupby(rows[:ROWS], key=lambda row: row[0]["point"]):
        for number, (record, best) in enumerate(group):
            made.add_row(
                "" if number else point,
                record["unit"],
                settings(record, keys),
                netlist_name(record),
                *(_cell(record, one) for one in shown),
                best,
            )
        made.add_section()
    if len(rows) > ROWS:
        made.caption = f"{len(rows) - ROWS} more rows are left out; --csv writes all records"
    return made


def _cell(record: Record, one: Metric) -> str:
    value = figures(record)[one.key]
    if one.key == "energy":
        return written(value, is_physical(record))
    return f"{value:.4g}"

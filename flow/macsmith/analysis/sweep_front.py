"""A sweep in a table that fits a terminal: the points that a designer chooses among."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.table import Table

from macsmith.analysis.metrics import figures, merit
from macsmith.records.energies import energy, written
from macsmith.records.figures import area, is_physical, operation_of, rate
from macsmith.records.metric import Metric
from macsmith.records.record import Record
from macsmith.records.selection import least, product, unit_of
from macsmith.report.terminal.units import LOOK, netlist_name, point_heading

ROWS = 60
"""Rows of a table; the files have all."""


def front(records: Sequence[Record]) -> list[Record]:
    """Return the Pareto front: no other has less area, more throughput and less energy.

    A record without energy counts as if it had the most. Of equals the first is taken.
    """
    costs = [_costs(record) for record in records]
    return [
        record
        for k, (record, mine) in enumerate(zip(records, costs, strict=True))
        if not any(
            all(a <= b for a, b in zip(other, mine, strict=True)) and (other != mine or j < k)
            for j, other in enumerate(costs)
        )
    ]


def _costs(record: Record) -> tuple[float, float, float]:
    """Return what a designer wants less of."""
    pj = energy(record)
    return area(record), -rate(record), float("inf") if pj is None else pj


def varied(records: Iterable[Record]) -> list[str]:
    """Return the parameters that records of one unit differ in, in the order of the units'."""
    values: dict[tuple[str, str], set[str]] = {}
    for record in records:
        for key, value in record["parameters"].items():
            values.setdefault((record["unit"], key), set()).add(str(value))
    return list(dict.fromkeys(key for (_, key), found in values.items() if len(found) > 1))


def settings(record: Record, keys: Iterable[str]) -> str:
    """Return the parameters of a record as users set them."""
    own = record["parameters"]
    return " ".join(f"{key}={_text(own[key])}" for key in keys if key in own)


def named(records: Sequence[Record]) -> list[Record]:
    """Return records whose units are named with what varies, for a page with one row a unit."""
    keys = varied(records)
    return [r | {"unit": f"{r['unit']} {settings(r, keys)}".strip()} for r in records]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, list) else str(value)


def table(records: Sequence[Record], tech: str, boundary: str) -> Table:
    """Return the front of each full precision, and each unit's netlist of least area x period.

    Of units without precisions it is the front of the first thing that each can be asked to do. The
    last column says which of them a row is: ``front``, ``unit``.
    """
    keys = [key for key in varied(records) if key != "modes"] or varied(records)
    here = [one for one in records if (one["tech"], one["boundary"]) == (tech, boundary)]
    full = [record for record in here if record["point"] == _first_point(record, here)]
    physical, operation = is_physical(full[0]), operation_of(full)
    shown = [merit(key, physical, operation) for key in ("area", "period", "rate", "energy")]
    if all(energy(record) is None for record in full):
        del shown[-1]
    heading = point_heading(full)
    made = Table(
        title=f"{boundary} on {tech}, {'full precision' if heading == 'mode' else 'first point'}: "
        f"best points of {len(full)}",
        **LOOK,
    )
    for name in (heading, "unit", "parameters", "recipe"):
        made.add_column(name, no_wrap=name != "parameters")
    for one in shown:
        column = one.unit if one.key == "rate" else one.column
        made.add_column(column, justify="right", no_wrap=True)
    made.add_column("best of", no_wrap=True)
    points = dict.fromkeys(record["point"] for record in full)
    rows = [row for point in points for row in _rows(full, point)]
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


def _first_point(record: Record, records: Sequence[Record]) -> str | None:
    """Return what a record's unit is asked first: full precision of one with precisions."""
    modes = record["parameters"].get("modes")
    if modes:
        return str(modes[0])
    return next(one["point"] for one in records if unit_of(one) == unit_of(record))


def _cell(record: Record, one: Metric) -> str:
    value = figures(record)[one.key]
    if one.key == "energy":
        return written(value, is_physical(record))
    return f"{value:.4g}"


def _rows(records: Sequence[Record], point: str | None) -> list[tuple[Record, str]]:
    """Return the records of a point to show, smallest first, and what each is best at."""
    mine = [record for record in records if record["point"] == point]
    ahead = {id(record) for record in front(mine)}
    chosen = {id(record) for record in least(mine, lambda record: record["unit"], product)}
    rows = []
    for record in sorted(mine, key=lambda record: record["area_ge"]):
        best = ["front"] * (id(record) in ahead) + ["unit"] * (id(record) in chosen)
        if best:
            rows.append((record, ", ".join(best)))
    return rows

"""The netlists of a unit that no other of its netlists beats in area and in clock period."""

from collections.abc import Sequence
from itertools import groupby

from rich.table import Table

from macsmith.analysis.metrics import merit
from macsmith.records.figures import area, is_physical, operation_of, period, rate
from macsmith.records.record import Record
from macsmith.records.selection import unit_of
from macsmith.report.terminal.units import LOOK, netlist_name, point_heading


def front(records: Sequence[Record]) -> list[Record]:
    """Return the records of least area at their period or any shorter one, fastest first.

    The records are of one unit, boundary and point.
    """
    found: list[Record] = []
    for record in sorted(records, key=lambda r: (period(r), r["area_ge"])):
        if not found or record["area_ge"] < found[-1]["area_ge"]:
            found.append(record)
    return found


def fronts_of(records: Sequence[Record], boundary: str) -> list[tuple[str, list[Record]]]:
    """Return each unit with the front of its netlists, by records of its first point."""
    here = [record for record in records if record["boundary"] == boundary]
    made = []
    for (unit, _), group in groupby(here, key=unit_of):
        of_unit = list(group)
        point = of_unit[0]["point"]
        made.append((unit, front([record for record in of_unit if record["point"] == point])))
    return made


def fronts(records: Sequence[Record], boundary: str) -> Table:
    """Return the fronts as a table, with the throughput of each point."""
    physical = all(map(is_physical, records))
    operation = operation_of(records)
    size, time, speed = (merit(key, physical, operation) for key in ("area", "period", "rate"))
    rates = {_key(record, record["point"]): rate(record) for record in records}
    points = list(dict.fromkeys(record["point"] for record in records))
    table = Table(
        title=f"{boundary} on {records[0]['tech']}: no other netlist of the unit is smaller and as "
        f"fast; {speed.unit} by {point_heading(records)}",
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

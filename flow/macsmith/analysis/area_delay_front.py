"""The netlists of a unit that no other of its netlists beats in area and in clock period."""

from collections.abc import Sequence
from itertools import groupby

from rich.table import Table

from macsmith.analysis.metrics import figures
from macsmith.jobs.measure import Record
from macsmith.report.terminal.units import LOOK, netlist_name


def front(records: Sequence[Record]) -> list[Record]:
    """Return the records of least area at their period or any shorter one, fastest first.

    The records are of one unit, boundary and mode.
    """
    found: list[Record] = []
    for record in sorted(records, key=lambda r: (_period(r), r["area_ge"])):
        if not found or record["area_ge"] < found[-1]["area_ge"]:
            found.append(record)
    return found


def fronts_of(records: Sequence[Record], boundary: str) -> list[tuple[str, list[Record]]]:
    """Return each unit with the front of its netlists, by records of its first mode."""
    here = [record for record in records if record["boundary"] == boundary]
    made = []
    for (unit, _), group in groupby(here, key=lambda r: (r["unit"], str(r["parameters"]))):
        of_unit = list(group)
        mode = of_unit[0]["mode"]
        made.append((unit, front([record for record in of_unit if record["mode"] == mode])))
    return made


def fronts(records: Sequence[Record], boundary: str) -> Table:
    """Return the fronts as a table, with the throughput of each mode."""
    physical = all(record["area_um2"] is not None for record in records)
    rate = {_key(record): figures(record)["rate"] for record in records}
    modes = list(dict.fromkeys(record["mode"] for record in records))
    tech, unit_of_rate = records[0]["tech"], "GMAC/s" if physical else "MAC/ktau"
    table = Table(
        title=f"{boundary} on {tech}: no other netlist of the unit is smaller and as fast; "
        f"{unit_of_rate} by mode",
        **LOOK,
    )
    table.add_column("unit", no_wrap=True)
    table.add_column("netlist", no_wrap=True)
    area, period = ("um2", "ns") if physical else ("GE", "tau")
    for heading in (f"area {area}", f"period {period}", "over fastest", *modes):
        table.add_column(heading, justify="right", no_wrap=True)
    for unit, kept in fronts_of(records, boundary):
        for number, record in enumerate(kept):
            own = figures(record)
            rates = [rate.get(_key(record | {"mode": mode})) for mode in modes]
            table.add_row(
                "" if number else unit, netlist_name(record), f"{own['area']:.1f}",
                f"{own['period']:.3f}", f"{_period(record) / _period(kept[0]):.2f}",
                *("" if value is None else f"{value:.3f}" for value in rates),
            )  # fmt: skip
        table.add_section()
    return table


def _key(record: Record) -> tuple[str, ...]:
    names = ("unit", "boundary", "recipe", "adders", "mode")
    return (*(record[name] for name in names), str(record["parameters"]))


def _period(record: Record) -> float:
    return float(record["period_tau"] if record["period_ns"] is None else record["period_ns"])

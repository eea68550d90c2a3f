"""A sweep in a table that fits a terminal: the points that a designer chooses among."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from rich import box
from rich.table import Table

from macsmith.analysis.metrics import figures, metrics
from macsmith.jobs.energy_unit import unit_of_record
from macsmith.jobs.measure import Record, product
from macsmith.jobs.netlist_job import least

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
    found = figures(record)
    area, rate, energy = found["area"] or 0.0, found["rate"] or 0.0, found["energy"]
    return area, -rate, float("inf") if energy is None else energy


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
    """Return the front of each full precision, and each unit's point of least area x period.

    The last column says which of them a row is: ``front``, ``unit``.
    """
    keys = [key for key in varied(records) if key != "modes"] or varied(records)
    full = [
        record
        for record in records
        if record["tech"] == tech
        and record["boundary"] == boundary
        and record["mode"] == record["parameters"]["modes"][0]
    ]
    area, period, rate, _, energy = metrics(full[0]["area_um2"] is not None)
    shown = Table(
        title=f"{boundary} on {tech}, full precision: best points of {len(full)}",
        title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0),
    )  # fmt: skip
    for heading in ("mode", "unit", "parameters", "recipe"):
        shown.add_column(heading, no_wrap=heading != "parameters")
    has_energy = any(figures(record)["energy"] is not None for record in full)
    headings = [f"area {area.unit}", f"period {period.unit}", rate.unit]
    for heading in [*headings, f"{energy.unit}/MAC"] if has_energy else headings:
        shown.add_column(heading, justify="right", no_wrap=True)
    shown.add_column("best of", no_wrap=True)
    rows = [row for mode in dict.fromkeys(r["mode"] for r in full) for row in _rows(full, mode)]
    for mode, group in groupby(rows[:ROWS], key=lambda row: str(row[0]["mode"])):
        for number, (record, best) in enumerate(group):
            found, form = figures(record), unit_of_record(record).form
            energies = ["" if found["energy"] is None else format(found["energy"], form)]
            shown.add_row(
                "" if number else mode,
                record["unit"],
                settings(record, keys),
                record["recipe"] + ", cells" * (record["adders"] == "cells"),
                *(f"{found[metric.key]:.4g}" for metric in (area, period, rate)),
                *(energies if has_energy else []),
                best,
            )
        shown.add_section()
    if len(rows) > ROWS:
        shown.caption = f"{len(rows) - ROWS} more rows are left out; --csv writes all records"
    return shown


def _rows(records: Sequence[Record], mode: str) -> list[tuple[Record, str]]:
    """Return the records of a mode to show, smallest first, and what each is best at."""
    mine = [record for record in records if record["mode"] == mode]
    ahead = {id(record) for record in front(mine)}
    chosen = {id(record) for record in least(mine, lambda record: record["unit"], product)}
    rows = []
    for record in sorted(mine, key=lambda record: float(record["area_ge"])):
        best = ["front"] * (id(record) in ahead) + ["unit"] * (id(record) in chosen)
        if best:
            rows.append((record, ", ".join(best)))
    return rows

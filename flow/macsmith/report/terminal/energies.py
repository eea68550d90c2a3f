"""Energies of records as a table in a terminal: by stimulus, and by where a unit spends them."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.table import Table

from macsmith.analysis.metrics import merit
from macsmith.records.energies import (
    energy,
    energy_parts,
    energy_per_issued_mac,
    energy_places,
    energy_without_glitches,
    written,
)
from macsmith.records.in_units import is_physical, operation_of
from macsmith.records.record import Record
from macsmith.records.selection import smallest_product, unit_of, values
from macsmith.report.terminal.units import LOOK, netlist_name, point_heading


def is_worth_a_table(records: Sequence[Record]) -> bool:
    """Return whether the comparison's one column of energies leaves something out."""
    stimuli = {record["stimulus"] for record in records if record["stimulus"]}
    return len(stimuli) > 1 or any(energy_places(record) for record in records)


def energies(records: Sequence[Record], boundary: str) -> Table | None:
    """Return unit x point x stimulus at one boundary, or None without energies.

    Columns are the energy, the same without glitches, and what it consists of: by place at the
    unit boundary, by part at the core.
    """
    known = [one for one in records if one["boundary"] == boundary and one["stimulus"]]
    if not known:
        return None
    stimuli = values(known, "stimulus")
    rows = [
        row
        for stimulus in stimuli
        for row in smallest_product([one for one in known if one["stimulus"] == stimulus])
    ]
    units, points = (list(dict.fromkeys(map(key, records))) for key in (unit_of, _point))
    order = {stimulus: number for number, stimulus in enumerate(stimuli, 1)}
    rows.sort(
        key=lambda r: (units.index(unit_of(r)), points.index(_point(r)), order[str(r["stimulus"])])
    )
    split = energy_places if energy_places(rows[0]) else energy_parts
    legend = "\n".join(f"stimulus {number}: {stimulus}" for stimulus, number in order.items())
    physical, operation = is_physical(rows[0]), operation_of(rows)
    shown = merit("energy", physical, operation)
    assumed = f"{rows[0]['energy_method']}, wires: {rows[0]['wires']}"
    title = f"{boundary} on {rows[0]['tech']}: {shown.title}; {assumed}"
    table = Table(title=title, caption=legend, caption_justify="left", **LOOK)
    for heading in ("unit", point_heading(rows), "stimulus"):
        table.add_column(heading, no_wrap=True)
    padded = any(energy_per_issued_mac(row) != energy(row) for row in rows)
    issued = ["per issued"] if padded and rows[0]["macs_per_cycle"] is not None else []
    for heading in (shown.column, *issued, "no glitches", *split(rows[0])):
        table.add_column(heading, justify="right", no_wrap=True)
    for (name, _), group in groupby(rows, key=unit_of):
        for number, row in enumerate(group):
            figures = [energy(row), *(energy_per_issued_mac(row) for _ in issued)]
            figures += [energy_without_glitches(row), *split(row).values()]
            cells = [written(value, physical) for value in figures]
            of_row = row["point"] or "", str(order[str(row["stimulus"])])
            table.add_row("" if number else name, *of_row, *cells)
        table.add_section()
    return table


def without_energy(records: Sequence[Record]) -> Iterator[str]:
    """Yield a sentence for each stimulus about modes for which it had no operands."""
    netlists: dict[tuple[str, ...], list[Record]] = {}
    for record in records:
        netlist = (record["tech"], *unit_of(record), record["boundary"], netlist_name(record))
        netlists.setdefault(netlist, []).append(record)
    lacking: dict[tuple[str, str], dict[str, None]] = {}
    for group in netlists.values():
        points = dict.fromkeys(record["point"] for record in group if record["point"])
        for stimulus in values(group, "stimulus"):
            fit = {one["point"] for one in group if one["stimulus"] == stimulus}
            if missing := ", ".join(point for point in points if point not in fit):
                lacking.setdefault((stimulus, missing), {})[group[0]["unit"]] = None
    for (stimulus, missing), units in lacking.items():
        yield f"no energy in {missing} of {', '.join(units)}: {stimulus}, has no operands for it"


def _point(record: Record) -> str:
    return str(record["point"])

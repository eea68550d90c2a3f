"""Energies of records as a table in a terminal: by stimulus, and by where a unit spends them."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.table import Table

from macsmith.jobs.energy_unit import unit_of_record
from macsmith.jobs.measure import Record, smallest_product
from macsmith.report.terminal.units import LOOK


def is_worth_a_table(records: Sequence[Record]) -> bool:
    """Return whether the comparison's one column of energies leaves something out."""
    stimuli = {record["stimulus"] for record in records if record["stimulus"]}
    return len(stimuli) > 1 or any(record[unit_of_record(record).places] for record in records)


def energies(records: Sequence[Record], boundary: str) -> Table | None:
    """Return unit x mode x stimulus at one boundary, or None without energies.

    Columns are the energy, the same without glitches, and what it consists of: by place at the
    unit boundary, by part at the core.
    """
    known = [one for one in records if one["boundary"] == boundary and one["stimulus"]]
    if not known:
        return None
    stimuli = list(dict.fromkeys(record["stimulus"] for record in known))
    rows = [
        row
        for stimulus in stimuli
        for row in smallest_product([one for one in known if one["stimulus"] == stimulus])
    ]
    units, modes = (list(dict.fromkeys(map(key, records))) for key in (_unit, _mode))
    order = {stimulus: number for number, stimulus in enumerate(stimuli, 1)}
    rows.sort(
        key=lambda row: (units.index(_unit(row)), modes.index(_mode(row)), order[row["stimulus"]])
    )
    unit = unit_of_record(rows[0])
    split = unit.places if rows[0][unit.places] else unit.parts
    legend = "\n".join(f"stimulus {number}: {stimulus}" for stimulus, number in order.items())
    title = f"{boundary} on {rows[0]['tech']}: {unit.name} a product"
    table = Table(title=title, caption=legend, caption_justify="left", **LOOK)
    for heading in ("unit", "mode", "stimulus"):
        table.add_column(heading, no_wrap=True)
    for heading in (f"{unit.name}/MAC", "no glitches", *rows[0][split]):
        table.add_column(heading, justify="right", no_wrap=True)
    for (name, _), group in groupby(rows, key=_unit):
        for number, row in enumerate(group):
            figures = [row[unit.per_mac], row[unit.zero_delay], *row[split].values()]
            cells = [format(value, unit.form) for value in figures]
            table.add_row("" if number else name, row["mode"], str(order[row["stimulus"]]), *cells)
        table.add_section()
    return table


def without_energy(records: Sequence[Record]) -> Iterator[str]:
    """Yield a sentence for each stimulus about modes for which it had no operands."""
    names = ("tech", "unit", "parameters", "boundary", "recipe", "adders")
    netlists: dict[tuple[str, ...], list[Record]] = {}
    for record in records:
        netlists.setdefault(tuple(str(record[name]) for name in names), []).append(record)
    lacking: dict[tuple[str, str], dict[str, None]] = {}
    for group in netlists.values():
        modes = dict.fromkeys(record["mode"] for record in group)
        for stimulus in dict.fromkeys(one["stimulus"] for one in group if one["stimulus"]):
            fit = {one["mode"] for one in group if one["stimulus"] == stimulus}
            if missing := ", ".join(mode for mode in modes if mode not in fit):
                lacking.setdefault((stimulus, missing), {})[group[0]["unit"]] = None
    for (stimulus, missing), units in lacking.items():
        yield f"no energy in {missing} of {', '.join(units)}: {stimulus}, has no operands for it"


def _unit(record: Record) -> tuple[str, str]:
    return record["unit"], str(record["parameters"])


def _mode(record: Record) -> str:
    return str(record["mode"])

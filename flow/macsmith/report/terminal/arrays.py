"""Tensor PEs and what they gain, as tables in a terminal."""

from collections.abc import Iterator, Sequence

from rich.table import Table

from macsmith.analysis.published.tensor_pe import SOURCE
from macsmith.jobs.energy_unit import unit_of_record
from macsmith.jobs.measure import Record
from macsmith.report.terminal.units import LOOK


def gains(records: Sequence[Record]) -> Iterator[Table]:
    """Yield PE x density of one mode: areas and their gains, then energies if there are any."""
    points: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        points.setdefault((record["pe"], record["density"]), []).append(record)
    where = f"tensor PEs on {records[0]['tech']}, {records[0]['mode']}, smallest netlists"
    physical = records[0]["area_um2"] is not None
    unit, time = ("um2", "ns") if physical else ("GE", "tau")
    table = Table(
        title=f"{where}: area",
        caption="x: products per area over 1x1x1 dense; then without the flip-flops of sum "
        f"registers\npublished: {SOURCE}",
        caption_justify="left", **LOOK,
    )  # fmt: skip
    _columns(table, ["MAC/cycle", unit, time, f"{unit}/MAC", "x", "x, no sum FF"])
    for point, mine in points.items():
        table.add_row(*point, *_area(mine[0], physical))
    yield table
    stimuli = list(dict.fromkeys(record["stimulus"] for record in records if record["stimulus"]))
    if not stimuli:
        return
    legend = [f"stimulus {k}: {stimulus}" for k, stimulus in enumerate(stimuli, 1)]
    table = Table(
        title=f"{where}: energy",
        caption="\n".join(["x: products per energy over 1x1x1 dense", *legend]),
        caption_justify="left", **LOOK,
    )  # fmt: skip
    name = unit_of_record(records[0]).name
    _columns(
        table, [text for k in range(1, len(stimuli) + 1)
                for text in (f"{name}/MAC {k}", "x", f"{name}/executed {k}")],
    )  # fmt: skip
    for point, mine in points.items():
        table.add_row(*point, *(text for record in mine for text in _energy(record)))
    yield table


def _columns(table: Table, numbers: Sequence[str]) -> None:
    for heading in ("PE", "density"):
        table.add_column(heading, no_wrap=True)
    for heading in numbers:
        table.add_column(heading, justify="right", no_wrap=True)


def _area(record: Record, physical: bool) -> list[str]:
    area = record["area_um2"] if physical else record["area_ge"]
    period = record["period_ns"] if physical else record["period_tau"]
    macs = record["macs_per_cycle"]
    return [
        f"{macs:g}", f"{area:.0f}", f"{period:.2f}", f"{area / macs:.1f}",
        f"{record['area_gain']:.2f}", f"{record['area_gain_without_drain']:.2f}",
    ]  # fmt: skip


def _energy(record: Record) -> list[str]:
    """Return energies and their gain; nothing of a mode for which a stimulus has no operands."""
    if record["energy_gain"] is None:
        return ["", "", ""]
    unit = unit_of_record(record)
    return [
        f"{record[unit.per_mac]:{unit.form}}", f"{record['energy_gain']:.2f}",
        f"{record[unit.per_executed_mac]:{unit.form}}",
    ]  # fmt: skip

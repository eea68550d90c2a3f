"""Tensor PEs and what they gain, as tables in a terminal."""

from collections.abc import Iterator, Sequence

from rich.table import Table

from macsmith.analysis.metrics import merit
from macsmith.analysis.published.tensor_pe import SOURCE
from macsmith.records.assumptions import assumptions
from macsmith.records.energies import energy, energy_per_executed_mac, written
from macsmith.records.in_units import area, is_physical, operation_of, period
from macsmith.records.record import PeRecord
from macsmith.records.selection import values
from macsmith.report.terminal.units import LOOK


def gains(records: Sequence[PeRecord]) -> Iterator[Table]:
    """Yield PE x density of one mode: areas and their gains, then energies if there are any."""
    points: dict[tuple[str, str], list[PeRecord]] = {}
    for record in records:
        points.setdefault((record["pe"], record["density"]), []).append(record)
    where = f"tensor PEs on {records[0]['tech']}, {records[0]['point']}, smallest netlists"
    assumed = assumptions(records[0])
    physical = is_physical(records[0])
    operation = operation_of(records)
    size, time, pj = (merit(key, physical, operation) for key in ("area", "period", "energy"))
    table = Table(
        title=f"{where}: area; {assumed}",
        caption="x: products per area over 1x1x1 dense; then without the flip-flops of sum "
        f"registers\npublished: {SOURCE}",
        caption_justify="left", **LOOK,
    )  # fmt: skip
    _columns(
        table, [f"{operation}/cycle", size.unit, time.unit, f"{size.unit}/{operation}", "x",
                "x, no sum FF"],
    )  # fmt: skip
    for point, mine in points.items():
        table.add_row(*point, *_area(mine[0]))
    yield table
    stimuli = values(records, "stimulus")
    if not stimuli:
        return
    legend = [f"stimulus {k}: {stimulus}" for k, stimulus in enumerate(stimuli, 1)]
    table = Table(
        title=f"{where}: energy; {assumed}",
        caption="\n".join(["x: products per energy over 1x1x1 dense", *legend]),
        caption_justify="left", **LOOK,
    )  # fmt: skip
    _columns(
        table, [text for k in range(1, len(stimuli) + 1)
                for text in (f"{pj.column} {k}", "x", f"{pj.unit}/executed {k}")],
    )  # fmt: skip
    for point, mine in points.items():
        table.add_row(*point, *(text for record in mine for text in _energy(record)))
    yield table


def _columns(table: Table, numbers: Sequence[str]) -> None:
    for heading in ("PE", "density"):
        table.add_column(heading, no_wrap=True)
    for heading in numbers:
        table.add_column(heading, justify="right", no_wrap=True)


def _area(record: PeRecord) -> list[str]:
    size, rate = area(record), record["operations_per_cycle"]
    return [
        f"{rate:g}", f"{size:.0f}", f"{period(record):.2f}", f"{size / rate:.1f}",
        f"{record['area_gain']:.2f}", f"{record['area_gain_without_drain']:.2f}",
    ]  # fmt: skip


def _energy(record: PeRecord) -> list[str]:
    """Return energies and their gain; nothing of a mode for which a stimulus has no operands."""
    if record["energy_gain"] is None:
        return ["", "", ""]
    physical = is_physical(record)
    return [
        written(energy(record), physical), f"{record['energy_gain']:.2f}",
        written(energy_per_executed_mac(record), physical),
    ]  # fmt: skip

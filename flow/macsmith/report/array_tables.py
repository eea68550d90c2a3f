"""Tensor PEs and what they gain, as a table in a terminal."""

from collections.abc import Sequence

from rich.table import Table

from macsmith.measure import Record
from macsmith.report.array_published import SOURCE
from macsmith.report.tables import LOOK


def gains(records: Sequence[Record]) -> Table:
    """Return PE x density of one mode: area and gains, then energies and gains by stimulus."""
    first = records[0]
    physical = first["area_um2"] is not None
    stimuli = list(dict.fromkeys(record["stimulus"] for record in records if record["stimulus"]))
    legend = [f"stimulus {k}: {stimulus}" for k, stimulus in enumerate(stimuli, 1)]
    legend.append(f"x is the gain over 1x1x1 dense; published: {SOURCE}")
    table = Table(
        title=f"tensor PEs on {first['tech']}, {first['mode']}: the smallest netlist of each",
        caption="\n".join(legend), caption_justify="left", **LOOK,
    )  # fmt: skip
    for heading in ("PE", "density"):
        table.add_column(heading, no_wrap=True)
    unit, time = ("um2", "ns") if physical else ("GE", "tau")
    headings = ["MAC/cycle", unit, time, f"{unit}/MAC", "x", "x, no sum FF"]
    for number in range(1, len(stimuli) + 1):
        headings += [f"pJ/MAC {number}", "x", "pJ/executed"]
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for point in dict.fromkeys(map(_point, records)):
        mine = [record for record in records if _point(record) == point]
        table.add_row(*point, *_areas(mine[0], physical), *_energies(mine))
    return table


def _areas(record: Record, physical: bool) -> list[str]:
    area = record["area_um2"] if physical else record["area_ge"]
    period = record["period_ns"] if physical else record["period_tau"]
    macs = record["macs_per_cycle"]
    return [
        f"{macs:g}", f"{area:.0f}", f"{period:.2f}", f"{area / macs:.1f}",
        f"{record['area_gain']:.2f}", f"{record['area_gain_without_drain']:.2f}",
    ]  # fmt: skip


def _energies(records: Sequence[Record]) -> list[str]:
    return [
        text
        for record in records
        if record["stimulus"]
        for text in (
            f"{record['energy_pj_per_mac']:.3f}", f"{record['energy_gain']:.2f}",
            f"{record['energy_pj_per_executed_mac']:.3f}",
        )
    ]  # fmt: skip


def _point(record: Record) -> tuple[str, str]:
    return record["pe"], record["density"]

"""Modelled operating points, and the published ones, as tables in a terminal."""

from collections.abc import Sequence
from itertools import groupby

from rich.table import Table

from macsmith.analysis.published.envision import PLAIN, SOURCE, Comparison
from macsmith.analysis.published.verdicts import REFERENCE
from macsmith.records.record import ScaledRecord
from macsmith.report.terminal.units import LOOK


def operating_points(rows: Sequence[ScaledRecord]) -> Table:
    """Return unit x mode, the methods side by side: supply, clock, energy and its ratio."""
    model, tech = rows[0]["model"], rows[0]["tech"]
    table = Table(
        title=f"core on {tech}, modelled: Vth {model['vth_v']:g} V, alpha {model['alpha']:g}, "
        f"{model['nominal_v']:g} V down to {model['vmin_v']:g} V",
        caption=f"pJ per MAC, ratios to {REFERENCE} at full precision; * the lowest supply allowed",
        caption_justify="left",
        **LOOK,
    )
    for heading in ("unit", "mode"):
        table.add_column(heading, no_wrap=True)
    headings = ["MHz", "DAS pJ", "ratio", "DVAS V", "pJ", "ratio"]
    for heading in [*headings, "DVAFS V", "MHz", "pJ", "ratio"]:
        table.add_column(heading, justify="right")
    for (unit, _), of_unit in groupby(rows, key=lambda row: (row["unit"], str(row["parameters"]))):
        modes = groupby(of_unit, key=lambda row: row["mode"])
        for number, (mode, methods) in enumerate(modes):
            cells = [cell for row in methods for cell in _cells(row)]
            table.add_row("" if number else unit, mode, *cells)
        table.add_section()
    return table


def _cells(row: ScaledRecord) -> list[str]:
    mhz, volts = f"{row['clock_mhz']:.0f}", f"{row['voltage_v']:.3f}"
    volts += "*" if row["limit"] == "vmin" else ""
    before = {"DAS": [mhz], "DVAS": [volts], "DVAFS": [volts, mhz]}
    relative = row["energy_relative"]
    ratio = "" if relative is None else f"{relative:.3f}"
    return [*before[row["method"]], f"{row['energy_pj_per_operation']:.3f}", ratio]


def published_points(comparisons: Sequence[Comparison], idle: float | None) -> Table:
    """Return published figures beside ours."""
    share = "" if idle is None else f" Clock and registers take {idle:.0%} of {PLAIN} at 4 bits."
    table = Table(
        title=f"published ({SOURCE}) and ours",
        caption="ours: the whole core, with accumulator, registers and clock; logic: its gates and "
        f"their glitches alone.{share}",
        caption_justify="left",
        **LOOK,
    )
    for heading in ("quantity", "published of"):
        table.add_column(heading)
    for heading in ("published", "ours", "logic"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in comparisons:
        logic = "" if one.logic is None else f"{one.logic:.2f} {one.unit}"
        table.add_row(
            one.quantity, one.where, f"{one.published} {one.unit}", f"{one.ours:.2f} {one.unit}",
            logic,
        )  # fmt: skip
    return table

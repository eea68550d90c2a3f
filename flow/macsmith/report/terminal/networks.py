"""What mixes and networks cost, as tables in a terminal."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from rich.table import Table

from macsmith.jobs.energy_unit import energy_of, unit_of_record
from macsmith.jobs.measure import Record
from macsmith.networks.layer_tables.layers import Workload
from macsmith.report.terminal.units import LOOK

Column = tuple[str, Callable[[Record], float | None], str]
"""Heading, figure, and how it is written. Least is best."""


def mix_table(records: Sequence[Record]) -> Table:
    """Return a row for each unit at one mix, and the best of each column."""
    first = records[0]
    shares = ", ".join(f"{share:.3g} {mode}" for mode, share in first["mix"].items())
    time, energy = _time_unit(first), unit_of_record(first)
    return _table(
        f"{first['mode']} ({shares}) on {first['tech']}",
        records,
        [
            (f"{energy.name}/MAC", energy_of, energy.form),
            (f"{time}/MAC", _key(f"{time}_per_mac"), ".4g"),
            (f"{time}/MAC, one clock", _key(f"{time}_per_mac_one_clock"), ".4g"),
            _area(first),
            ("GMAC/s/mm2", lambda r: _negative(r["gmacs_per_s_per_mm2"]), ".1f"),
        ],
    )


def network_table(records: Sequence[Record], workload: Workload) -> Table:
    """Return a row for each unit over all layers, and the best of each column."""
    whole = [record for record in records if record["layer"] is None]
    time = _time_unit(whole[0])
    frames: list[Column] = [
        ("ms", _key("ms"), ".4g"),
        ("ms, one clock", _key("ms_one_clock"), ".4g"),
    ]
    if time == "tau":
        frames = [("Mtau", lambda r: r["macs"] * r["tau_per_mac"] * 1e-6, ".4g")]
    millions = _written(workload.macs / 1e6, ".4g")
    return _table(
        f"{workload.name} on {whole[0]['tech']}: {millions} MMAC a frame, one unit; "
        f"{workload.source}",
        whole,
        [
            ("uJ", _key("energy_uj"), ".4g"),
            ("10^6 C0V2", lambda r: _millions(r["energy_c0v2"]), ".4g"),
            *frames,
            ("MAC/cycle", lambda r: _negative(r["macs_per_cycle"]), ".4g"),
            _area(whole[0]),
            ("uJ mm2", _key("energy_area_uj_mm2"), ".4g"),
            ("10^9 C0V2 GE", lambda r: _millions(r["energy_area_c0v2_ge"], 1e9), ".4g"),
        ],
    )


def layer_table(records: Sequence[Record]) -> Table:
    """Return a row for each layer: its operands, modes, and the best units."""
    layers = [record for record in records if record["layer"] is not None]
    units = list(dict.fromkeys(record["unit"] for record in layers))
    of_unit = [[record for record in layers if record["unit"] == unit] for unit in units]
    time = f"{_time_unit(layers[0])}_per_mac"
    energy = all(energy_of(record) is not None for record in layers)
    unit = unit_of_record(layers[0])
    table = Table(title=f"layers of {layers[0]['workload']}: cheapest mode and best units", **LOOK)
    headings = ["layer", "MMAC", "bits", "zeros a, w", "mode"]
    headings += [f"least {unit.name}/MAC"] if energy else []
    headings += ["least time"]
    published = any(record["published"] for record in layers)
    headings += ["published mW", "TOPS/W"] if published else []
    for heading in headings:
        table.add_column(heading, no_wrap=heading != "mode")
    for row in zip(*of_unit, strict=True):
        first = row[0]
        cells = [
            first["layer"],
            _written(first["macs"] / 1e6, ".4g"),
            f"{first['act_bits']}x{first['weight_bits']}",
            f"{_zeros(first['act_sparsity'])}, {_zeros(first['weight_sparsity'])}",
            _modes(row),
        ]
        if energy:
            least = min(row, key=lambda r: float(r[unit.per_mac]))
            cells.append(f"{least['unit']} {least[unit.per_mac]:{unit.form}}")
        cells.append(min(row, key=lambda r: float(r[time]))["unit"])
        if published:
            cells += [first["published"].get(key, "") for key in ("mw", "tops_per_w")]
        table.add_row(*cells)
    return table


def _table(title: str, records: Sequence[Record], columns: Sequence[Column]) -> Table:
    """Return units by figures; columns without figures are left out, the last row has the best."""
    shown = [column for column in columns if column[1](records[0]) is not None]
    table = Table(title=title, **LOOK)
    table.add_column("unit", no_wrap=True)
    table.add_column("netlist")
    for heading, _, _ in shown:
        table.add_column(heading, justify="right", no_wrap=True)
    for record in records:
        netlist = record["recipe"] + ", cells" * (record["adders"] == "cells")
        figures = [_written(abs(figure(record) or 0.0), form) for _, figure, form in shown]
        table.add_row(record["unit"], netlist, *figures)
    table.add_section()
    best = [min(records, key=lambda r: figure(r) or 0.0)["unit"] for _, figure, _ in shown]
    table.add_row("best", "", *best, style="bold")
    return table


def _written(figure: float, form: str) -> str:
    """Return a figure, without an exponent where its digits are counted."""
    text = format(figure, form)
    return f"{float(text):,.15g}" if form.endswith("g") else text


def _key(name: str) -> Callable[[Record], Any]:
    return lambda record: record[name]


def _millions(figure: float | None, million: float = 1e6) -> float | None:
    """Return a figure in millions, or another number of them."""
    return None if figure is None else figure / million


def _negative(figure: float | None) -> float | None:
    """Return a figure of which more is better so that less is."""
    return None if figure is None else -figure


def _area(record: Record) -> Column:
    if record["area_um2"] is None:
        return ("area GE", _key("area_ge"), ".0f")
    return ("area um2", _key("area_um2"), ".0f")


def _time_unit(record: Record) -> str:
    return "tau" if record["ns_per_mac"] is None else "ns"


def _zeros(share: float | None) -> str:
    return "?" if share is None else f"{share:.0%}"


def _modes(row: Sequence[Record]) -> str:
    """Return the mode that all units run a layer in, or the modes with their units."""
    chosen = sorted(row, key=lambda record: str(record["mode"]))
    groups = {
        mode: [record["unit"] for record in group]
        for mode, group in groupby(chosen, key=lambda record: str(record["mode"]))
    }
    if len(groups) == 1:
        return next(iter(groups))
    return "; ".join(f"{mode} {', '.join(units)}" for mode, units in groups.items())

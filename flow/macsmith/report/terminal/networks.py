"""What mixes and networks cost, as tables in a terminal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from rich.table import Table

from macsmith.analysis.metrics import merit
from macsmith.networks.layer_tables.layers import Workload
from macsmith.records.assumptions import assumptions
from macsmith.records.energies import energy, written
from macsmith.records.in_units import is_physical, operation_of
from macsmith.records.metric import Metric
from macsmith.records.record import LayerRecord, MixRecord, NetworkRecord, Record
from macsmith.records.registry import figure, metric
from macsmith.report.terminal.units import LOOK, netlist_name


@dataclass(frozen=True)
class Column:
    """A figure of units: the metric, how it is written, and how many of its unit are told as one.

    Members
    -------
    figure
        The figure of a record, if it is not under the metric's own key.
    """

    metric: Metric
    form: str = ".4g"
    scale: float = 1.0
    figure: Callable[[LayerRecord | MixRecord], float | None] | None = None

    def of(self, record: LayerRecord | MixRecord) -> float | None:
        """Return a record's figure as it is told."""
        value = self.figure(record) if self.figure else figure(record, self.metric.key)
        return None if value is None else value / self.scale


def mix_table(records: Sequence[MixRecord]) -> Table:
    """Return a row for each unit at one mix, and the best of each column."""
    first = records[0]
    shares = ", ".join(f"{share:.3g} {mode}" for mode, share in first["mix"].items())
    keys = {"energy_pj_per_operation": ".3f", "energy_c0v2_per_operation": ".1f"}
    keys |= {
        f"{unit}_per_mac{clock}": ".4g" for unit in ("ns", "tau") for clock in ("", "_one_clock")
    }
    columns = [Column(metric(key), form) for key, form in keys.items()]
    columns += [_area(first), Column(metric("gops_per_s_per_mm2"), ".1f")]
    return _table(f"{first['mode']} ({shares}) on {first['tech']}", records, columns)


def network_table(records: Sequence[NetworkRecord], workload: Workload) -> Table:
    """Return a row for each unit over all layers, and the best of each column."""
    whole = [record for record in records if record["layer"] is None]
    millions = _written(workload.macs / 1e6, ".4g")
    return _table(
        f"{workload.name} on {whole[0]['tech']}: {millions} MMAC a frame, one unit; "
        f"{workload.source}",
        whole,
        [
            Column(metric("energy_uj")),
            Column(replace(metric("energy_c0v2"), head="10^6 C0V2"), scale=1e6),
            Column(metric("ms")),
            Column(metric("ms_one_clock")),
            Column(
                Metric(key="tau", name="time a frame", unit="tau", head="Mtau", meaning="a frame"),
                scale=1e6, figure=_tau,
            ),
            Column(metric("operations_per_cycle")),
            Column(metric("useful_share"), ".3f"),
            _area(whole[0]),
            Column(metric("energy_area_uj_mm2")),
            Column(replace(metric("energy_area_c0v2_ge"), head="10^9 C0V2 GE"), scale=1e9),
        ],
    )  # fmt: skip


def _tau(record: Any) -> float | None:
    """Return the time of a frame on the generic library."""
    each = record["tau_per_mac"]
    return None if each is None else record["macs"] * each


def layer_table(records: Sequence[NetworkRecord]) -> Table:
    """Return a row for each layer: its operands, modes, and the best units."""
    layers = [record for record in records if record["layer"] is not None]
    units = list(dict.fromkeys(record["unit"] for record in layers))
    of_unit = [[record for record in layers if record["unit"] == unit] for unit in units]
    has_energy = all(energy(record) is not None for record in layers)
    physical = is_physical(layers[0])
    shown = merit("energy", physical, operation_of(layers))
    table = Table(
        title=f"layers of {layers[0]['workload']}: cheapest mode and best units; "
        + assumptions(layers[0]),
        **LOOK,
    )
    shaped = any(record["k"] is not None for record in layers)
    headings = ["layer", "MMAC", *(["m x n x k"] if shaped else []), "bits", "zeros a, w", "mode"]
    headings += [f"least {shown.column}"] if has_energy else []
    headings += ["least time"]
    published = any(record["published"] for record in layers)
    headings += ["published mW", "TOPS/W"] if published else []
    for heading in headings:
        table.add_column(heading, no_wrap=heading != "mode")
    for row in zip(*of_unit, strict=True):
        first = row[0]
        cells = [
            str(first["layer"]),
            _written(first["macs"] / 1e6, ".4g"),
            *([_sizes(first)] if shaped else []),
            f"{first['act_bits']}x{first['weight_bits']}",
            f"{_zeros(first['act_sparsity'])}, {_zeros(first['weight_sparsity'])}",
            _modes(row),
        ]
        if has_energy:
            best = min(row, key=lambda r: energy(r) or 0.0)
            cells.append(f"{best['unit']} {written(energy(best), physical)}")
        cells.append(min(row, key=_time)["unit"])
        if published:
            cells += [str(first["published"].get(key, "")) for key in ("mw", "tops_per_w")]
        table.add_row(*cells)
    return table


def _table(
    title: str, records: Sequence[LayerRecord] | Sequence[MixRecord], columns: Sequence[Column]
) -> Table:
    """Return units by figures; columns without figures are left out, the last row has the best."""
    shown = [column for column in columns if column.of(records[0]) is not None]
    table = Table(title=f"{title}; {assumptions(records[0])}", **LOOK)
    table.add_column("unit", no_wrap=True)
    table.add_column("netlist")
    for column in shown:
        table.add_column(column.metric.column, justify="right", no_wrap=True)
    for record in records:
        figures = [_written(column.of(record) or 0.0, column.form) for column in shown]
        table.add_row(record["unit"], netlist_name(record), *figures)
    table.add_section()
    best = [_best(records, column) for column in shown]
    table.add_row("best", "", *best, style="bold")
    return table


def _best(records: Sequence[LayerRecord] | Sequence[MixRecord], column: Column) -> str:
    """Return the unit of the best figure, the first of several."""
    figures: dict[str, float] = {}
    for record in records:
        figures.setdefault(record["unit"], column.of(record) or 0.0)
    return column.metric.best(figures)


def _written(figure: float, form: str) -> str:
    """Return a figure, without an exponent where its digits are counted."""
    text = format(figure, form)
    return f"{float(text):,.15g}" if form.endswith("g") else text


def _area(record: Record) -> Column:
    return Column(metric("area_um2" if is_physical(record) else "area_ge"), ".0f")


def _time(record: LayerRecord) -> float:
    """Return the time of a product, in ns or tau."""
    return record["ns_per_mac"] or record["tau_per_mac"] or 0.0


def _zeros(share: float | None) -> str:
    return "?" if share is None else f"{share:.0%}"


def _sizes(record: LayerRecord) -> str:
    """Return what each group of a layer multiplies; the same for all units."""
    sizes = (record["m"], record["n"], record["k"])
    return "?" if None in sizes else " x ".join(map(str, sizes))


def _modes(row: Sequence[LayerRecord]) -> str:
    """Return the mode that all units run a layer in, or the modes with their units."""
    chosen = sorted(row, key=lambda record: str(record["mode"]))
    groups = {
        mode: [record["unit"] for record in group]
        for mode, group in groupby(chosen, key=lambda record: str(record["mode"]))
    }
    if len(groups) == 1:
        return next(iter(groups))
    return "; ".join(f"{mode} {', '.join(units)}" for mode, units in groups.items())

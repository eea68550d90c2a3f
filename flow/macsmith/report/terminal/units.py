"""Records and runs as tables in a terminal."""

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from rich import box
from rich.table import Table

from macsmith.analysis.published.verdicts import REFERENCE
from macsmith.host.verification_run import Run
from macsmith.jobs.energy_unit import energy_of, energy_unit, unit_of_record
from macsmith.jobs.measure import Record, smallest_product

LOOK: dict[str, Any] = {"title_justify": "left", "box": box.SIMPLE_HEAD, "padding": (0, 1, 0, 0)}
"""How all tables look."""


def comparison(records: Sequence[Record], boundary: str) -> Table:
    """Return unit x mode at one boundary, for each unit by its recipe of least area x period."""
    rows = [record for record in smallest_product(records) if record["boundary"] == boundary]
    physical = all(record["area_um2"] is not None for record in rows)
    tech, engine = rows[0]["tech"], rows[0]["timing_engine"]
    table = Table(
        title=f"{boundary} on {tech}: recipe and adders of least area x period, timing by {engine}",
        **LOOK,
    )
    table.add_column("unit", no_wrap=True)
    table.add_column("recipe")
    table.add_column("mode")
    headings = ["area um2", "area GE"] if physical else ["area GE"]
    time = "ns" if physical else "tau"
    headings += ["cells", "FF", f"period {time}", f"in mode {time}", "MAC/cycle"]
    headings += ["GMAC/s/mm2"] if physical else []
    energy = any(energy_of(row) is not None for row in rows)
    headings += [f"{energy_unit(physical).name}/MAC"] if energy else []
    headings += ["rel. area", "MAC/s/area"]
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    references = {row["mode"]: row for row in rows if row["unit"] == REFERENCE}
    for _, group in groupby(rows, key=lambda row: (row["unit"], str(row["parameters"]))):
        for number, row in enumerate(group):
            table.add_row(*_cells(row, references.get(row["mode"]), physical, energy, number == 0))
        table.add_section()
    return table


def netlist_name(record: Record) -> str:
    """Return recipe and form of adders of a record, as tables show them."""
    return record["recipe"] + ", cells" * (record["adders"] == "cells")


def _cells(
    row: Record, reference: Record | None, physical: bool, energy: bool, first: bool
) -> list[str]:
    period = row["period_ns"] if physical else row["period_tau"]
    area = [f"{row['area_um2']:.1f}"] if physical else []
    area += [f"{row['area_ge']:.0f}", str(row["cells"]), str(row["flip_flops"]), f"{period:.3f}"]
    named = [row["unit"], netlist_name(row)]
    mode = row["mode"] or ""
    cells = [*named, mode, *area] if first else ["", "", mode, *[""] * len(area)]
    in_mode = row["mode_period_ns"] if physical else row["mode_period_tau"]
    cells.append("" if in_mode is None else f"{in_mode:.3f}")
    macs, density = row["macs_per_cycle"], row["gmacs_per_s_per_mm2"]
    cells.append("" if macs is None else f"{macs:.4g}")
    if physical:
        cells.append("" if density is None else f"{density:.1f}")
    if energy:
        known = energy_of(row)
        cells.append("" if known is None else format(known, unit_of_record(row).form))
    if reference is None:
        return [*cells, "", ""]
    relative = row["area_ge"] / reference["area_ge"]
    return [*cells, f"{relative:.2f}" if first else "", f"{_rate(row) / _rate(reference):.2f}"]


def _rate(row: Record) -> float:
    """Return products per time and area, in the units of the technology."""
    period = row["period_tau"] if row["period_ns"] is None else row["period_ns"]
    return float(row["macs_per_cycle"] / period / row["area_ge"])


def overview(runs: Sequence[Run]) -> Table:
    """Return one row for each variant of a unit, the layers side by side."""
    table = Table(title="verification against the golden models", **LOOK)
    for heading in ("unit", "variant"):
        table.add_column(heading, no_wrap=True)
    simulators = sorted({run.simulator for run in runs if run.layer == "protocol"}, reverse=True)
    headings = ["modes", "exhaustive", "vectors in bulk"]
    headings += [f"accumulations on {simulator}" for simulator in simulators]
    for heading in (*headings, "mismatches"):
        table.add_column(heading, justify="right")
    for unit, of_unit in groupby(runs, key=lambda run: run.unit):
        for number, (variant, group) in enumerate(groupby(of_unit, key=lambda run: run.variant)):
            of_variant = list(group)
            bulk = [run for run in of_variant if run.layer == "bulk"]
            random = [
                sum(run.random for run in of_variant if run.simulator == simulator)
                for simulator in simulators
            ]
            table.add_row(
                "" if number else unit,
                variant,
                str(_modes(bulk)),
                str(sum(run.exhaustive for run in bulk)),
                f"{sum(run.vectors for run in bulk):,}",
                *(f"{count:,}" if count else "" for count in random),
                _mismatches(of_variant),
            )
        table.add_section()
    return table


def _modes(runs: Iterable[Run]) -> int:
    """Return how many modes were tried, by themselves."""
    return len({run.mode.split()[0] for run in runs if run.mode} - {"mixed"})


def _mismatches(runs: Sequence[Run]) -> str:
    """Return the number of mismatches, or that a run has no verdict."""
    failed = any(run.failure for run in runs)
    return "failed" if failed else f"{sum(run.mismatches for run in runs):,}"


def summary(runs: Sequence[Run]) -> Table:
    """Return one row for each unit, layer and simulator."""
    table = Table(title="verification against the golden models", **LOOK)
    for heading in ("unit", "layer", "simulator"):
        table.add_column(heading, no_wrap=True)
    for heading in ("modes", "exhaustive", "vectors", "accumulations", "mismatches"):
        table.add_column(heading, justify="right", no_wrap=True)

    def key(run: Run) -> tuple[str, str, str]:
        return run.unit, run.layer, run.simulator

    for (unit, layer, simulator), group in groupby(runs, key=key):
        of_part = list(group)
        table.add_row(
            unit,
            layer,
            simulator,
            str(_modes(of_part)),
            str(sum(run.exhaustive for run in of_part)) if layer == "bulk" else "",
            f"{sum(run.vectors for run in of_part):,}",
            f"{sum(run.random for run in of_part):,}",
            _mismatches(of_part),
        )
    return table


def to_csv(records: Iterable[Record]) -> str:
    """Return records as CSV; parameters, versions and parts become columns of their own."""
    flat = [_flattened(record) for record in records]
    columns = dict.fromkeys(name for row in flat for name in row)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return text.getvalue()


def _flattened(record: Record) -> Record:
    flat: Record = {}
    for name, value in record.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{part}": inner for part, inner in value.items()}
        else:
            flat[name] = value
    return {k: " ".join(v) if isinstance(v, list) else v for k, v in flat.items()}

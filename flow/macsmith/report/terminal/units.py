"""Records and runs as tables in a terminal."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from macsmith.analysis.ties import is_tie, noise_said
from macsmith.catalog.catalog import REFERENCE
from macsmith.host.verification_run import Run
from macsmith.records.assumptions import assumptions
from macsmith.records.in_units import operation_of, rate
from macsmith.records.record import Record
from macsmith.records.registry import figure, metric
from macsmith.records.selection import smallest_product, unit_of

LOOK: dict[str, Any] = {"title_justify": "left", "box": box.SIMPLE_HEAD, "padding": (0, 1, 0, 0)}
"""How all tables look."""


_COLUMNS = {
    "area_um2": ".1f",
    "area_ge": ".0f",
    "cells": ".0f",
    "flip_flops": ".0f",
    "period_ns": ".3f",
    "period_tau": ".3f",
    "mode_period_ns": ".3f",
    "mode_period_tau": ".3f",
    "operations_per_cycle": ".4g",
    "gops_per_s_per_mm2": ".1f",
    "energy_pj_per_operation": ".3f",
    "energy_c0v2_per_operation": ".1f",
}
"""Figures of a comparison, and how they are written; those that no record has are left out."""

_OF_NETLIST = ("area_um2", "area_ge", "cells", "flip_flops", "period_ns", "period_tau")
"""Figures that a netlist has whatever it is asked to do, told once."""


_DISPENSABLE = (
    "area_ge", "flip_flops", "cells", "gops_per_s_per_mm2", "operations_per_cycle",
    "mode_period_ns", "mode_period_tau",
)  # fmt: skip
"""Figures that a table does without where there is no room, the first of them first."""

TIE = "="
"""Marks figures that say nothing of two designs."""

UNBOUNDED = 10_000
"""Columns in which any table has room."""


def comparison(records: Sequence[Record], boundary: str, room: int = UNBOUNDED) -> Table:
    """Return unit x point at one boundary, for each unit by its recipe of least area x period.

    What tells rows apart is never shortened: where ``room``, in columns of text, is short, figures
    are left out, and a line says which.
    """
    rows = [record for record in smallest_product(records) if record["boundary"] == boundary]
    keys = [key for key in _COLUMNS if any(figure(row, key) is not None for row in rows)]
    table, missing = _comparison(rows, boundary, keys), list[str]()
    for key in _DISPENSABLE:
        if key not in keys or (key == "area_ge" and "area_um2" not in keys):
            continue
        if Console(width=UNBOUNDED).measure(table).maximum <= room:
            break
        keys.remove(key)
        missing.append(metric(key, operation_of(rows)).column)
        table = _comparison(rows, boundary, keys)
    said = [f"{TIE} level with {REFERENCE}: {noise_said(rows)}"] if _has_ties(rows) else []
    if missing:
        said.append(f"no room for {', '.join(missing)}; COLUMNS=160 makes some")
    if said:
        table.caption, table.caption_justify = "\n".join(said), "left"
    return table


def _has_ties(rows: Sequence[Record]) -> bool:
    """Return whether a row may be level with the reference."""
    return len({row["unit"] for row in rows}) > 1 and any(r["unit"] == REFERENCE for r in rows)


def _comparison(rows: Sequence[Record], boundary: str, keys: Sequence[str]) -> Table:
    """Return the table of some figures."""
    operation = operation_of(rows)
    table = Table(
        title=f"{boundary} on {rows[0]['tech']}: recipe and adders of least area x period; "
        + assumptions(rows[0]),
        **LOOK,
    )
    for heading in ("unit", "recipe", point_heading(rows)):
        table.add_column(heading, no_wrap=True)
    headings = [metric(key, operation).column for key in keys]
    for heading in [*headings, "rel. area", f"{operation}/s/area"]:
        table.add_column(heading, justify="right", no_wrap=True)
    references = {(r["point"], r["operation"]): r for r in rows if r["unit"] == REFERENCE}
    for _, group in groupby(rows, key=unit_of):
        for number, row in enumerate(group):
            reference = references.get((row["point"], row["operation"]))
            table.add_row(*_cells(row, reference, keys, number == 0))
        table.add_section()
    return table


def point_heading(records: Sequence[Record]) -> str:
    """Return what heads the column of points: units with precisions have modes."""
    return "mode" if all(record["mode"] == record["point"] for record in records) else "point"


def netlist_name(record: Record) -> str:
    """Return recipe and form of adders of a record, as tables show them."""
    return record["recipe"] + f", {record['adders']}" * (record["adders"] != "gates")


def _cells(
    row: Record, reference: Record | None, keys: Sequence[str], first: bool
) -> list[str]:  # fmt: skip
    cells = [row["unit"], netlist_name(row)] if first else ["", ""]
    cells.append(row["point"] or "")
    for key in keys:
        value = figure(row, key)
        told = value is not None and (first or key not in _OF_NETLIST)
        cells.append(format(value, _COLUMNS[key]) if told else "")
    if reference is None:
        return [*cells, "", ""]
    relative = row["area_ge"] / reference["area_ge"]
    return [
        *cells,
        _ratio(relative, row, reference, "area") if first else "",
        _ratio(_rate(row) / _rate(reference), row, reference, "density"),
    ]


def _ratio(value: float, row: Record, reference: Record, metric: str) -> str:
    """Return a ratio, marked where it is a tie."""
    tie = row["unit"] != REFERENCE and is_tie(row, reference, metric)
    return f"{value:.2f}" + TIE * tie


def _rate(row: Record) -> float:
    """Return operations per time and area, in the units of the technology."""
    return rate(row) / row["area_ge"]


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


def netlists(runs: Sequence[Run]) -> Table:
    """Return one row for each unit, library and simulator of mapped netlists."""
    table = Table(title="mapped netlists against the golden models", **LOOK)
    for heading in ("unit", "library", "simulator"):
        table.add_column(heading, no_wrap=True)
    for heading in ("modes", "vectors", "accumulations", "mismatches"):
        table.add_column(heading, justify="right")
    table.add_column("equal to its RTL")
    for (unit, library, simulator), group in groupby(
        runs, key=lambda run: (run.title, run.library, run.simulator)
    ):
        of_netlist = list(group)
        table.add_row(
            unit,
            library,
            simulator,
            str(_modes(of_netlist)),
            f"{sum(run.vectors for run in of_netlist):,}",
            f"{sum(run.random for run in of_netlist):,}",
            _mismatches(of_netlist),
            ", ".join(run.proof.partition(":")[0] for run in of_netlist if run.proof),
        )
    return table


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


def to_csv(records: Iterable[Mapping[str, object]]) -> str:
    """Return records as CSV; parameters, versions and parts become columns of their own."""
    flat = [_flattened(record) for record in records]
    columns = dict.fromkeys(name for row in flat for name in row)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return text.getvalue()


def _flattened(record: Mapping[str, object]) -> dict[str, object]:
    flat: dict[str, object] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{part}": inner for part, inner in value.items()}
        else:
            flat[name] = value
    return {k: " ".join(v) if isinstance(v, list) else v for k, v in flat.items()}

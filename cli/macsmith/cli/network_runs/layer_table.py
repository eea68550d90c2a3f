"""What ``macsmith run`` tells of a network of the project: a record, and a table of its layers."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from rich.table import Table

from macsmith.cli.network_runs.layer_costs import energy_cells, energy_headings
from macsmith.library.technology import Technology
from macsmith.matmul.network_runner import LayerRun
from macsmith.report.terminal.units import LOOK


def peak(runs: Sequence[LayerRun]) -> float:
    """Return the most products a cycle of all layers."""
    return max(run.counters.peak for run in runs)


def totals(runs: Sequence[LayerRun]) -> dict[str, Any]:
    """Return what all layers come to."""
    cycles = sum(run.counters.cycles for run in runs)
    macs = sum(run.counters.shape.macs for run in runs)
    done = sum(run.counters.shape.macs * run.counters.shape.passes for run in runs)
    return {
        "cycles": cycles,
        "macs": macs,
        "macs_per_cycle": macs / cycles,
        "utilisation": done / sum(run.counters.cycles * run.counters.peak for run in runs),
        "words": sum(run.words for run in runs),
        "mismatches": sum(run.mismatches for run in runs),
    }


def record_of(
    name: str, unit: str, spec: Any, runs: Sequence[LayerRun], images: int, accuracy: float
) -> dict[str, Any]:
    """Return what ``--json`` writes."""
    return {
        "network": name,
        "images": images,
        "accuracy": accuracy,
        "unit": unit,
        "boundary": "unit",
        "parameters": spec.parameters(),
        "multipliers": spec.multipliers,
        "peak_macs_per_cycle": peak(runs),
        "simulator": "verilator",
        "layers": [run.to_json() for run in runs],
        "total": totals(runs),
        "versions": {"macsmith": version("macsmith"), "verilator": version("verilator")},
    }


def table_of(
    name: str, runs: Sequence[LayerRun], energies: Sequence[float], tech: Technology | None
) -> Table:
    """Return the table of layers, and of all of them."""
    table = Table(title=f"digits network, {name}, layer by layer", **LOOK)
    headings = ["layer", "M x K x N", "density", "passes", "cycles", "MACs/cycle", "utilisation",
                *energy_headings(tech), "mismatches"]  # fmt: skip
    pruned_acts = runs[0].keep is not None
    if pruned_acts:
        headings[3:3] = ["kept", "lost"]
    for heading in headings:
        table.add_column(heading, justify="left" if heading in headings[:2] else "right")
    for number, run in enumerate(runs):
        shape, cost = run.counters.shape, run.counters
        table.add_row(
            run.name, f"{shape.m} x {shape.k} x {shape.n}", f"{run.density:.1%}",
            *([str(run.keep), f"{run.lost:.1%}"] if pruned_acts else []), str(shape.passes),
            str(cost.cycles), f"{cost.macs_per_cycle:.1f}", f"{cost.utilisation:.1%}",
            *energy_cells(energies[number : number + 1]), str(run.mismatches),
        )  # fmt: skip
    table.add_section()
    whole = totals(runs)
    table.add_row(
        "all", "", "", "", *[""] * (2 * pruned_acts), str(whole["cycles"]),
        f"{whole['macs_per_cycle']:.1f}", f"{whole['utilisation']:.1%}", *energy_cells(energies),
        str(whole["mismatches"]),
    )  # fmt: skip
    return table

"""The table of PEs in docs/systolic-array.md, which docs/figures.py fills."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from filling import markdown

from macsmith.catalog import make_spec
from macsmith.jobs import Job, jobs_for, netlist_of
from macsmith.mapped import read_module
from macsmith.measure import Record, measure
from macsmith.synth import Recipe
from macsmith.technology import Technology

NETWORKS = ("auto", "ripple")
"""Adders that are tried of each PE."""

CLASSIC = {"a": 1, "b": 1, "c": 1}

PES: dict[str, dict[str, Any]] = {
    "1x1x1, classic": CLASSIC,
    "1x1x1, zero-gated": CLASSIC | {"sparsity": "zero-gated"},
    "1x1x1, weight stationary": CLASSIC | {"dataflow": "weight"},
    "2x4x2": {"a": 2, "b": 4, "c": 2},
    "2x8x2": {"a": 2, "b": 8, "c": 2},
    "4x8x4": {"a": 4, "b": 8, "c": 4},
    "2x8x2, 2:4": {"a": 2, "b": 8, "c": 2, "sparsity": "dbb", "block": 4, "nonzeros": 2},
    "2x8x2, 4/8": {"a": 2, "b": 8, "c": 2, "sparsity": "dbb", "nonzeros": 4},
    "2x8x2, 2/8": {"a": 2, "b": 8, "c": 2, "sparsity": "dbb", "nonzeros": 2},
    "4x8x4, 4/8": {"a": 4, "b": 8, "c": 4, "sparsity": "dbb", "nonzeros": 4},
    "4x8x4, 2/8": {"a": 4, "b": 8, "c": 4, "sparsity": "dbb", "nonzeros": 2},
    "4x8x4, 1/8 a pass": {"a": 4, "b": 8, "c": 4, "sparsity": "dbb", "nonzeros": 1},
}


@dataclass(frozen=True)
class Pe:
    """The smallest netlist of a PE: its record, and the area of flip-flops that hold sums."""

    record: Record
    drain_um2: float

    @property
    def macs(self) -> float:
        """Products of the dense matrix in a cycle."""
        return float(self.record["macs_per_cycle"])

    def per_mac(self, drained: bool = True) -> float:
        """Return the area of a product, with the sum registers or without."""
        spare = 0.0 if drained else self.drain_um2
        return float((self.record["area_um2"] - spare) / self.macs)


def smallest(parameters: dict[str, Any], tech: Technology) -> Pe:
    """Return the smallest netlist of a PE by the AREA recipe."""
    jobs = [
        job
        for adder in NETWORKS
        for job in jobs_for(
            {"systolic": make_spec("systolic", parameters | {"adder": adder})}, ["pe"],
            [Recipe.AREA], tech,
        )
    ]  # fmt: skip
    records = measure(jobs, tech)
    best = min(range(len(jobs)), key=lambda k: float(records[k]["area_um2"]))
    return Pe(records[best], _drain(jobs[best], tech))


def _drain(job: Job, tech: Technology) -> float:
    """Return the area of the flip-flops of the sum registers; a chained PE has none."""
    spec: Any = job.spec
    if spec.dataflow != "output":
        return 0.0
    with TemporaryDirectory() as folder:
        module = read_module(netlist_of(job, tech, Path(folder)).json, "unit")
    cells = (tech.library.cells[instance.cell] for instance in module.instances)
    flip_flop = min(cell.area for cell in cells if cell.sequential)
    return float(spec.a * spec.c * spec.acc_width * flip_flop)


def pes(tech: Technology) -> str:
    """Return area and period of PEs, and their products per area over the classic one's."""
    found = {name: smallest(parameters, tech) for name, parameters in PES.items()}
    classic = next(iter(found.values()))
    rows = [
        [
            name, f"{pe.macs:g}", pe.record["parameters"]["adder"], f"{pe.record['area_um2']:.0f}",
            str(pe.record["flip_flops"]), f"{pe.record['period_ns']:.2f}", f"{pe.per_mac():.1f}",
            f"{classic.per_mac() / pe.per_mac():.2f}",
            f"{classic.per_mac(False) / pe.per_mac(False):.2f}",
        ]
        for name, pe in found.items()
    ]  # fmt: skip
    head = ["PE", "products a cycle", "adder", "area um2", "FF", "period ns", "um2 a product",
            "over classic", "without sum registers"]  # fmt: skip
    return markdown(head, rows)

"""Energies of a network's layers on an array: its mapped PE at work on each layer's own operands.

    energy of a layer = tiles * PEs * energy of a PE in a tile

Some tiles of a product run through a grid of mapped PEs, as `macsmith array` runs them. Tiles that
are not full count as full ones: their idle places are taken to work on repeated operands. Cycles in
which an array waits, memories, and what moves operands and results are not part of it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from macsmith.analysis.pe_gains import UNIT, smallest
from macsmith.analysis.pe_records import Measure, measure_silently
from macsmith.contract.errors import UserError
from macsmith.host.int64s import Int64s
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.netlist_job import jobs_for, measured
from macsmith.library.technology import Technology
from macsmith.matmul.tiling import Shape
from macsmith.operands.user_file import OwnOperands
from macsmith.records.energies import energy
from macsmith.synthesis.yosys_abc import Recipe


@dataclass(frozen=True)
class LayerProducts:
    """What an array did of a layer.

    Members
    -------
    mode
        Index of the array's precision.
    acts, weights
        Operands of one of its products, (M, K) and (K, N).
    shapes
        How all its products lay on the array.
    """

    name: str
    mode: int
    acts: Int64s = field(repr=False)
    weights: Int64s = field(repr=False)
    shapes: Sequence[Shape]

    @property
    def operands(self) -> OwnOperands:
        """The operands as a stimulus, which is known by what it holds."""
        held = hashlib.sha256(repr((self.acts.shape, self.weights.shape)).encode())
        held.update(self.acts.tobytes() + self.weights.T.tobytes())
        return OwnOperands(
            f"layer {self.name}", held.hexdigest(), self.acts.shape[1], self.acts, self.weights.T
        )

    def macs_in_tiles(self, spec: Any) -> int:
        """Return the products along K that all places of its tiles have room for."""
        place = spec.rows * spec.a * spec.cols * spec.c
        return sum(shape.tiles * place * shape.k for shape in self.shapes)


def check_pes(spec: Any) -> None:
    """Raise a sentence about an array whose layers have no energies."""
    if spec.movement.chains_sums:
        raise UserError(f"dataflow must be 'output' for energies of layers, not {spec.dataflow!r}")


def layer_energies(
    spec: Any,
    layers: Sequence[LayerProducts],
    tech: Technology,
    measure: Measure = measure_silently,
) -> list[float]:
    """Return the energy of each layer, in uJ, or on the generic library in C0V2.

    Parameters
    ----------
    spec
        The array. Of its PE the smallest netlist of recipe ``area`` counts.
    measure
        Measures, perhaps telling how far it is.

    Raises
    ------
    UserError
        If the array's PEs hold no sums.
    """
    check_pes(spec)
    jobs = jobs_for({UNIT: spec}, ["pe"], [Recipe.AREA], tech)
    measure(jobs, tech, [EnergyPlan(boundaries=())])
    chosen = smallest(jobs, [measured(job, tech) for job in jobs])
    plans = [EnergyPlan(layer.operands, ("pe",), netlists="all") for layer in layers]
    found = []
    for layer, records in zip(layers, measure([chosen], tech, plans), strict=True):
        each = energy(next(r for r in records if r["mode"] == str(spec.points[layer.mode])))
        assert each is not None  # the mode has just run in the array
        found.append(each * layer.macs_in_tiles(spec) * (1 if tech.embedded else 1e-6))
    return found

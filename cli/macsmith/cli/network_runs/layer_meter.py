"""What the layers of a user's model cost on an array, and whether each of their sums is right."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from macsmith.analysis.layer_energies import LayerProducts
from macsmith.catalog.catalog import lookup
from macsmith.cli.progress import Step
from macsmith.contract.errors import UserError
from macsmith.host.int64s import Int64s, wrap
from macsmith.matmul.layers_on_unit import LayersOnUnit
from macsmith.matmul.stream_array import Counters

MOST_ROWS = 1 << 14
"""Rows of a product that an array takes at a time."""


@dataclass
class LayerCost:
    """What a layer's products cost on the array, and how many of their sums were right."""

    name: str
    mode: str
    products: list[Counters] = field(default_factory=list)
    sums: int = 0
    mismatches: int = 0
    example: str | None = None
    operands: tuple[int, Int64s, Int64s] | None = field(default=None, repr=False)
    """The array's mode, and activations and weights of the first product."""
    energy: float | None = None
    """In uJ, or in C0V2 on the generic library; None if not asked for."""

    @property
    def cycles(self) -> int:
        """Clock cycles of all products."""
        return sum(one.cycles for one in self.products)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of all products."""
        return sum(one.shape.macs for one in self.products)

    @property
    def utilisation(self) -> float:
        """Share of what the array could have done in these cycles."""
        work = sum(one.shape.macs * one.shape.passes for one in self.products)
        return work / sum(one.cycles * one.peak for one in self.products)

    @property
    def on_array(self) -> LayerProducts:
        """What energies are measured of."""
        assert self.operands is not None  # each layer has multiplied
        return LayerProducts(self.name, *self.operands, [one.shape for one in self.products])

    def to_json(self, energy: str) -> dict[str, Any]:
        """Return the layer as plain JSON values, with its energy under a key if it has one."""
        shapes = [one.shape for one in self.products]
        return {
            "layer": self.name, "mode": self.mode, "products": len(shapes),
            "m": shapes[0].m, "k": shapes[0].k, "n": shapes[0].n, "macs": self.macs,
            "cycles": self.cycles, "macs_per_cycle": self.macs / self.cycles,
            "utilisation": self.utilisation, "sums": self.sums, "mismatches": self.mismatches,
            "example": self.example,
        } | ({} if self.energy is None else {energy: self.energy})  # fmt: skip


class Meter:
    """An array that counts what each layer costs, and compares each of its sums.

    Parameters
    ----------
    unit, spec, stalls, seed
        What multiplies: each layer in the narrowest mode of it that holds its operands.
    step
        Is told each layer.
    """

    def __init__(self, unit: str, spec: Any, stalls: float, seed: int, step: Step) -> None:
        self._unit, self._spec, self._stalls, self._seed = unit, spec, stalls, seed
        self._step = step
        self._arrays: dict[int, LayersOnUnit] = {}
        self.layers: dict[str, LayerCost] = {}

    @property
    def array(self) -> Any:
        """The array that has multiplied, whatever feeds it."""
        return next(iter(self._arrays.values())).array

    def multiply(
        self, name: str, acts: Int64s, weights: Int64s, act_bits: int, weight_bits: int
    ) -> Int64s:
        """See `macsmith.networks.onnx_graph.graph_runner.Multiply`."""
        mode = self._mode(name, act_bits, weight_bits)
        if name not in self.layers:
            self.layers[name] = LayerCost(name, str(self._spec.points[mode]))
            self._step(name)
        cost = self.layers[name]
        if mode not in self._arrays:
            load = lookup(self._unit).load("layers")
            self._arrays[mode] = load(self._spec, mode, self._stalls, self._seed)
        hardware = self._arrays[mode]
        parts = []
        for start in range(0, len(acts), MOST_ROWS):
            rows = acts[start : start + MOST_ROWS]
            sums, counters = hardware.unit.gemm(rows, weights)
            # Exact: sums of products of 16 bits stay far below 2^53.
            exact = (rows.astype(np.float64) @ weights.astype(np.float64)).astype(np.int64)
            expected = wrap(exact, hardware.array.acc_width, True)
            wrong = np.argwhere(sums != expected)
            if len(wrong) and cost.example is None:
                row, column = wrong[0]
                cost.example = (
                    f"layer {name}: sum of row {start + row}, column {column} is "
                    f"{sums[row, column]}, expected {expected[row, column]}"
                )
            cost.products.append(counters)
            cost.operands = cost.operands or (mode, rows, weights)
            cost.sums += sums.size
            cost.mismatches += len(wrong)
            parts.append(sums)
        return np.concatenate(parts)

    def _mode(self, name: str, act_bits: int, weight_bits: int) -> int:
        fitting = [
            (mode.act_bits * mode.weight_bits, index)
            for index, mode in enumerate(self._spec.points)
            if mode.act_bits >= act_bits and mode.weight_bits >= weight_bits
        ]
        if not fitting:
            raise UserError(
                f"modes must include one that holds {act_bits}x{weight_bits}, the operands of "
                f"layer {name}, not only {', '.join(map(str, self._spec.points))}"
            )
        return min(fitting)[1]

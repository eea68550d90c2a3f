"""The command ``macsmith run --network MODEL.onnx``: a user's network on a simulated array."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from macsmith.analysis.layer_energies import LayerProducts, layer_energies
from macsmith.catalog.catalog import lookup
from macsmith.catalog.settings import spec_of
from macsmith.cli.measurement import measure_plans_shown
from macsmith.cli.network_runs.layer_costs import (
    energy_cells,
    energy_headings,
    energy_key,
    energy_note,
)
from macsmith.cli.outputs import write_json
from macsmith.cli.progress import Step, show_progress
from macsmith.contract.checks import check_choice
from macsmith.contract.errors import UserError
from macsmith.host.int64s import Int64s, wrap
from macsmith.library.technology import Technology
from macsmith.matmul.layers_on_unit import LayersOnUnit
from macsmith.matmul.stream_array import Counters
from macsmith.networks.layer_tables.onnx_model import load_model
from macsmith.networks.layer_tables.onnx_shapes import LAYERS
from macsmith.networks.onnx_graph.graph_runner import GraphRunner
from macsmith.networks.onnx_graph.runtime_check import Steps, compared
from macsmith.networks.onnx_graph.tensor import Tensor
from macsmith.output.terminal import err, out
from macsmith.output.whole_file import check_output
from macsmith.rtlsim.cocotb_runner import check_simulator

MOST_ROWS = 1 << 14
"""Rows of a product that an array takes at a time."""

Array = NDArray[Any]


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


def run_model(
    path: Path, data: Path | None, unit: str, settings: Sequence[str], stalls: float, seed: int,
    json_file: Path | None, tech: Technology | None = None,
) -> bool:  # fmt: skip
    """Run a model, print a table and return whether every sum was as it should be.

    With a technology each layer has an energy.
    """
    check_output(json_file)
    model = load_model(path)
    spec: Any = spec_of(unit, settings)
    check_choice("dataflow", spec.dataflow, ("output",))
    if spec.act_signed or not spec.weight_signed:
        raise UserError(
            "act_signed must be false and weight_signed true, since codes are sent so by their "
            "offsets"
        )
    inputs, labels = inputs_of(model, path, data, seed)
    results: list[dict[str, Tensor]] = []
    steps = Steps()
    count = sum(node.op_type in LAYERS for node in model.graph.node)
    with show_progress("running", count) as step:
        meter = Meter(unit, spec, stalls, seed, step)
        runner = GraphRunner(model, path, meter.multiply)  # names what it cannot run, first
        check_simulator("verilator")
        for one in inputs:
            tensors = runner.run(one)
            results.append({value.name: tensors[value.name] for value in model.graph.output})
            steps += compared(model, runner.requantisers, tensors)
            runner.requantisers.clear()
    layers = list(meter.layers.values())
    accuracy = None
    if labels is not None:
        first = model.graph.output[0].name
        scores = [one[first].values.reshape(-1) for one in results]
        if len(inputs) == 1 and len(labels) > 1:
            scores = list(results[0][first].values.reshape(len(labels), -1))
        accuracy = float(np.mean([np.argmax(one) for one in scores] == labels))
    if tech and layers:
        found = layer_energies(
            meter.array, [layer.on_array for layer in layers], tech, measure_plans_shown
        )
        for layer, energy in zip(layers, found, strict=True):
            layer.energy = energy
    write_json(json_file, {
        "network": path.stem, "unit": unit, "parameters": spec.parameters(), "accuracy": accuracy,
        "layers": [layer.to_json(energy_key(tech)) for layer in layers],
        "onnxruntime": steps.to_json(), "technology": tech.name if tech else None,
    })  # fmt: skip
    _show(path.stem, layers, accuracy, steps, tech)
    return not any(layer.mismatches for layer in layers)


def _show(
    name: str, layers: Sequence[LayerCost], accuracy: float | None, steps: Steps,
    tech: Technology | None,
) -> None:  # fmt: skip
    table = Table(title=f"{name}, layer by layer", title_justify="left")
    headings = ("layer", "mode", "M x K x N", "products", "cycles", "MACs/cycle", "utilisation",
                *energy_headings(tech), "sums", "mismatches")  # fmt: skip
    for heading in headings:
        table.add_column(heading, justify="left" if heading in headings[:3] else "right")
    for layer in layers:
        shape = layer.products[0].shape
        table.add_row(
            layer.name, layer.mode, f"{shape.m} x {shape.k} x {shape.n}", str(len(layer.products)),
            str(layer.cycles), f"{layer.macs / layer.cycles:.1f}", f"{layer.utilisation:.1%}",
            *energy_cells([layer.energy]), str(layer.sums), str(layer.mismatches),
        )  # fmt: skip
    table.add_section()
    cycles, macs = (sum(getattr(one, what) for one in layers) for what in ("cycles", "macs"))
    table.add_row(
        "all", "", "", "", str(cycles), f"{macs / max(cycles, 1):.1f}", "",
        *energy_cells([layer.energy for layer in layers]),
        str(sum(one.sums for one in layers)), str(sum(one.mismatches for one in layers)),
    )  # fmt: skip
    out.print(table)
    for sentence in filter(None, (
        None if accuracy is None else f"accuracy {accuracy:.2%}", steps.sentence(),
        energy_note(tech),
    )):  # fmt: skip
        out.print(sentence, highlight=False, soft_wrap=True, markup=False)
    for layer in layers:
        if layer.example is not None:
            err.print(layer.example, soft_wrap=True, markup=False, highlight=False)


def inputs_of(
    model: Any, path: Path, data: Path | None, seed: int
) -> tuple[list[dict[str, Array]], Array | None]:
    """Return what a model is run on, one run a batch that it takes, and labels if there are any."""
    from onnx import helper

    constants = {one.name for one in model.graph.initializer}
    wanted = {
        value.name: (
            helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type),
            [dim.dim_value for dim in value.type.tensor_type.shape.dim],
        )
        for value in model.graph.input
        if value.name not in constants
    }
    if data is None:
        rng = np.random.default_rng(seed)
        return [{name: _random(rng, *what) for name, what in wanted.items()}], None
    given = _archive(data)
    if missing := sorted(set(wanted) - set(given)):
        raise UserError(
            f"{data} must hold an array for each input of {path.name}, but lacks "
            f"{', '.join(missing)}"
        )
    for name, (_, shape) in wanted.items():
        have = given[name].shape
        fits = len(have) == len(shape) and all(
            size in (0, one) for size, one in zip(shape[1:], have[1:], strict=True)
        )
        if not fits or not have or not all(have):
            raise UserError(
                f"{data} must hold {name} of {' x '.join(str(one or '?') for one in shape)}, "
                f"not of {' x '.join(map(str, have))}"
            )
    labels = given["labels"].reshape(-1) if "labels" in given and "labels" not in wanted else None
    counts = {len(given[name]) for name in wanted}
    fixed = {shape[0] for _, shape in wanted.values() if shape}
    if len(counts) > 1 or (labels is not None and len(labels) not in counts):
        raise UserError(f"{data} must hold as many labels as images, and as many of each input")
    batch = max(fixed, default=0)
    (count,) = counts
    if batch and count % batch:
        raise UserError(f"{data} must hold a multiple of {batch} images, the model's batch")
    runs = range(0, count, batch) if batch else range(1)
    return [
        {
            name: given[name][start : start + batch if batch else None].astype(kind)
            for name, (kind, _) in wanted.items()
        }
        for start in runs
    ], labels


def _random(rng: np.random.Generator, kind: Any, shape: Sequence[int]) -> Array:
    sizes = [size or 1 for size in shape]
    if np.dtype(kind).kind == "f":
        return rng.random(sizes).astype(kind)
    return rng.integers(0, 100, sizes).astype(kind)


def _archive(path: Path) -> Mapping[str, Array]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except Exception as error:  # of zip, of numpy, of the file system
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise UserError(f"data {path} must be an NPZ file of arrays: {first}") from None

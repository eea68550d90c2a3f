"""The command ``macsmith run --network MODEL.onnx``: a user's network on a simulated array."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from macsmith.analysis.layer_energies import layer_energies
from macsmith.catalog.settings import spec_of
from macsmith.cli.measurement import measure_plans_shown
from macsmith.cli.network_runs.layer_costs import (
    energy_cells,
    energy_headings,
    energy_key,
    energy_note,
)
from macsmith.cli.network_runs.layer_meter import LayerCost, Meter
from macsmith.cli.network_runs.model_inputs import inputs_of
from macsmith.cli.outputs import write_json
from macsmith.cli.progress import show_progress
from macsmith.contract.checks import check_choice
from macsmith.contract.errors import UserError
from macsmith.library.technology import Technology
from macsmith.networks.layer_tables.onnx_model import load_model
from macsmith.networks.layer_tables.onnx_shapes import LAYERS
from macsmith.networks.onnx_graph.graph_runner import GraphRunner
from macsmith.networks.onnx_graph.runtime_check import Steps, compared
from macsmith.networks.onnx_graph.tensor import Tensor
from macsmith.output.terminal import err, out
from macsmith.output.whole_file import check_output
from macsmith.report.terminal.units import LOOK
from macsmith.rtlsim.cocotb_runner import check_simulator


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
    table = Table(title=f"{name}, layer by layer", **LOOK)
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

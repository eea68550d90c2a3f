"""The command ``macsmith run``: a network on a simulated array, with progress and a table."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from macsmith.analysis.layer_energies import LayerProducts, layer_energies
from macsmith.array.sparsity import JOINT, KINDS
from macsmith.catalog.catalog import lookup, units
from macsmith.catalog.settings import spec_of, value_of
from macsmith.cli.measurement import measure_plans_shown
from macsmith.cli.network_runs.layer_costs import (
    energy_key,
    energy_note,
)
from macsmith.cli.network_runs.layer_table import peak, record_of, table_of
from macsmith.cli.outputs import write_json
from macsmith.cli.progress import show_progress
from macsmith.contract.checks import check_choice, check_int
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.host.int64s import Int64s
from macsmith.library.technology import Technology
from macsmith.matmul.layers_on_unit import LayersOnUnit
from macsmith.matmul.network_runner import LayerRun, Outcome, run_layers
from macsmith.networks import ebsp_networks, pruned_digits
from macsmith.networks.digits import QuantisedLayer, QuantisedNetwork
from macsmith.output.terminal import err, out
from macsmith.output.whole_file import check_output
from macsmith.rtlsim.cocotb_runner import check_simulator

MOST_STALLS = 0.9
"""Share of stalls above which a run would take for ever."""

NETWORKS = (*pruned_digits.NETWORKS, *ebsp_networks.PATTERNED)
"""The networks that users name."""


def network_of(name: str) -> QuantisedNetwork:
    """Return the digits network of that name.

    Raises
    ------
    UserError
        If there is none.
    """
    if name not in NETWORKS:
        raise UserError(f"network must be one of {', '.join(NETWORKS)}, not {name!r}")
    if name in ebsp_networks.PATTERNED:
        return ebsp_networks.load("digits", ebsp_networks.PATTERNED[name])
    return pruned_digits.load(name)


def array_of(network: str, settings: Sequence[str], unit: str | None = None) -> Any:
    """Return the array for a network: 8 x 8 PEs that fit its sparsity, but for the settings."""
    chosen = {key: value for key, _, value in (setting.partition("=") for setting in settings)}
    fitting: dict[str, object] = {"rows": 8, "cols": 8}
    if network in ebsp_networks.PATTERNED:
        trained = ebsp_networks.PATTERNED[network]
        fitting |= {
            "mac": ebsp_networks.UNIT,
            "weight_width": trained.bits,
            "pattern": trained.pattern,
        }
    bound = pruned_digits.BOUNDS.get(network)
    # Whoever sets a sparsity gets its own defaults.
    if bound is not None and "sparsity" not in chosen:
        nonzeros, block = bound
        fitting |= {"b": 8, "sparsity": "dbb", "block": block, "nonzeros": nonzeros}
    missing = [f"{key}={value}" for key, value in fitting.items() if key not in chosen]
    spec: Any = spec_of(unit or runners()[0], [*missing, *settings])
    # The beats of the other dataflows are made for single products only.
    check_choice("dataflow", spec.dataflow, ("output",))
    return spec


def run_network(
    name: str, images: int, settings: Sequence[str], stalls: float, seed: int,
    json_file: Path | None, unit: str | None = None, keep: str | None = None,
    tech: Technology | None = None,
) -> bool:  # fmt: skip
    """Run a network, print a table and return whether all was as it should be.

    That is every word as the golden model gives it and, without stalls, every layer's cycles as
    their formula gives them. ``keep`` says, layer by layer, how many activations of a block are
    kept. With a technology each layer has an energy.
    """
    check_output(json_file)
    unit = check_unit(unit)
    network = network_of(name)
    if not 0 <= stalls <= MOST_STALLS:
        raise UserError(f"stalls must be from 0 to {MOST_STALLS}, not {stalls}")
    if not 1 <= images <= len(network.images):
        raise UserError(f"images must be from 1 to {len(network.images)}, not {images}")
    spec = array_of(name, settings, unit)
    mode = _mode_of(network, spec)
    counts = _counts(network, spec, keep)
    if counts and tech:
        raise UserError("--keep must not go with --tech: energies are of one array, not of several")
    hardware: LayersOnUnit = lookup(unit).load("layers")(spec, mode, stalls, seed)
    hardware.check(network)
    check_simulator("verilator")
    own = hardware.keeping(counts)
    runs: list[LayerRun] = []
    with show_progress("running", len(network.layers) + 1) as step:
        hardware.build()
        step(f"{unit} compiled")
        chosen = network.images[:images]
        products: list[LayerProducts] = []

        def multiply(layer: QuantisedLayer, acts: Int64s, golden: Int64s) -> Outcome:
            came = hardware.multiply(layer, acts, golden)
            weights, shapes = layer.weights.T, [came.counters.shape]
            products.append(LayerProducts(layer.name, mode, acts, weights, shapes))
            return came

        for run in run_layers(network, multiply, hardware.array, mode, chosen, own):
            step(f"{run.name}: {run.counters.cycles} cycles")
            runs.append(run)
    energies = layer_energies(hardware.array, products, tech, measure_plans_shown) if tech else []
    labels = np.argmax(runs[-1].codes.reshape(images, -1), axis=1)
    accuracy = float(np.mean(labels == network.labels[:images]))
    record = record_of(name, unit, spec, runs, images, accuracy)
    if tech:
        key = energy_key(tech)
        for layer, energy in zip(record["layers"], energies, strict=True):
            layer[key] = energy
        record["total"][key] = sum(energies)
        record["technology"] = tech.name
    write_json(json_file, record)
    out.print(table_of(name, runs, energies, tech))
    if note := energy_note(tech):
        out.print(note, highlight=False, soft_wrap=True)
    out.print(
        f"{images} held-out images, accuracy {accuracy:.2%}; {_compared(runs)} compared",
        f"array of {spec.rows} x {spec.cols} PEs with {spec.multipliers} multipliers; "
        f"{peak(runs):.5g} dense MACs a cycle at most",
        sep="\n", highlight=False, soft_wrap=True,
    )  # fmt: skip
    for note in filter(None, (_sent_again(run, spec) for run in runs)):
        err.print(note, soft_wrap=True, markup=False, highlight=False)
    late = [] if stalls else [run for run in runs if not _on_time(run)]
    for run in late:
        err.print(f"layer {run.name}: {run.counters.cycles} cycles, "
                  f"expected {run.counters.formula}", soft_wrap=True, markup=False)  # fmt: skip
    for run in runs:
        if run.example is not None:
            err.print(f"{run.mismatches} mismatches; {run.example}", soft_wrap=True, markup=False)
    return not late and not any(run.mismatches for run in runs)


def check_unit(unit: str | None) -> str:
    """Return a unit that runs networks, the usual one if none is named.

    Raises
    ------
    UserError
        If it runs none.
    """
    known = runners()
    if unit is not None and unit not in known:
        raise UserError(f"unit must be {' or '.join(known)} to run a network, not {unit!r}")
    return unit or known[0]


def runners() -> tuple[str, ...]:
    """Return the units that run the layers of networks, the usual one first."""
    return tuple(name for name, unit in units().items() if unit.layers)


def _on_time(run: LayerRun) -> bool:
    """Return whether a layer took the cycles of the formula, if there is one."""
    return run.counters.formula in (None, run.counters.cycles)


def _compared(runs: Sequence[LayerRun]) -> str:
    """Return how many words of each kind were compared."""
    counts = Counter[str]()
    for run in runs:
        counts[run.word] += run.words
    return " and ".join(f"{count} {word}s" for word, count in counts.items())


def _sent_again(run: LayerRun, spec: Any) -> str | None:
    """Return a sentence about operands that an engine's memories cannot hold, if there are any."""
    shape, sent = run.counters.shape, run.counters.events
    words = {
        "weight": shape.column_tiles * shape.steps,
        "act": shape.steps // shape.passes,
        "channel": shape.n,
    }
    panels = {"weight": 1, "act": shape.row_tiles, "channel": 1}
    parameters = spec.parameters()
    again = [
        f"{words[name]} words exceed {name}_depth = {parameters[f'{name}_depth']} and are sent "
        f"{sent[f'{name}_writes'] // (words[name] * panels[name])} times"
        for name in words
        if sent.get(f"{name}_writes", 0) > words[name] * panels[name]
    ]
    return f"layer {run.name}: {'; '.join(again)}" if again else None


def _mode_of(network: QuantisedNetwork, spec: Any) -> int:
    """Return the index of the array's mode that the network needs."""
    needed = Mode(act_bits=network.activation_bits, weight_bits=network.weight_bits)
    if needed not in spec.modes:
        raise UserError(
            f"modes must include {needed}, the network's precision, not only "
            f"{', '.join(map(str, spec.modes))}"
        )
    return int(spec.modes.index(needed))


def _counts(network: QuantisedNetwork, spec: Any, keep: str | None) -> dict[str, int]:
    """Return how many activations of a block each layer keeps, or nothing if that is not said."""
    if keep is None:
        return {}
    if not KINDS[spec.sparsity].serial_acts:
        raise UserError(
            f"keep needs an array that prunes activations, sparsity={JOINT}, not {spec.sparsity!r}"
        )
    names, parts = [layer.name for layer in network.layers], keep.split(",")
    if len(parts) != len(names):
        raise UserError(
            f"keep must be {len(names)} numbers, those of {', '.join(names)}, not {keep!r}"
        )
    numbers = [value_of("keep", part, int) for part in parts]
    return {
        name: check_int("keep", number, range(1, spec.block + 1))
        for name, number in zip(names, numbers, strict=True)
    }

"""Verification of units in both layers: protocol on simulators, bulk on compiled RTL."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from macsmith.bench.bulk import compare, verify_bulk
from macsmith.bench.report import Run
from macsmith.catalog import build
from macsmith.engine import Engine, make_engine
from macsmith.golden.catalog import golden
from macsmith.simulate import run_bench
from macsmith.spec import MacSpec
from macsmith.workloads import digits
from macsmith.workloads.operands import layer_batches

WORKERS = 2
"""Simulations at a time; each is one process or one thread outside Python's lock."""

LAYER_SAMPLE = 2
"""Dot products of each layer that go through a simulator; compiled RTL takes them all."""


@dataclass(frozen=True)
class Plan:
    """How thoroughly to verify.

    Members
    -------
    simulators:
        Simulators of the protocol layer.
    seed:
        Seed of all random operands and stalls.
    accumulations:
        Random accumulations in each mode of the bulk layer.
    cycles:
        Clock cycles of the random part of the protocol layer.
    images:
        Images whose network layers are streamed; 0 leaves the network out.
    waves:
        Whether simulators write waveforms.
    """

    simulators: Sequence[str]
    seed: int = 1
    accumulations: int = 100_000
    cycles: int = 12_000
    images: int = 0
    waves: bool = False


def verify(
    units: Mapping[str, MacSpec],
    plan: Plan,
    folder: Path,
    done: Callable[[str, str], None] = lambda unit, what: None,
) -> list[Run]:
    """Compare units with their golden models and return the runs, in a fixed order.

    Parameters
    ----------
    folder:
        Where logs and waveforms go, one folder for each unit and simulator.
    done:
        Called with a unit's name and "bulk" or a simulator when that part is finished.
    """

    def job(name: str, what: str) -> list[Run]:
        spec = units[name]
        if what == "bulk":
            runs = _bulk(name, spec, plan)
        else:
            runs = _protocol(name, spec, what, plan, folder / f"{name}-{what}")
        done(name, what)
        return runs

    with ThreadPoolExecutor(WORKERS) as pool:
        results = [pool.submit(job, *part) for part in parts(units, plan)]
        return [run for result in results for run in result.result()]


def parts(units: Mapping[str, MacSpec], plan: Plan) -> list[tuple[str, str]]:
    """Return the parts of a verification: each unit in bulk and on each simulator."""
    return [(name, what) for name in units for what in ("bulk", *plan.simulators)]


def _bulk(name: str, spec: MacSpec, plan: Plan) -> list[Run]:
    # Bulk engines have one clock: enables take the place of clock gates, which simulators try.
    enabled = replace(spec, clock_gating="enable") if spec.clock_gating == "cell" else spec
    engine = make_engine(build(name, enabled))
    runs = verify_bulk(name, spec, golden(name, spec), engine, plan.seed, plan.accumulations)
    if plan.images:
        runs += _network_runs(name, spec, engine, plan)
    return runs


def _network_runs(name: str, spec: MacSpec, engine: Engine, plan: Plan) -> Iterator[Run]:
    """Yield a run for each mode that the network has: every dot product of every layer."""
    model = golden(name, spec)
    for mode, network in _networks(spec):
        run = Run(name, spec.parameters(), f"{spec.modes[mode]} network", "bulk", engine.engine, 1)
        for batch in layer_batches(model, network, mode, network.images[: plan.images]):
            compare(run, batch, batch.expected(spec, model), engine.stream(spec, [batch])[0])
        yield run


def _networks(spec: MacSpec) -> Iterator[tuple[int, digits.QuantisedNetwork]]:
    """Yield the modes that the network is quantised to; it has unsigned x signed operands."""
    if spec.act_signed or not spec.weight_signed:
        return
    for index, mode in enumerate(spec.modes):
        if str(mode) in digits.PRECISIONS:
            yield index, digits.load(str(mode))


def _protocol(name: str, spec: MacSpec, simulator: str, plan: Plan, folder: Path) -> list[Run]:
    operands = None
    if plan.images:
        folder.mkdir(parents=True, exist_ok=True)
        operands = folder / "operands.npz"
        np.savez(operands, allow_pickle=False, **_layer_sample(name, spec, plan))
    return run_bench(
        name,
        spec,
        simulator,
        folder,
        seed=plan.seed,
        cycles=plan.cycles,
        operands=operands,
        waves=plan.waves,
    )


def _layer_sample(name: str, spec: MacSpec, plan: Plan) -> dict[str, Any]:
    """Return a few dot products of each layer and mode, as `macsmith.simulate` takes them."""
    model = golden(name, spec)
    sample: dict[str, Any] = {}
    for mode, network in _networks(spec):
        images = network.images[: plan.images]
        for batch in layer_batches(model, network, mode, images, LAYER_SAMPLE, plan.seed):
            for number, pair in enumerate(zip(batch.acts, batch.weights, strict=True)):
                acts, weights = pair
                lanes = max(acts.shape[1], weights.shape[1])
                both = np.zeros((2, len(acts), lanes), np.int64)
                both[0, :, : acts.shape[1]] = acts
                both[1, :, : weights.shape[1]] = weights
                sample[f"{spec.modes[mode]} {batch.label} {number}"] = both
    return sample

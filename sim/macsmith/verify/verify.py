"""Verification of units in both layers: protocol on simulators, bulk on compiled RTL."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from macsmith.array.pruning.spec import DapSpec
from macsmith.array.spec import SystolicSpec
from macsmith.bench.bulk import compare, verify_bulk
from macsmith.golden.catalog import golden
from macsmith.host.verification_run import Run
from macsmith.mac.spec import MacSpec
from macsmith.networks import digits
from macsmith.operands.layer_batches import layer_batches
from macsmith.operands.stimulus import Network, UnfitError
from macsmith.rtlsim.bulk_engine import Engine, bulk_engine
from macsmith.rtlsim.cocotb_runner import missing_for, run_bench
from macsmith.verify import arrays
from macsmith.verify.pruning import verify_blocks
from macsmith.verify.variants import DEFAULT, variants

BULK = "bulk"

WORKERS = 2
"""Simulations at a time; each is one process or one thread outside Python's lock."""

LAYER_SAMPLE = 2
"""Dot products of each layer that go through a simulator; compiled RTL takes them all."""


QUICK = "icarus"
"""The simulator that needs no C++ compiler: what compiles fastest runs most variants."""


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
    simulated:
        Random accumulations in all modes of the protocol layer, on each simulator.
    images:
        Images whose network layers are streamed; 0 leaves the network out.
    waves:
        Whether simulators write waveforms.
    """

    simulators: Sequence[str]
    seed: int = 1
    accumulations: int = 100_000
    simulated: int = 2_000
    images: int = 0
    waves: bool = False

    def shorter(self) -> "Plan":
        """Return a tenth of the random accumulations, on one simulator, the quickest."""
        quick = [simulator for simulator in self.simulators if simulator == QUICK]
        return replace(
            self,
            simulators=tuple(quick or self.simulators[:1]),
            accumulations=max(1, self.accumulations // 10),
            simulated=max(1, self.simulated // 10),
        )


@dataclass(frozen=True)
class Case:
    """A specification to verify, and how.

    Members
    -------
    variant:
        What sets it apart from other specifications of the unit; empty if it is the only one.
    """

    unit: str
    spec: Any
    plan: Plan
    variant: str = ""

    @property
    def title(self) -> str:
        """The unit, and the variant if there is one."""
        return f"{self.unit} {self.variant}".strip()


def every_case(units: Iterable[str], plan: Plan) -> list[Case]:
    """Return all variants of some units: defaults by the plan, the others by a shorter one."""
    shorter = plan.shorter()
    return [
        Case(
            variant.unit,
            variant.spec,
            plan if variant.kind == DEFAULT else shorter,
            ", ".join(filter(None, (variant.design, variant.kind))),
        )
        for variant in variants(units)
    ]


def parts(cases: Sequence[Case]) -> list[tuple[Case, str]]:
    """Return the parts of a verification: each case in bulk and on each of its simulators."""
    return [(case, what) for case in cases for what in (*_bulk_of(case), *case.plan.simulators)]


def _bulk_of(case: Case) -> tuple[str, ...]:
    """Return the bulk layer if it can run here: that of arrays needs Verilator."""
    needs_verilator = isinstance(case.spec, SystolicSpec)
    return () if needs_verilator and missing_for("verilator") is not None else (BULK,)


def verify(
    cases: Sequence[Case],
    folder: Path,
    done: Callable[[str, str], None] = lambda title, what: None,
) -> list[Run]:
    """Compare units with their golden models and return the runs, in a fixed order.

    A part that ends without a verdict gives a run that says why; the others go on. What is
    interrupted ends with the parts that are under way; compiled models are kept for the next time.

    Parameters
    ----------
    folder:
        Where logs and waveforms go, one folder for each case and simulator.
    done:
        Called with a case's title and "bulk" or a simulator when that part is finished.
    """

    def job(case: Case, what: str) -> list[Run]:
        try:
            runs = _bulk(case) if what == BULK else _protocol(case, what, folder)
        except RuntimeError as error:
            layer, simulator = (BULK, "") if what == BULK else ("protocol", what)
            run = Run(
                case.unit, case.spec.parameters(), "", layer, simulator, case.plan.seed,
                failure=str(error),
            )  # fmt: skip
            runs = [run]
        done(case.title, what)
        return [replace(run, variant=case.variant) for run in runs]

    with ThreadPoolExecutor(WORKERS) as pool:
        results = [pool.submit(job, *part) for part in parts(cases)]
        try:
            return [run for result in results for run in result.result()]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _bulk(case: Case) -> list[Run]:
    name, spec, plan = case.unit, case.spec, case.plan
    if isinstance(spec, DapSpec):
        return verify_blocks(name, spec, plan.seed, plan.accumulations)
    if isinstance(spec, SystolicSpec):
        return arrays.bulk(name, spec, plan.seed, plan.accumulations)
    engine = bulk_engine(name, spec)
    runs = verify_bulk(name, spec, golden(name, spec), engine, plan.seed, plan.accumulations)
    if plan.images:
        runs += _network_runs(name, spec, engine, plan)
    return runs


def _network_runs(name: str, spec: MacSpec, engine: Engine, plan: Plan) -> Iterator[Run]:
    """Yield a run for each mode that the network has: every dot product of every layer."""
    model = golden(name, spec)
    for mode, network in _networks(name, spec):
        run = Run(name, spec.parameters(), f"{spec.modes[mode]} network", "bulk", engine.engine, 1)
        for batch in layer_batches(model, network, mode, network.images[: plan.images]):
            compare(run, batch, batch.expected(spec, model), engine.stream(spec, [batch])[0])
        yield run


def _networks(name: str, spec: MacSpec) -> Iterator[tuple[int, digits.QuantisedNetwork]]:
    """Yield the modes that the network is quantised to; it has unsigned x signed operands."""
    if spec.act_signed or not spec.weight_signed:
        return
    for index in range(len(spec.modes)):
        with suppress(UnfitError):
            yield index, Network().network_for(name, spec, index)


def _protocol(case: Case, simulator: str, folder: Path) -> list[Run]:
    name, spec, plan = case.unit, case.spec, case.plan
    folder = folder / "-".join(re.findall(r"[\w=]+", f"{case.title} {simulator}"))
    if isinstance(spec, SystolicSpec):
        return arrays.protocol(
            name, spec, simulator, folder, seed=plan.seed, waves=plan.waves
        )  # fmt: skip
    operands = None
    if plan.images and isinstance(spec, MacSpec):
        folder.mkdir(parents=True, exist_ok=True)
        operands = folder / "operands.npz"
        np.savez(operands, allow_pickle=False, **_layer_sample(name, spec, plan))
    return run_bench(
        name,
        spec,
        simulator,
        folder,
        seed=plan.seed,
        accumulations=plan.simulated,
        operands=operands,
        waves=plan.waves,
    )


def _layer_sample(name: str, spec: MacSpec, plan: Plan) -> dict[str, Any]:
    """Return a few dot products of each layer and mode, as `cocotb_runner` takes them."""
    model = golden(name, spec)
    sample: dict[str, Any] = {}
    for mode, network in _networks(name, spec):
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

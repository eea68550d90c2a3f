"""Verification of systolic arrays and engines: matrix products in both layers.

Protocol: the cocotb benches. Bulk: many products of sizes up to 70 on a Verilator model that C++
drives, alone in the cycles of the formula, then back to back while every stream pauses.
"""

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from macsmith.array.engine.register_map import Error
from macsmith.contract.errors import UserError
from macsmith.host.verification_run import Run, merged
from macsmith.matmul.array_gemm import EDGES, LARGEST, Gemm
from macsmith.matmul.engine_products import Product, Products
from macsmith.matmul.stream_array import stream_model
from macsmith.matmul.verilated_engine import run_jobs
from macsmith.rtlsim.cocotb_runner import missing_for, run_bench
from macsmith.rtlsim.verilated_stream import VerilatedStream
from macsmith.verify.plan import Plan

BATCH = 8
"""Products that follow one another without a reset."""

SIMULATED = 4
"""Random products of each test on a simulator."""

STALLS = ((0.0,) * 4, (0.5, 0, 0, 0), (0, 0.5, 0, 0), (0, 0, 0.5, 0), (0, 0, 0, 0.7), (0.3,) * 4)
"""Shares of cycles in which an engine's four streams pause, batch by batch."""

PAUSES = (0.0, 0.4)
"""Shares of cycles in which an array's streams pause."""


def run_array_bench(
    name: str, spec: Any, simulator: str, folder: Path, *, count: int = 0, **how: Any
) -> list[Run]:
    """Run the cocotb bench of an array, GEMMs under stalls; return a run for each mode.

    Parameters
    ----------
    count:
        Random products of each mode and share of stalls, besides those of fixed sizes.
    how:
        As that of `run_bench`.
    """
    return merged(run_bench(name, spec, simulator, folder, count=count, **how))


def run_engine_bench(
    name: str,
    spec: Any,
    simulator: str,
    folder: Path,
    *,
    most: int = 20,
    count: int = 4,
    **how: Any,
) -> list[Run]:
    """Run the cocotb bench of an engine and return its runs, one for each mode.

    Parameters
    ----------
    most:
        Greatest size of a random product.
    count:
        Random products without stalls; the other tests come on top.
    how:
        As that of `run_bench`.

    Raises
    ------
    UserError
        If cocotbext-axi is not installed.
    """
    check_axi(name)
    return merged(run_bench(name, spec, simulator, folder, most=most, count=count, **how))


def check_axi(name: str) -> None:
    """Raise a sentence if the hosts of an engine's bench are not installed."""
    if find_spec("cocotbext") is None:
        raise UserError(
            f"the bench of {name} needs cocotbext-axi, which was not found; "
            "pip install 'macsmith[axi]' brings it"
        )


class ArrayVerification:
    """That of systolic arrays; see `macsmith.verify.plan.Verification`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def check_tools(self) -> None:
        """Raise nothing: every simulator can run the bench."""

    def missing_for_bulk(self) -> str | None:
        """Return what Verilator lacks."""
        return missing_for("verilator")

    def bulk(self, spec: Any, plan: Plan) -> Iterable[Run]:
        """Compare at least so many sums of each mode with the golden model.

        A run fails if the cycles of a product are not those of the formula.

        Raises
        ------
        RuntimeError
            If products do not end.
        """
        return _array_bulk(self.name, spec, plan.seed, plan.accumulations)

    def protocol(self, spec: Any, simulator: str, folder: Path, plan: Plan) -> list[Run]:
        """Run the cocotb bench and return a run for each mode."""
        return run_array_bench(
            self.name, spec, simulator, folder, seed=plan.seed, waves=plan.waves, count=SIMULATED
        )


class EngineVerification(ArrayVerification):
    """That of engines; see `macsmith.verify.plan.Verification`."""

    def check_tools(self) -> None:
        """Raise a sentence if the hosts of the bench are not installed."""
        check_axi(self.name)

    def bulk(self, spec: Any, plan: Plan) -> Iterable[Run]:
        """See `ArrayVerification.bulk`."""
        return _engine_bulk(self.name, spec, plan.seed, plan.accumulations)

    def protocol(self, spec: Any, simulator: str, folder: Path, plan: Plan) -> list[Run]:
        """Run the cocotb bench and return a run for each mode."""
        return run_engine_bench(
            self.name, spec, simulator, folder, seed=plan.seed, waves=plan.waves,
            most=LARGEST // 2, count=SIMULATED,
        )  # fmt: skip


def _array_bulk(name: str, spec: Any, seed: int, sums: int) -> Iterator[Run]:
    unit = stream_model(spec)
    for mode, precision in enumerate(spec.modes):
        rng = np.random.default_rng([seed, mode])
        run = Run(name, spec.parameters(), str(precision), "bulk", "verilator", seed)
        shapes = list(EDGES)
        while run.random < sums:
            shapes += [_sizes(rng) for _ in range(BATCH)]
            gemms = [
                Gemm.random(spec, shape, rng, mode, _passes(spec, rng)) for shape in shapes[:BATCH]
            ]
            del shapes[:BATCH]
            for gemm in gemms:
                cycles = _multiply(unit, [gemm], run, 0.0, seed)
                if cycles != gemm.cycles():
                    run.failure = f"{cycles} cycles of {gemm.title}, not {gemm.cycles()}"
            for pause in PAUSES:
                _multiply(unit, gemms, run, pause, seed)
        yield run


def _multiply(unit: VerilatedStream, gemms: list[Gemm], run: Run, pause: float, seed: int) -> int:
    """Run products one after the other, compare them, and return the cycles of all."""
    beats = [list(gemm.beats().values()) for gemm in gemms]
    counts = [gemm.result_count() for gemm in gemms]
    sent = [np.concatenate(each) for each in zip(*beats, strict=True)]
    results, cycles = unit.run_timed(sent, sum(counts), pause, seed)
    for gemm, part in zip(gemms, np.split(results, np.cumsum(counts)[:-1]), strict=True):
        gemm.compare(run, part)
    return cycles


def _engine_bulk(name: str, spec: Any, seed: int, sums: int) -> Iterator[Run]:
    runs = {
        mode: Run(name, spec.parameters(), str(precision), "bulk", "verilator", seed)
        for mode, precision in enumerate(spec.modes)
    }
    products = Products(spec, np.random.default_rng(seed))
    turn = 0
    while any(run.random < sums for run in runs.values()):
        stalls = STALLS[turn % len(STALLS)]
        batch = [products.any(LARGEST) for _ in range(BATCH)]
        _run_batch(spec, batch, stalls, seed + turn, runs)
        turn += 1
    yield from runs.values()


def _run_batch(
    spec: Any, batch: list[Product], stalls: tuple[float, ...], seed: int, runs: dict[int, Run]
) -> None:
    """Run jobs one after the other and compare them."""
    results = run_jobs(spec, [product.job for product in batch], stalls=stalls, seed=seed)
    for product, result in zip(batch, results, strict=False):
        run, plan = runs[product.job.mode], product.job.schedule(spec)
        if result.matrix is None:
            run.failure = f"error {Error(result.error).name} of {plan}"
            return
        product.compare(run, plan, result.matrix)
        if not any(stalls) and result.counters["cycles"] != plan.cycles:
            run.failure = f"{result.counters['cycles']} cycles, not {plan.cycles}, of {plan}"


def _sizes(rng: np.random.Generator) -> tuple[int, int, int]:
    m, n, k = rng.integers(1, LARGEST + 1, 3).tolist()
    return m, n, k


def _passes(spec: Any, rng: np.random.Generator) -> int:
    """Return the passes of a density-bound matrix; one if it is held or moves by itself."""
    if not spec.bound or spec.dataflow != "output":
        return 1
    return int(rng.integers(1, -(-spec.block // spec.nonzeros) + 1))

"""Verification of systolic arrays: matrix products in both layers.

Protocol: the cocotb bench. Bulk: many products of sizes up to 70 on a Verilator model that C++
drives, alone in the cycles of the formula, then back to back while every stream pauses.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from macsmith.formats.stream_words import ints_to_words
from macsmith.host.verification_run import Run, merged
from macsmith.matmul.array_faults import faults
from macsmith.matmul.array_gemm import EDGES, Gemm, largest
from macsmith.matmul.stream_array import stream_model
from macsmith.rtlsim.cocotb_runner import run_bench
from macsmith.rtlsim.unwrapped import with_own_streams
from macsmith.rtlsim.verilated_stream import VerilatedStream
from macsmith.verify.base import VerilatorVerification
from macsmith.verify.plan import Plan

BATCH = 8
"""Products that follow one another without a reset."""

SIMULATED = 4
"""Random products of each test on a simulator."""

PAUSES = ((0.0, 0.0), (0.4, 0.4), (0.0, 0.9), (0.9, 0.0))
"""Shares of cycles in which an array's inputs and its output pause: a slow receiver fills it up."""

CUTS = 40
"""Resets in mid-work of each mode, each followed by a product that must be exact and in time."""

AFTER = (3, 5, 7)
"""M, N and K of a product that follows a reset."""


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


class ArrayVerification(VerilatorVerification):
    """That of systolic arrays; see `macsmith.verify.plan.Verification`."""

    def bulk(self, spec: Any, plan: Plan) -> Iterable[Run]:
        """Compare at least so many sums of each mode with the golden model.

        A run fails if the cycles of a product are not those of the formula.

        Raises
        ------
        RuntimeError
            If products do not end.
        """
        return _array_bulk(self.name, spec, plan)

    def protocol(
        self, spec: Any, simulator: str, folder: Path, plan: Plan, verilog: str | None = None
    ) -> list[Run]:
        """Run the cocotb bench and return a run for each mode."""
        return run_array_bench(
            self.name, spec, simulator, folder, seed=plan.seed, waves=plan.waves, verilog=verilog,
            subject=plan.subject, boundary=plan.boundary, count=SIMULATED,
        )  # fmt: skip


def _array_bulk(name: str, spec: Any, plan: Plan) -> Iterator[Run]:
    seed = plan.seed
    wrapper = None if plan.boundary == "unit" else with_own_streams(name, spec, plan.boundary)
    unit = stream_model(spec, plan.subject, wrapper)
    for mode, precision in enumerate(spec.modes):
        rng = np.random.default_rng([seed, mode])
        run = Run(
            name, spec.parameters(), str(precision), "bulk", "verilator", seed, told=plan.told
        )
        shapes = list(EDGES)
        while run.random < plan.accumulations:
            shapes += [_sizes(spec, rng) for _ in range(BATCH)]
            gemms = [
                Gemm.random(spec, shape, rng, mode, _passes(spec, rng)) for shape in shapes[:BATCH]
            ]
            del shapes[:BATCH]
            for gemm in gemms:
                _multiply_in_time(unit, gemm, run, seed)
            for pauses in PAUSES:
                _multiply(unit, gemms, run, pauses, seed)
        for up in (False, True):
            _multiply_in_time(unit, Gemm.overflowing(spec, mode, up), run, seed)
        for number in range(CUTS):
            gemm = Gemm.random(spec, AFTER, rng, mode)
            cut = int(rng.integers(1, gemm.cycles() + 2))
            _multiply_in_time(unit, gemm, run, seed + number, cut)
        if not mode:
            _report_faults(unit, spec, rng, run)
        yield run


def _report_faults(unit: VerilatedStream, spec: Any, rng: np.random.Generator, run: Run) -> None:
    """Send what cannot be: each time the fault must be up at the end, and all results come."""
    for number, fault in enumerate(faults(spec, rng)):
        sent = [
            ints_to_words(beats, bits)
            for beats, bits in zip(fault.beats.values(), unit.widths, strict=True)
        ]
        try:
            unit.run_timed(sent, fault.results, PAUSES[number % 2], number, wrong=True)
        except RuntimeError as error:
            run.fail(f"{error} of {fault.title}")


def _multiply_in_time(unit: VerilatedStream, gemm: Gemm, run: Run, seed: int, cut: int = 0) -> None:
    """Run a product alone, at full speed, and compare its cycles with the formula."""
    cycles = _multiply(unit, [gemm], run, PAUSES[0], seed, cut)
    if cycles != gemm.cycles():
        after = f" after a reset in cycle {cut} of other work" if cut else ""
        run.fail(f"{cycles} cycles of {gemm.title}{after}, not {gemm.cycles()}")


def _multiply(
    unit: VerilatedStream,
    gemms: list[Gemm],
    run: Run,
    pauses: tuple[float, float],
    seed: int,
    cut: int = 0,
) -> int:
    """Run products one after the other, compare them, and return the cycles of all."""
    junk = np.random.default_rng(seed)
    beats = [list(gemm.beats(junk).values()) for gemm in gemms]
    counts = [gemm.result_count() for gemm in gemms]
    sent = [np.concatenate(each) for each in zip(*beats, strict=True)]
    results, cycles = unit.run_timed(sent, sum(counts), pauses, seed, cut)
    for gemm, part in zip(gemms, np.split(results, np.cumsum(counts)[:-1]), strict=True):
        gemm.compare(run, part)
    return cycles


def _sizes(spec: Any, rng: np.random.Generator) -> tuple[int, int, int]:
    m, n, k = rng.integers(1, largest(spec) + 1, 3).tolist()
    return m, n, k


def _passes(spec: Any, rng: np.random.Generator) -> int:
    """Return the passes of a density-bound matrix; one if it is held or moves by itself."""
    if not spec.movement.repeats_steps:
        return 1
    return int(rng.integers(1, spec.zeros.passes + 1))

"""Verification of systolic engines: jobs over AXI4-Stream and AXI4-Lite, in both layers.

Protocol: the cocotb bench. Bulk: many jobs on a Verilator model that C++ drives: in the cycles of
the formula, with pauses of every stream and of the host, at ties of the rounding, after resets in
mid-work, with kept weights; counters are compared with what went over the ports, registers with a
model, and what is wrong must stop a job.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from macsmith.array.engine.register_map import Error
from macsmith.array.engine.tile_schedule import Schedule
from macsmith.host.verification_run import Run, merged
from macsmith.matmul.array_gemm import LARGEST
from macsmith.matmul.engine_faults import EngineFault, faults
from macsmith.matmul.engine_jobs import STREAMS, Result
from macsmith.matmul.engine_products import Product, Products
from macsmith.matmul.register_model import accesses
from macsmith.matmul.verilated_engine import run_jobs
from macsmith.rtlsim.cocotb_runner import check_axi, run_bench
from macsmith.verify.arrays import BATCH, SIMULATED, ArrayVerification
from macsmith.verify.plan import Plan

STALLS = ((0.0,) * 4, (0.5, 0, 0, 0), (0, 0.5, 0, 0), (0, 0, 0.5, 0), (0, 0, 0, 0.7), (0.3,) * 4)
"""Shares of cycles in which the four streams pause, batch by batch; the host in every second."""

HURRIED = (0.6, 0.6, 0.3, 0.0)
"""Shares with which steps wait for the array while others are late: no cycle may count twice."""

BUS_PAUSES = 0.4
"""Share of cycles in which the host of AXI4-Lite pauses."""

CUTS = 60
"""Resets in mid-work, half by port and half by register, each followed by exact products."""

TINY, MANY = 3, 24
"""Greatest size of jobs of which some have a single result, and how many follow one another."""

LONG = 1 << 15
"""Greatest size of a product that is long one way; it falls with the sums that are asked for."""

KEPT = 6
"""Sequences of jobs that keep weights and channels, each of one product more than the last."""

LATE = 24
"""Jobs whose last word of activations comes when all else has been done."""


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


class EngineVerification(ArrayVerification):
    """That of engines; see `macsmith.verify.plan.Verification`."""

    def check_tools(self, boundary: str = "unit") -> None:
        """Raise a sentence if the hosts of the bench are not installed."""
        check_axi(self.name)

    def bulk(self, spec: Any, plan: Plan) -> Iterable[Run]:
        """See `ArrayVerification.bulk`."""
        return EngineBulk(self.name, spec, plan).runs(plan.accumulations)

    def protocol(
        self, spec: Any, simulator: str, folder: Path, plan: Plan, verilog: str | None = None
    ) -> list[Run]:
        """Run the cocotb bench and return a run for each mode."""
        return run_engine_bench(
            self.name, spec, simulator, folder, seed=plan.seed, waves=plan.waves, verilog=verilog,
            subject=plan.subject, most=LARGEST // 2, count=SIMULATED,
        )  # fmt: skip


class EngineBulk:
    """Jobs on the Verilator model of one engine, and a run for each of its modes."""

    def __init__(self, name: str, spec: Any, plan: Plan) -> None:
        self.spec, self.seed, self.subject = spec, plan.seed, plan.subject
        self.by_mode = {
            mode: Run(
                name, spec.parameters(), str(precision), "bulk", "verilator", plan.seed,
                told=plan.told,
            )
            for mode, precision in enumerate(spec.modes)
        }  # fmt: skip
        self.rng = np.random.default_rng(plan.seed)
        self.products = Products(spec, self.rng)

    def runs(self, sums: int) -> Iterator[Run]:
        """Yield the runs, each of at least so many sums of products of any size."""
        self._try([self.products.ties()])
        self._registers()
        for product in self.products.long(min(LONG, 1 << max(2, sums.bit_length() - 2))):
            self._try([product], stalls=STALLS[1])
        for name, product in self.products.full():
            self._wait_for_the_last(product, name)
        for number, fault in enumerate(faults(self.products)):
            self._stops(number, fault)
        for number in range(KEPT):
            batch = [*self.products.kept(1 + number % 4), self.products.any(BATCH)]
            self._try(batch, stalls=STALLS[number % 2 - 1], seed=self.seed + number)
        for number, stalls in enumerate(STALLS):
            batch = [self.products.any(TINY) for _ in range(MANY)]
            self._try(batch, stalls=stalls, seed=self.seed + number)
        for number in range(CUTS):
            self._after_a_reset(number)
        for number in range(LATE):
            self._late(number)
            self._wait_for_the_last(self._in_whole_columns(number), STREAMS[number % 3])
        turn, before = 0, {mode: run.random for mode, run in self.by_mode.items()}
        while any(run.random - before[mode] < sums for mode, run in self.by_mode.items()):
            stalls = STALLS[turn % len(STALLS)]
            batch = [self.products.any(LARGEST) for _ in range(BATCH)]
            bus = BUS_PAUSES * (turn // len(STALLS) % 2)
            self._try(batch, stalls=stalls, bus=bus, seed=self.seed + turn)
            turn += 1
        yield from self.by_mode.values()

    def _registers(self) -> None:
        """Try the registers while nothing runs, with a host that pauses and one that does not."""
        for bus in (0.0, BUS_PAUSES):
            tried = accesses(self.spec, self.rng)
            self._try([self.products.any(BATCH)], bus=bus, seed=self.seed, tried=tried, prompt=True)

    def _stops(self, number: int, fault: EngineFault) -> None:
        """Run a job that must stop, and stay so."""
        (result,) = run_jobs(
            self.spec, [fault.job], sent=[fault.sent], written=[fault.written],
            stalls=STALLS[-(number % 2)], seed=self.seed + number, subject=self.subject,
        )  # fmt: skip
        if result.error != fault.error:
            self.by_mode[fault.job.mode].fail(
                f"error {Error(result.error).name} of {fault.title}, not {fault.error.name}"
            )

    def _after_a_reset(self, number: int) -> None:
        """Break a job off anywhere; two others must be right after that, and most in time."""
        batch = [self.products.any(2 * BATCH) for _ in range(2)]
        cut = int(self.rng.integers(1, 20 + batch[0].job.schedule(self.spec).cycles))
        self._try(
            batch, seed=self.seed + number, broken_off=cut, by_register=bool(number % 2),
            bus=BUS_PAUSES * (number // 2 % 2), prompt=number % 3 == 0,
        )  # fmt: skip

    def _in_whole_columns(self, number: int) -> Product:
        """Return a product whose last column of results is that of a tile."""
        rng, spec = self.rng, self.spec
        rows, length = (int(rng.integers(1, most + 1)) for most in (spec.tile_rows, 2 * BATCH))
        return self.products.product(
            rows, length, spec.tile_cols * (1 + number % 2), raw=False,
            mode=number % len(spec.points),
        )  # fmt: skip

    def _wait_for_the_last(self, product: Product, name: str) -> None:
        """Hold back the last word of a stream until all else is done: nothing may end before."""
        cycles = product.job.schedule(self.spec).cycles
        self._try([product], late={name: 1000 + 4 * cycles})

    def _late(self, number: int) -> None:
        """Hold back the last word of activations until all else is done.

        Then the last step is issued in a cycle that is known, and until then each cycle was a step,
        a wait for operands or a wait for the array.
        """
        rows, length = (int(size) for size in self.rng.integers(1, 2 * BATCH, 2))
        if number // 2 % 2:
            # Tiles of a step or two, which the array takes no faster than its interval.
            rows, length = 8 * BATCH, 1 + number // 4 % 2
        columns = int(self.rng.integers(1, self.spec.tile_cols + 1))
        product = self.products.product(
            rows, length, columns, raw=bool(number % 2), mode=number % len(self.spec.points),
            passes=int(self.rng.integers(1, self.spec.max_passes + 1)),
        )  # fmt: skip
        plan = product.job.schedule(self.spec)
        last = 2000 + 4 * plan.cycles
        stalls = (STALLS[-1], HURRIED)[number // 2 % 2]
        results = self._try([product], stalls=stalls, seed=self.seed + number, late={"act": last})
        for result in results:
            counted = sum(result.counters[name] for name in ("steps", "starved", "blocked"))
            # Active from two cycles after the start on; a word is read the cycle after it came.
            active = result.last_act + plan.passes - result.started - 1
            if counted != active:
                self.by_mode[product.job.mode].fail(
                    f"{counted} steps and cycles starved and blocked, not {active}, of {plan}"
                )

    def _try(
        self, batch: Sequence[Product], *, stalls: Sequence[float] = STALLS[0], bus: float = 0.0,
        prompt: bool = False, **how: Any,
    ) -> list[Result]:  # fmt: skip
        """Run jobs one after the other and compare them; return the results.

        Parameters
        ----------
        prompt:
            Whether the first one starts as soon after the reset as it can. Cycles are then not
            those of the formula: an array waits so long after a reset as from tile to tile.
        """
        jobs = [product.job for product in batch]
        rest = 0 if prompt else self.spec.array.tile_interval
        results = run_jobs(
            self.spec, jobs, stalls=stalls, bus=bus, rest=rest, subject=self.subject, **how
        )
        for product, result in zip(batch, results, strict=False):
            run, plan = self.by_mode[product.job.mode], product.job.schedule(self.spec)
            if result.matrix is None:
                run.fail(f"error {Error(result.error).name} of {plan}")
                return []
            product.compare(run, plan, result.matrix)
            in_time = not any(stalls) and not prompt and not how.get("late")
            for name, found, due in _differences(plan, result, in_time):
                run.fail(f"{name} is {found}, not {due}, of {plan}")
        for name in STREAMS:
            found = sum(result.counters[f"{name}_writes"] for result in results)
            due = sum(
                getattr(job.schedule(self.spec), f"{name}_words")
                for job in jobs
                if name == "act" or not job.kept
            )
            if found != due:
                run.fail(f"{name}_writes is {found}, not {due}, of {len(jobs)} jobs")
        return results


def _differences(plan: Schedule, result: Result, in_time: bool) -> Iterator[tuple[str, int, int]]:
    """Yield each counter, or time of the status, that is not as it must be, and both values.

    Parameters
    ----------
    in_time:
        Whether no stream paused, so that the cycles are those of the formula.
    """
    counted = result.counters
    tiles = plan.row_tiles * plan.col_tiles
    due = {
        "steps": tiles * plan.weight_panel,
        "weight_reads": tiles * plan.weight_panel,
        "act_reads": tiles * plan.steps,
        "channel_reads": 0 if plan.raw else plan.row_tiles * plan.n,
        "result_beats": plan.result_beats,
    }
    if in_time:
        due |= {"cycles": plan.cycles, "starved": 0, "blocked": plan.blocked}
    for name, value in due.items():
        if counted[name] != value:
            yield name, counted[name], value
    # Busy from two cycles after the start to the cycle after the last result.
    busy = result.last_result - result.started
    # Columns of PEs beyond N are dropped after that, unless there are none.
    if counted["cycles"] < busy or (
        plan.n % plan.spec.tile_cols == 0 and counted["cycles"] != busy
    ):
        yield "cycles between the start and the last result", counted["cycles"], busy
    end = result.started + counted["cycles"] + 1
    if not result.last_busy <= end < result.first_idle:
        yield "the cycle in which busy falls", result.first_idle, end + 1

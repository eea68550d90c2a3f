"""The cocotb bench of a systolic array: GEMMs one after the other, every stream with pauses.

It runs inside a simulator, as `macsmith.bench.stream` does.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import cocotb
import numpy as np

from macsmith.bench.bench_job import BenchJob
from macsmith.formats.stream_words import words_for, words_to_ints
from macsmith.matmul.array_faults import faults
from macsmith.matmul.array_gemm import Gemm, largest

SHAPES = ((1, 1, 1), (7, 5, 9), (3, 14, 11), (13, 4, 6))
"""M, N and K of products that every array is given."""

LONGEST = 2000
"""Cycles of a random product that a simulator has time for."""

RESETS = 6
"""Resets in mid-work of each mode."""


class ArrayBench(BenchJob):
    """One array, its streams, and products for them."""

    def __init__(self, dut: Any) -> None:
        super().__init__()
        self.dut, self.count = dut, self.tries["count"]
        self.streams = self.ends(dut)
        ((self.output, sums),) = self.streams.outputs.items()
        self.words = words_for(sums.width)

    @property
    def fault(self) -> bool:
        """Whether the array says that what it was sent cannot be."""
        return hasattr(self.dut, "fault") and bool(self.dut.fault.value)

    def gemm(self, shape: tuple[int, int, int], mode: int) -> Gemm:
        """Return a random product."""
        return Gemm.random(self.spec, shape, self.rng, mode)

    def send(self, gemm: Gemm) -> None:
        """Queue the beats of a product, junk wherever the array ignores a bit."""
        for name, beats in gemm.beats(self.rng).items():
            self.streams.pending[name].extend(words_to_ints(beats))

    async def check(
        self, gemm: Gemm, pause: float = 0.0, take: Callable[[bool], bool] | None = None
    ) -> None:
        """Run a product, compare all that comes out, and keep the run."""
        streams = self.streams
        taken = streams.results[self.output]
        start, count = len(taken), gemm.result_count()
        self.send(gemm)
        deadline = 1000 + 100 * sum(map(len, streams.pending.values()))
        await streams.run(
            {self.output: start + count}, deadline, pause,
            take or (lambda valid: self.random.random() >= pause),
        )  # fmt: skip
        beats = b"".join(word.to_bytes(8 * self.words, "little") for word in taken[start:])
        run = self.new_run(gemm.mode)
        gemm.compare(run, np.frombuffer(beats, np.uint64).reshape(count, -1))
        self.keep(run)
        assert run.right, f"{run.examples[0].label} with pauses of {pause}"

    def short(self, mode: int, count: int) -> list[Gemm]:
        """Return random products of sizes up to `largest`, none of which takes too long."""
        gemms: list[Gemm] = []
        for _ in range(100 * count):
            m, n, k = self.rng.integers(1, largest(self.spec) + 1, 3).tolist()
            gemm = self.gemm((m, n, k), mode)
            if len(gemms) < count and gemm.cycles() <= LONGEST:
                gemms.append(gemm)
        return gemms


@asynccontextmanager
async def started(dut: object) -> AsyncIterator[ArrayBench]:
    """Give the bench with its array out of reset; at the end nothing more may come out."""
    bench = ArrayBench(dut)
    await bench.streams.start()
    yield bench
    await bench.streams.rest()
    assert not bench.fault


@cocotb.test()
async def gemms(dut: object) -> None:
    """Products without a reset between them, at full speed and with pauses of every stream."""
    async with started(dut) as bench:
        for pause in (0.0, 0.3, 0.7):
            for mode in range(len(bench.spec.points)):
                fixed = [bench.gemm(shape, mode) for shape in SHAPES]
                for gemm in fixed + bench.short(mode, bench.count):
                    await bench.check(gemm, pause)


@cocotb.test()
async def valid_waits_for_nothing(dut: object) -> None:
    """A receiver that becomes ready only after it saw a result gets every result."""
    async with started(dut) as bench:
        for mode in range(len(bench.spec.points)):
            await bench.check(bench.gemm((7, 5, 9), mode), take=lambda valid: valid)


@cocotb.test()
async def reset_in_mid_work(dut: object) -> None:
    """After a reset at any moment of a product the next one is exact, and in its own time."""
    async with started(dut) as bench:
        streams, modes = bench.streams, len(bench.spec.points)
        for trial in range(RESETS * modes):
            unfinished = bench.gemm((9, 7, 11), trial % modes)
            pause = bench.random.choice((0.0, 0.5))
            bench.send(unfinished)
            for _ in range(bench.random.randrange(1, unfinished.cycles() + 2)):
                ready = bench.random.random() >= pause
                await streams.cycle(pause, {bench.output: ready})
            await streams.reset(bench.random.randrange(1, 3))
            following = bench.gemm((3, 4, 5), (trial + 1) % modes)
            await bench.check(following)
            assert streams.cycles == following.cycles(), (
                f"{streams.cycles} cycles of {following.title} after a reset, "
                f"not {following.cycles()}"
            )


@cocotb.test()
async def faults_are_raised(dut: object) -> None:
    """Each thing that cannot be is a fault until reset and stops nothing; then all is exact."""
    async with started(dut) as bench:
        streams = bench.streams
        for fault in faults(bench.spec, bench.rng):
            for name, beats in fault.beats.items():
                streams.pending[name].extend(beats)
            start = len(streams.results[bench.output])
            await streams.run({bench.output: start + fault.results}, 1000)
            await streams.rest()
            assert bench.fault, f"{fault.title} is no fault"
            await streams.reset()
            await bench.check(bench.gemm((3, 4, 5), 0))
            assert not bench.fault, f"{fault.title} is still a fault after a reset"

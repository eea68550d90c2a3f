"""The cocotb bench of every unit with one stream in and one out: protocol, points, reset, extremes.

It runs inside a simulator, with the job of `macsmith.bench.bench_job`.
"""

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any

import cocotb
import numpy as np

from macsmith.bench.bench_job import StreamBench
from macsmith.formats.stream_words import words_to_ints
from macsmith.golden.catalog import golden
from macsmith.host.verification_run import Mismatch, Run
from macsmith.operands.batches import Batch
from macsmith.operands.random_packets import draw_packets
from macsmith.operands.stimulus import packets, source_of


class Bench(StreamBench):
    """One unit, its golden model, its streams, and the runs so far."""

    def __init__(self, dut: Any) -> None:
        super().__init__(dut)
        self.model = golden(self.name, self.spec)
        self.packets: int = self.tries.get("packets", 2_000)
        self.given: str | None = self.tries.get("operands")
        self.sources = [
            source_of(self.name, self.spec, index, self.rng)
            for index in range(len(self.spec.points))
        ]

    def batches(self, count: int, point: int) -> list[Batch]:
        """Return random packets of a point, each a batch of its own."""
        return draw_packets(self.sources[point], count, self.rng, packets(self.spec))

    @property
    def results(self) -> list[int]:
        """Payloads that have come out since the last reset."""
        return self.streams.results[self.output]

    def send(self, payloads: Iterable[int]) -> None:
        """Queue payloads."""
        self.streams.pending[self.input].extend(payloads)

    async def until(self, results: int, deadline: int, **stalls: Any) -> None:
        """Clock the unit until all is sent and so many results have come out since reset."""
        await self.streams.run({self.output: results}, deadline, **stalls)

    async def check(self, run: Run, batches: list[Batch], **stalls: Any) -> None:
        """Send batches, compare the results and keep the run."""
        spec = self.spec
        start = len(self.results)
        for batch in batches:
            self.send(words_to_ints(batch.payloads(spec, self.rng)))
        due = [
            (batch, packet, word)
            for batch in batches
            for packet, word in enumerate(words_to_ints(batch.expected(spec, self.model)))
        ]
        cycles = sum(spec.cycles(spec.points[batch.point]) * batch.beats for batch in batches)
        await self.until(start + len(due), 1000 + 40 * cycles, **stalls)
        for (batch, packet, expected), got in zip(due, self.results[start:], strict=True):
            if got != expected:
                operands = batch.operands(packet)
                run.note(Mismatch(batch.label, operands, hex(expected), hex(got)))
        run.vectors += sum(batch.beats for batch in batches)
        run.random += sum(batch.random for batch in batches)
        self.conclude(run)


def started(dut: object) -> AbstractAsyncContextManager[Bench]:
    """Give the bench with its unit out of reset, and fail at the end if any result was wrong."""
    return Bench(dut).running()


@cocotb.test()
async def random_packets(dut: object) -> None:
    """Every point: random lengths, operands that strain the unit, stalls at both ends."""
    async with started(dut) as bench:
        points = len(bench.spec.points)
        for point in range(points):
            # Equal shares, the remainder to the first points.
            count = (bench.packets + points - 1 - point) // points
            batches = bench.batches(count, point)
            run = bench.new_run(point)
            await bench.check(run, batches, send_stall=0.2, take=bench.random_ready(0.7))


@cocotb.test()
async def mostly_waiting(dut: object) -> None:
    """Every point, with a sender and a receiver that pause most of the time."""
    async with started(dut) as bench:
        for point in range(len(bench.spec.points)):
            batches = bench.batches(10, point)
            await bench.check(
                bench.new_run(point), batches, send_stall=0.7, take=bench.random_ready(0.3)
            )


@cocotb.test()
async def extremes(dut: object) -> None:
    """Every point: the extremes by name, alone and in long packets."""
    async with started(dut) as bench:
        for point, source in enumerate(bench.sources):
            await bench.check(bench.new_run(point), list(source.extremes()))


@cocotb.test()
async def point_changes(dut: object) -> None:
    """Points in random order from one packet to the next, without a pause."""
    async with started(dut) as bench:
        points = range(len(bench.spec.points))
        share = max(8, bench.packets // (8 * len(points)))
        batches = [batch for point in points for batch in bench.batches(share, point)]
        order = bench.rng.permutation(len(batches))
        await bench.check(bench.new_run(None), [batches[index] for index in order])


@cocotb.test()
async def valid_waits_for_nothing(dut: object) -> None:
    """A receiver that becomes ready only after it saw a result gets every result."""
    async with started(dut) as bench:
        batches = [source.uniform(1, 1) for source in bench.sources for _ in range(3)]
        await bench.check(bench.new_run(None), batches, take=lambda valid: valid)


@cocotb.test()
async def throughput_and_latency(dut: object) -> None:
    """Packets of one beat follow one another every `cycles` cycles, the first after `latency`."""
    async with started(dut) as bench:
        for index, point in enumerate(bench.spec.points):
            await bench.streams.reset()
            count = 20
            await bench.check(
                bench.new_run(index), [bench.sources[index].uniform(1, 1) for _ in range(count)]
            )
            cycles = bench.spec.cycles(point)
            needed = (count - 1) * cycles + bench.spec.latency(point) + 1
            assert bench.streams.cycles == needed, (
                f"{bench.name} {point}: {count} beats took {bench.streams.cycles} cycles, "
                f"not {needed}"
            )


@cocotb.test()
async def reset_drops_what_is_in_flight(dut: object) -> None:
    """After a reset in mid-packet, at any moment, only new beats count."""
    async with started(dut) as bench:
        streams = bench.streams
        long = 6 if packets(bench.spec) else 1
        for trial in range(12):
            point = trial % len(bench.sources)
            unfinished = bench.sources[point].uniform(7 - long, long)
            bench.send(words_to_ints(unfinished.payloads(bench.spec, bench.rng)))
            for _ in range(bench.random.randrange(1, 9)):
                await streams.cycle(0.0, {bench.output: bench.random.random() < 0.5})
            await streams.reset(bench.random.randrange(1, 3))
            following = bench.sources[(point + 1) % len(bench.sources)]
            await bench.check(bench.new_run(None), [following.uniform(1, min(2, long))])


@cocotb.test()
async def given_operands(dut: object) -> None:
    """Packets from a file, such as the dot products of a network's layer."""
    async with started(dut) as bench:
        if bench.given is None:
            return
        with np.load(bench.given) as arrays:
            for index in range(len(bench.sources)):
                await bench.check(bench.new_run(index), given_batches(arrays, index))


def given_batches(arrays: Any, point: int) -> list[Batch]:
    """Return the batches of a point: arrays under keys ``point|number|label|field``."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for key in arrays.files:
        of_point, number, label, field = key.split("|")
        if int(of_point) == point:
            found.setdefault((number, label), {})[field] = arrays[key]
    return [Batch(label, point, fields) for (_, label), fields in found.items()]

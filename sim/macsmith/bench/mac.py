"""The cocotb bench of every MAC style: protocol, modes, reset and extremes over the streams.

It runs inside a simulator. What to try is in the JSON file that ``MACSMITH_BENCH`` names, and what
was found is written beside it; see `macsmith.rtlsim.cocotb_runner`.
"""

import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import cocotb
import numpy as np

from macsmith.bench.stream_drivers import Streams
from macsmith.catalog.catalog import make_spec
from macsmith.contract.modes import Mode
from macsmith.formats.stream_words import words_to_ints
from macsmith.golden.catalog import golden
from macsmith.host.verification_run import Mismatch, Run
from macsmith.operands.batches import Batch, Operands


class Bench:
    """One unit, its golden model, its streams, and the runs so far."""

    def __init__(self, dut: object) -> None:
        path = Path(os.environ["MACSMITH_BENCH"])
        job = json.loads(path.read_text())
        self.found = path.with_name("runs.jsonl")
        self.name, self.seed, self.simulator = job["name"], job["seed"], job["simulator"]
        parameters = job["parameters"]
        parameters["modes"] = tuple(map(Mode.parse, parameters["modes"]))
        self.spec = make_spec(self.name, parameters)
        self.model = golden(self.name, self.spec)
        self.accumulations: int = job["accumulations"]
        self.wrong: list[str] = []
        self.layers: str | None = job["operands"]
        self.streams = Streams(dut, Random(self.seed))
        rng = np.random.default_rng(self.seed)
        self.operands = [
            Operands(self.spec, self.model, mode, rng) for mode in range(len(self.spec.modes))
        ]
        self.rng = rng

    def batches(self, count: int, mode: int) -> list[Batch]:
        """Return random accumulations of a mode; a long one in fifty, so that some overflow."""
        source = self.operands[mode]
        lengths = self.rng.choice((1, 2, 3, 7, 40), count, p=(0.5, 0.25, 0.15, 0.08, 0.02))
        return [
            (source.overflowing if length > 7 else source.uniform)(1, int(length))
            for length in lengths
        ]

    async def check(self, run: Run, batches: list[Batch], **stalls: object) -> None:
        """Send batches of one accumulation, compare the results and keep the run."""
        spec, streams = self.spec, self.streams
        start = len(streams.results)
        for batch in batches:
            streams.pending.extend(words_to_ints(batch.payloads(spec)))
        cycles = sum(spec.cycles(spec.modes[batch.mode]) * batch.beats for batch in batches)
        await streams.run(start + len(batches), 1000 + 40 * cycles, **stalls)  # type: ignore[arg-type]
        for batch, got in zip(batches, streams.results[start:], strict=True):
            expected = words_to_ints(batch.expected(spec, self.model))[0]
            run.vectors += batch.beats
            run.random += batch.random
            if got != expected:
                acts, weights = batch.acts[0].tolist(), batch.weights[0].tolist()
                run.note(Mismatch(batch.label, acts, weights, hex(expected), hex(got)))
        with self.found.open("a") as found:
            found.write(json.dumps(run.to_json()) + "\n")
        if run.mismatches:
            self.wrong.append(run.examples[0].sentence(self.name, run.mode))

    def run(self, mode: int | None) -> Run:
        """Return an empty run of one mode, or of all mixed."""
        name = "mixed" if mode is None else str(self.spec.modes[mode])
        parameters = self.spec.parameters()
        return Run(self.name, parameters, name, "protocol", self.simulator, self.seed)

    def random_ready(self, share: float) -> Callable[[bool], bool]:
        """Return a receiver that is ready in a share of the cycles."""
        return lambda valid: self.streams.random.random() < share


@asynccontextmanager
async def started(dut: object) -> AsyncIterator[Bench]:
    """Give the bench with its unit out of reset, and fail at the end if any result was wrong."""
    bench = Bench(dut)
    await bench.streams.start()
    yield bench
    assert not bench.wrong, bench.wrong[0]


@cocotb.test()
async def random_accumulations(dut: object) -> None:
    """Every mode: random lengths, overflow on purpose, stalls at both ends."""
    async with started(dut) as bench:
        modes = len(bench.spec.modes)
        for mode in range(modes):
            # Equal shares, the remainder to the first modes.
            count = (bench.accumulations + modes - 1 - mode) // modes
            batches = bench.batches(count, mode)
            run = bench.run(mode)
            await bench.check(run, batches, send_stall=0.2, take=bench.random_ready(0.7))


@cocotb.test()
async def extremes(dut: object) -> None:
    """Every mode: the extremes by name, alone and accumulated."""
    async with started(dut) as bench:
        for mode, operands in enumerate(bench.operands):
            await bench.check(bench.run(mode), list(operands.extremes()))


@cocotb.test()
async def mode_changes(dut: object) -> None:
    """Modes in random order from one accumulation to the next, without a pause."""
    async with started(dut) as bench:
        modes = range(len(bench.spec.modes))
        share = max(8, bench.accumulations // (8 * len(modes)))
        batches = [batch for mode in modes for batch in bench.batches(share, mode)]
        order = bench.rng.permutation(len(batches))
        await bench.check(bench.run(None), [batches[index] for index in order])


@cocotb.test()
async def mode_of_first_beat(dut: object) -> None:
    """The mode of later beats does not count."""
    async with started(dut) as bench:
        spec, streams = bench.spec, bench.streams
        if len(spec.modes) == 1:
            return
        lowest = spec.act_port_width + spec.weight_port_width
        mask = (1 << (len(spec.modes) - 1).bit_length()) - 1
        for mode, operands in enumerate(bench.operands):
            batch = operands.uniform(1, 4)
            first, *later = words_to_ints(batch.payloads(spec))
            streams.pending.append(first)
            for payload in later:
                other = streams.random.randrange(len(spec.modes))
                streams.pending.append(payload & ~(mask << lowest) | other << lowest)
            await streams.run(mode + 1, 5000)
            expected = words_to_ints(batch.expected(spec, bench.model))[0]
            assert streams.results[-1] == expected, f"{bench.name} {spec.modes[mode]}"


@cocotb.test()
async def valid_waits_for_nothing(dut: object) -> None:
    """A receiver that becomes ready only after it saw a result gets every result."""
    async with started(dut) as bench:
        batches = [operands.uniform(1, 1) for operands in bench.operands for _ in range(3)]
        await bench.check(bench.run(None), batches, take=lambda valid: valid)


@cocotb.test()
async def throughput(dut: object) -> None:
    """Beats of single-beat accumulations follow one another every `cycles` cycles."""
    async with started(dut) as bench:
        for mode, precision in enumerate(bench.spec.modes):
            await bench.streams.reset()
            count = 20
            await bench.check(
                bench.run(mode), [bench.operands[mode].uniform(1, 1) for _ in range(count)]
            )
            needed = count * bench.spec.cycles(precision) + 3
            assert bench.streams.cycles <= needed, (
                f"{bench.name} {precision}: {count} beats took {bench.streams.cycles} cycles, "
                f"not {needed}"
            )


@cocotb.test()
async def reset_drops_what_is_in_flight(dut: object) -> None:
    """After a reset in mid-accumulation, at any moment, only new beats count."""
    async with started(dut) as bench:
        streams = bench.streams
        for trial in range(12):
            mode = trial % len(bench.spec.modes)
            unfinished = bench.operands[mode].uniform(1, 6)
            streams.pending.extend(words_to_ints(unfinished.payloads(bench.spec)))
            for _ in range(streams.random.randrange(1, 9)):
                await streams.cycle(0.0, ready=streams.random.random() < 0.5)
            await streams.reset(streams.random.randrange(1, 3))
            following = [bench.operands[(mode + 1) % len(bench.operands)].uniform(1, 2)]
            await bench.check(bench.run(None), following)


@cocotb.test()
async def given_operands(dut: object) -> None:
    """Accumulations from a file, such as the dot products of a network's layer."""
    async with started(dut) as bench:
        if bench.layers is None:
            return
        with np.load(bench.layers) as arrays:
            for mode, precision in enumerate(bench.spec.modes):
                batches = [
                    Batch(key.removeprefix(f"{precision} "), mode, arrays[key][:1], arrays[key][1:])
                    for key in arrays.files
                    if key.startswith(f"{precision} ")
                ]
                await bench.check(bench.run(mode), batches)

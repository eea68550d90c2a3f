"""The cocotb bench of the pruning unit: every count, with pauses of both streams, and its fault.

It runs inside a simulator, as `macsmith.bench.mac` does.
"""

import json
import os
from pathlib import Path
from random import Random
from typing import Any

import cocotb
import numpy as np

from macsmith.array.pruning.spec import DapSpec
from macsmith.bench.stream_drivers import Streams
from macsmith.formats.stream_words import words_to_ints
from macsmith.host.verification_run import Mismatch, Run
from macsmith.operands.pruning_blocks import Blocks, BlockSource


class Bench:
    """One unit, its streams, and the runs so far."""

    def __init__(self, dut: Any) -> None:
        path = Path(os.environ["MACSMITH_BENCH"])
        self.job = json.loads(path.read_text())
        self.found = path.with_name("runs.jsonl")
        self.spec = DapSpec(**self.job["parameters"])
        self.streams = Streams(dut, Random(self.job["seed"]))
        self.source = BlockSource(self.spec, np.random.default_rng(self.job["seed"]))

    async def check(self, mode: str, batches: list[Blocks], pause: float) -> None:
        """Send blocks, compare what is kept of them, and keep the run."""
        spec, streams, job = self.spec, self.streams, self.job
        run = Run(job["name"], spec.parameters(), mode, "protocol", job["simulator"], job["seed"])
        start, due = len(streams.results), list[tuple[Blocks, int, int]]()
        for batch in batches:
            streams.pending.extend(words_to_ints(batch.payloads(spec)))
            expected = words_to_ints(batch.expected(spec, self.source.model))
            due += [(batch, number, word) for number, word in enumerate(expected)]
            run.vectors += batch.beats
            run.random += batch.random
        await streams.run(
            start + len(due), 1000 + 40 * len(due), pause,
            lambda valid: streams.random.random() >= pause,
        )  # fmt: skip
        for (batch, number, word), got in zip(due, streams.results[start:], strict=True):
            if got != word:
                acts, keep = batch.acts[number].tolist(), batch.weights[number].tolist()
                run.note(Mismatch(batch.label, acts, keep, hex(word), hex(got)))
        with self.found.open("a") as found:
            found.write(json.dumps(run.to_json()) + "\n")
        assert not run.mismatches, run.examples[0].sentence(run.unit, run.mode)


@cocotb.test()
async def each_count(dut: Any) -> None:
    """Random blocks for every count, with pauses of both streams."""
    bench = Bench(dut)
    await bench.streams.start()
    counts = bench.source.keeps
    for keep in counts:
        batch = bench.source.uniform(-(-bench.job["accumulations"] // len(counts)), keep)
        await bench.check(f"keep-{keep}", [batch], 0.3)
    assert not dut.fault.value


@cocotb.test()
async def counts_mixed(dut: Any) -> None:
    """Blocks of all counts in random order: at full speed, and mostly waiting."""
    bench = Bench(dut)
    await bench.streams.start()
    for pause in (0.0, 0.7):
        keeps = bench.source.rng.integers(0, len(bench.source.keeps), 100)
        batches = [bench.source.uniform(1, int(keep)) for keep in keeps]
        start = bench.streams.cycles
        await bench.check("mixed", batches, pause)
        if not pause:
            # A block a cycle; the first result comes `latency` cycles after its block.
            assert bench.streams.cycles - start == len(batches) + bench.spec.latency


@cocotb.test()
async def reset_drops_all(dut: Any) -> None:
    """What is in flight is dropped; the next block is right."""
    bench = Bench(dut)
    await bench.streams.start()
    bench.streams.pending.extend(words_to_ints(bench.source.uniform(9, 1).payloads(bench.spec)))
    for _ in range(9):
        await bench.streams.cycle(0.0, False)
    await bench.streams.reset()
    await bench.check("keep-1", [bench.source.uniform(3, 1)], 0.0)


@cocotb.test()
async def too_many(dut: Any) -> None:
    """More than there are selectors is a fault, and keeps all."""
    bench = Bench(dut)
    await bench.streams.start()
    beyond = range(len(bench.source.keeps), 1 << bench.spec.input_layout["keep"].width)
    for keep in beyond:
        await bench.check("mixed", [bench.source.uniform(5, keep)], 0.0)
        assert dut.fault.value
        await bench.streams.reset()
        assert not dut.fault.value

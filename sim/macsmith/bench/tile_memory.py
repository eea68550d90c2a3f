"""The cocotb bench of memories of tiles: the faults of a published buffet first, then programs.

It runs inside a simulator, with the job of `macsmith.bench.bench_job`.
"""

from typing import Any

import cocotb

from macsmith.bench.bench_job import BenchJob
from macsmith.bench.stream_drivers import known
from macsmith.formats.stream_words import words_to_ints
from macsmith.golden.catalog import golden
from macsmith.host.verification_run import Mismatch
from macsmith.operands.packet_sources.tile_programs import Program, TileSource

UPDATE = "i_update"


class Bench(BenchJob):
    """One memory, its streams, and the runs so far."""

    def __init__(self, dut: Any) -> None:
        super().__init__()
        self.dut = dut
        self.streams = self.ends(dut)
        self.source = TileSource(self.spec, golden(self.name, self.spec), self.rng)
        self.commands: int = self.tries.get("commands", 100)

    async def check(self, program: Program, send_stall: float = 0.0, take: float = 1.0) -> int:
        """Run a program after a reset, compare what is read; return the cycles."""
        streams = self.streams
        await streams.reset()
        *first, updates = map(words_to_ints, program.sent)
        for name, words in zip(streams.pending, first, strict=False):
            streams.pending[name].extend(words)
        waiting = list(zip(program.update_after.tolist(), updates, strict=True))
        found = streams.results["o"]
        deadline = 1000 + 40 * len(program.commands)
        while any(streams.pending.values()) or waiting or len(found) < len(program.due):
            assert streams.cycles < deadline, f"{len(found)} of {len(program.due)} words read"
            while waiting and waiting[0][0] <= len(found):
                streams.pending[UPDATE].append(waiting.pop(0)[1])
            await streams.cycle(send_stall, {"o": self.random.random() < take})
        cycles = streams.cycles
        await streams.rest()
        assert known(self.dut.fault, "fault") == program.fault
        run = self.new_run(0)
        for due, got in zip(words_to_ints(program.due), found, strict=True):
            if due != got:
                run.note(Mismatch("reads", {}, hex(due), hex(got)))
        run.vectors += sum(map(len, program.sent))
        run.random += len(program.due)
        self.keep(run)
        assert not run.mismatches, run.examples[0].sentence(self.name, run.mode)
        return cycles


async def _started(dut: object) -> Bench:
    bench = Bench(dut)
    await bench.streams.start()
    return bench


@cocotb.test()
async def random_programs(dut: object) -> None:
    """Programs of all kinds, without stalls and with stalls at every end."""
    bench = await _started(dut)
    for number in range(8):
        program = bench.source.program(bench.commands, out_of_reach=number % 4 == 3)
        await bench.check(program, *((0.0, 1.0), (0.3, 0.7))[number % 2])


@cocotb.test()
async def mostly_waiting(dut: object) -> None:
    """Senders and a receiver that pause most of the time."""
    bench = await _started(dut)
    await bench.check(bench.source.program(bench.commands // 2), 0.7, 0.3)


@cocotb.test()
async def a_read_a_cycle(dut: object) -> None:
    """Reads that follow one another without a pause are all answered, one a cycle."""
    bench = await _started(dut)
    program = bench.source.sweep(64)
    cycles = await bench.check(program)
    filled = len(program.sent[0])
    assert cycles <= filled + len(program.due) + 4, f"{len(program.due)} reads in {cycles} cycles"

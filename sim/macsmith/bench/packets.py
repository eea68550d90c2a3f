"""The cocotb bench of units that make a packet of each packet: stalls, resets, guaranteed cycles.

It runs inside a simulator, with the job of `macsmith.bench.bench_job`.
"""

from contextlib import AbstractAsyncContextManager
from typing import Any

import cocotb

from macsmith.bench.bench_job import StreamBench
from macsmith.formats.stream_words import words_to_ints
from macsmith.host.verification_run import Mismatch
from macsmith.operands.packet_sources.packets import Traffic, traffic

CUTS = 10
"""Resets in mid-work."""


class Bench(StreamBench):
    """One unit, its streams, and the runs so far."""

    def __init__(self, dut: Any) -> None:
        super().__init__(dut)
        self.packets: int = self.tries.get("packets", 80)

    def send(self, sent: Traffic) -> None:
        """Offer packets to all inputs."""
        for name, payloads in sent.payloads.items():
            self.streams.pending[name].extend(payloads)

    async def check(self, count: int, **stalls: Any) -> int:
        """Send packets after a reset, compare what comes; return the most cycles due for them."""
        sent = traffic(self.name, self.spec, count, self.rng)
        await self.streams.reset()
        self.send(sent)
        await self.streams.run({self.output: len(sent.due)}, 1000 + 40 * sent.most_cycles, **stalls)
        run = self.new_run(0)
        pairs = zip(words_to_ints(sent.due), self.streams.results[self.output], strict=True)
        for number, (due, got) in enumerate(pairs):
            if due != got:
                packet = sent.packets[sent.packet_of(number)]
                operands = {name: values.tolist() for name, values in packet.fields.items()}
                run.note(Mismatch(packet.label, operands, hex(due), hex(got)))
        run.vectors += sent.beats
        run.random += len(sent.packets)
        self.conclude(run)
        return sent.most_cycles


def started(dut: object) -> AbstractAsyncContextManager[Bench]:
    """Give the bench with its unit out of reset, and fail at the end if any result was wrong."""
    return Bench(dut).running()


@cocotb.test()
async def packets_in_time(dut: object) -> None:
    """Without stalls packets take no more cycles than the model states."""
    async with started(dut) as bench:
        most = await bench.check(bench.packets // 2)
        assert bench.streams.cycles <= most, f"{bench.streams.cycles} cycles, not at most {most}"


@cocotb.test()
async def stalls_at_both_ends(dut: object) -> None:
    """Senders and receivers that pause, now and then or most of the time."""
    async with started(dut) as bench:
        await bench.check(bench.packets // 4, send_stall=0.2, take=bench.random_ready(0.7))
        await bench.check(bench.packets // 8, send_stall=0.7, take=bench.random_ready(0.3))


@cocotb.test()
async def valid_waits_for_nothing(dut: object) -> None:
    """A receiver that becomes ready only after it saw a beat gets every beat."""
    async with started(dut) as bench:
        await bench.check(bench.packets // 8, take=lambda valid: valid)


@cocotb.test()
async def reset_drops_what_is_in_flight(dut: object) -> None:
    """After a reset at any moment only new packets count."""
    async with started(dut) as bench:
        for _ in range(CUTS):
            broken_off = traffic(bench.name, bench.spec, 3, bench.rng)
            bench.send(broken_off)
            for _ in range(bench.random.randrange(1, 40)):
                await bench.streams.cycle(0.1, {bench.output: bench.random.random() < 0.5})
            await bench.check(2)

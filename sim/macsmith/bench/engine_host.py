"""Hosts on all ports of a systolic engine in a cocotb simulation, and what watches its outputs.

The hosts are the models of cocotbext-axi, which pause wherever AXI lets them.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles, FallingEdge, ReadOnly, with_timeout
from cocotbext.axi import (
    AxiLiteBus,
    AxiLiteMaster,
    AxiResp,
    AxiStreamBus,
    AxiStreamFrame,
    AxiStreamSink,
    AxiStreamSource,
)

from macsmith.array.engine.register_map import (
    COUNTERS,
    Control,
    Register,
    Status,
    counter_address,
)
from macsmith.bench.bench_job import BenchJob
from macsmith.bench.stream_drivers import PERIOD_NS, known, start_clock
from macsmith.bench.stream_monitor import StreamMonitor
from macsmith.matmul.engine_jobs import Packets, matrix_of, packets, settings
from macsmith.matmul.engine_products import Product, Products

INPUTS = ("act", "weight", "channel")

OUTPUTS = {
    "m_axis_result": ("tvalid", "tready", ("tdata", "tkeep", "tlast")),
    "s_axil_b": ("valid", "ready", ("resp",)),
    "s_axil_r": ("valid", "ready", ("data", "resp")),
}
"""Streams that leave the engine: valid, ready and what must stand still meanwhile."""

READY = tuple(f"s_axis_{name}_tready" for name in INPUTS) + tuple(
    f"s_axil_{name}ready" for name in ("aw", "w", "ar")
)
"""What it drives of the streams that come in; each is known in every cycle."""


class Watch:
    """The rules of AXI at every output, checked in every cycle from reset on."""

    def __init__(self, dut: Any) -> None:
        self.dut = dut
        self.monitors = {name: StreamMonitor(name) for name in OUTPUTS}
        self.cleared = False

    async def run(self) -> None:
        """Look at each cycle while all is settled; a rule that is broken ends the test there.

        Before the models of the buses look, which say less of it.
        """
        while True:
            await FallingEdge(self.dut.clk)
            await ReadOnly()
            if self.cleared or bool(self.dut.rst.value):
                for rules in self.monitors.values():
                    rules.reset()
                continue
            for name in OUTPUTS:
                self._see(name)
            for name in READY:
                known(getattr(self.dut, name), name)

    def _see(self, name: str) -> None:
        valid, ready, lines = OUTPUTS[name]
        joint = "_" if name.startswith("m_axis") else ""

        def line(which: str) -> int:
            return known(getattr(self.dut, f"{name}{joint}{which}"), f"{name}{joint}{which}")

        payload = None
        if line(valid):
            payload = 0
            for one in lines:
                width = len(getattr(self.dut, f"{name}{joint}{one}"))
                payload = payload << width | line(one)
        self.monitors[name].see(payload, bool(line(ready)))


class EngineBench(BenchJob):
    """One engine with a host on each port."""

    def __init__(self, dut: Any) -> None:
        super().__init__()
        self.dut, self.most, self.count = dut, self.tries["most"], self.tries["count"]
        self.products = Products(self.spec, self.rng)
        self.sources = {
            name: AxiStreamSource(AxiStreamBus.from_prefix(dut, f"s_axis_{name}"), dut.clk, dut.rst)
            for name in INPUTS
        }
        self.sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis_result"), dut.clk, dut.rst)
        self.registers = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), dut.clk, dut.rst)
        self.watch = Watch(dut)

    async def start(self) -> None:
        """Start the clock and reset the engine; hosts drive all other inputs from the beginning."""
        await start_clock(self.dut, [self.dut.rst])
        cocotb.start_soon(self.watch.run())
        await self.reset()

    async def reset(self) -> None:
        """Reset engine and hosts; what was sent, and what came of it, is forgotten."""
        self.dut.rst.value = 1
        await ClockCycles(self.dut.clk, 3)
        for host in (*self.sources.values(), self.sink):
            host.clear()
        self.dut.rst.value = 0
        await ClockCycles(self.dut.clk, 2)

    async def clear(self) -> None:
        """Reset the engine by its register, when it has taken all that was sent.

        It may withdraw a result, which no rule of AXI allows.
        """
        assert all(source.idle() for source in self.sources.values()), "not all was taken"
        self.watch.cleared = True
        await self.write(Register.CONTROL, Control.RESET)
        self.watch.cleared = False
        self.sink.clear()
        assert await self.read(Register.STATUS) == 0
        assert not any((await self.counters()).values())

    def stall(self, name: str, rate: float) -> None:
        """Let a stream pause in a share of the cycles."""
        (self.sink if name == "result" else self.sources[name]).set_pause_generator(
            self._pauses(rate)
        )

    def stall_registers(self, rate: float) -> None:
        """Let the host of the registers pause on each of its five channels."""
        write, read = self.registers.write_if, self.registers.read_if
        for channel in (
            write.aw_channel, write.w_channel, write.b_channel, read.ar_channel, read.r_channel,
        ):  # fmt: skip
            channel.set_pause_generator(self._pauses(rate))

    def _pauses(self, rate: float) -> Iterator[bool]:
        while True:
            yield self.random.random() < rate

    async def write(self, register: Register, value: int, expected: AxiResp = AxiResp.OKAY) -> None:
        """Write a register and check the response."""
        response = await self.registers.write(register, value.to_bytes(4, "little"))
        assert response.resp == expected, f"{register.name} answers {response.resp!r}"

    async def read(self, address: int) -> int:
        """Return a register."""
        response = await self.registers.read(address, 4)
        assert response.resp == AxiResp.OKAY
        return int.from_bytes(response.data, "little")

    async def counters(self) -> dict[str, int]:
        """Return all counters."""
        return {name: await self.read(counter_address(name)) for name in COUNTERS}

    def send(self, sent: Packets) -> None:
        """Queue what a job sends."""
        for name, source in self.sources.items():
            words, last = getattr(sent, name)
            for part in np.split(words, np.flatnonzero(last)[:-1] + 1) if len(words) else ():
                source.send_nowait(AxiStreamFrame(part.tobytes()))

    async def launch(self, written: dict[str, int]) -> None:
        """Write a job's registers and start it."""
        for name, value in written.items():
            await self.write(Register[name], value)
        await self.write(Register.CONTROL, Control.START)

    async def finish(self, deadline: int) -> int:
        """Return the status when the engine is busy no more."""
        for _ in range(deadline):
            status = await self.read(Register.STATUS)
            if not status & Status.BUSY:
                return status
        raise AssertionError(f"no end after {deadline} reads of the status")

    async def check(self, product: Product, sent: bool = False, running: bool = False) -> None:
        """Run one product and compare C with what it should be.

        Parameters
        ----------
        sent, running:
            Whether its words are sent already, and whether it has been started.
        """
        plan = product.job.schedule(self.spec)
        if not sent:
            self.send(packets(self.spec, product.job, self.rng))
        if not running:
            await self.launch(settings(plan))
        frame = await with_timeout(self.sink.recv(), 40 * PERIOD_NS * (plan.cycles + 500), "ns")
        matrix = matrix_of(self.spec, plan, np.frombuffer(bytes(frame), np.uint8))
        run = self.new_run(product.job.mode)
        product.compare(run, plan, matrix)
        self.keep(run)
        assert run.right, f"{plan}: C differs at {run.examples[0].label}, {run.mismatches} in all"
        status = await self.finish(10)
        assert status == Status.DONE, f"status is {status:#x}"
        assert self.sink.empty(), "there are more results"


@asynccontextmanager
async def started(dut: Any) -> AsyncIterator[EngineBench]:
    """Give the bench with its engine out of reset; at the end no rule may have been broken."""
    bench = EngineBench(dut)
    await bench.start()
    yield bench
    await ClockCycles(dut.clk, 40)
    assert bench.sink.empty(), "there are more results"

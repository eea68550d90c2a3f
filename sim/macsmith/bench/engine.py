"""The cocotb bench of the systolic engine, over its AXI4-Stream and AXI4-Lite ports.

It runs inside a simulator, with the models of cocotbext-axi as hosts. What to try is in the JSON
file that ``MACSMITH_BENCH`` names; see `macsmith.rtlsim.cocotb_runner`.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, with_timeout
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
    ERROR_SHIFT,
    MODE_SHIFT,
    Control,
    Error,
    Flags,
    Register,
    Status,
    constants,
    counter_address,
)
from macsmith.array.engine.spec import MAX_SIZE
from macsmith.bench.known_values import stay_known
from macsmith.bench.stream_drivers import PERIOD_NS
from macsmith.catalog.catalog import spec_of_parameters
from macsmith.host.verification_run import Run
from macsmith.matmul.engine_jobs import Bytes, Packets, matrix_of, packets, settings
from macsmith.matmul.engine_products import Product, Products

INPUTS = ("act", "weight", "channel")

READY = tuple(f"s_axis_{name}_tready" for name in INPUTS) + tuple(
    f"s_axil_{name}ready" for name in ("aw", "w", "ar")
)
PAYLOADS = {
    "m_axis_result_tvalid": [f"m_axis_result_t{line}" for line in ("data", "keep", "last")],
    "s_axil_bvalid": ["s_axil_bresp"],
    "s_axil_rvalid": ["s_axil_rdata", "s_axil_rresp"],
}
"""What is known after a reset: handshake lines, and payloads while a line is up."""


class EngineBench:
    """One engine with a host on each port."""

    def __init__(self, dut: Any) -> None:
        path = Path(os.environ["MACSMITH_BENCH"])
        job = json.loads(path.read_text())
        self.found = path.with_name("runs.jsonl")
        self.simulator, self.seed = job["simulator"], job["seed"]
        self.name = job["name"]
        self.spec: Any = spec_of_parameters(self.name, job["parameters"])
        self.dut, self.most, self.count = dut, job["most"], job["count"]
        self.random = Random(job["seed"])
        self.products = Products(self.spec, np.random.default_rng(job["seed"]))
        self.sources = {
            name: AxiStreamSource(AxiStreamBus.from_prefix(dut, f"s_axis_{name}"), dut.clk, dut.rst)
            for name in INPUTS
        }
        self.sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis_result"), dut.clk, dut.rst)
        self.registers = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), dut.clk, dut.rst)

    async def start(self) -> None:
        """Start the clock and reset the engine."""
        Clock(self.dut.clk, PERIOD_NS, unit="ns").start()
        cocotb.start_soon(stay_known(self.dut, READY, PAYLOADS))
        await self.reset()

    async def reset(self) -> None:
        """Reset engine and hosts; what was sent, and what came of it, is forgotten."""
        self.dut.rst.value = 1
        await ClockCycles(self.dut.clk, 3)
        self.dut.rst.value = 0
        self.sink.clear()
        await ClockCycles(self.dut.clk, 2)

    async def clear(self) -> None:
        """Reset the engine by its register, when it has taken all that was sent."""
        assert all(source.idle() for source in self.sources.values()), "not all was taken"
        await self.write(Register.CONTROL, Control.RESET)
        self.sink.clear()
        assert await self.read(Register.STATUS) == 0
        assert not any((await self.counters()).values())

    def stall(self, name: str, rate: float) -> None:
        """Let a stream pause in a share of the cycles."""

        def pauses() -> Iterator[bool]:
            while True:
                yield self.random.random() < rate

        (self.sink if name == "result" else self.sources[name]).set_pause_generator(pauses())

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

    async def check(self, product: Product, sent: bool = False) -> None:
        """Run one product and compare C with what it should be."""
        plan = product.job.schedule(self.spec)
        if not sent:
            self.send(packets(self.spec, product.job))
        await self.launch(settings(plan))
        frame = await with_timeout(self.sink.recv(), 40 * PERIOD_NS * (plan.cycles + 500), "ns")
        matrix = matrix_of(self.spec, plan, np.frombuffer(bytes(frame), np.uint8))
        mode = str(self.spec.points[product.job.mode])
        run = Run(self.name, self.spec.parameters(), mode, "protocol", self.simulator,
                  self.seed)  # fmt: skip
        product.compare(run, plan, matrix)
        with self.found.open("a") as found:
            found.write(json.dumps(run.to_json()) + "\n")
        assert run.right, f"{plan}: C differs at {run.examples[0].label}, {run.mismatches} in all"
        status = await self.finish(10)
        assert status == Status.DONE, f"status is {status:#x}"
        assert self.sink.empty(), "there are more results"


@cocotb.test()
async def registers(dut: Any) -> None:
    """Identity reads back; what has no effect is answered by an error."""
    bench = EngineBench(dut)
    await bench.start()
    for register, value in constants(bench.spec).items():
        assert await bench.read(register) == value, register.name
        await bench.write(register, 1, AxiResp.SLVERR)
    assert (await bench.registers.read(0xFC, 4)).resp == AxiResp.SLVERR
    await bench.write(Register.M, 0x01020304)
    await bench.registers.write(Register.M + 1, b"\xaa")
    assert await bench.read(Register.M) == 0x0102AA04
    assert not any((await bench.counters()).values())


@cocotb.test()
async def products_without_stalls(dut: Any) -> None:
    """Back-to-back jobs take the cycles of the formula, and counters tell their traffic."""
    bench = EngineBench(dut)
    await bench.start()
    jobs = [bench.products.any(bench.most) for _ in range(bench.count)]
    for product in jobs:
        bench.send(packets(bench.spec, product.job))
    before = await bench.counters()
    for product in jobs:
        await bench.check(product, sent=True)
        after = await bench.counters()
        plan = product.job.schedule(bench.spec)
        took = {name: after[name] - before[name] for name in COUNTERS}
        tiles = plan.row_tiles * plan.col_tiles
        assert took["cycles"] == plan.cycles, f"{took['cycles']} cycles, not {plan.cycles}"
        assert took["steps"] == took["weight_reads"] == tiles * plan.weight_panel
        assert took["act_reads"] == tiles * plan.steps
        assert took["channel_reads"] == (0 if plan.raw else plan.row_tiles * plan.n)
        assert (took["result_beats"], took["starved"]) == (plan.result_beats, 0)
        before = after
    plans = [product.job.schedule(bench.spec) for product in jobs]
    assert after["act_writes"] == sum(plan.act_words for plan in plans)
    assert after["weight_writes"] == sum(plan.weight_words for plan in plans)
    assert after["channel_writes"] == sum(plan.channel_words for plan in plans)


@cocotb.test()
async def products_with_stalls(dut: Any) -> None:
    """Each stream in turn, then all of them, pause at any time."""
    bench = EngineBench(dut)
    await bench.start()
    for stalled in (*((name,) for name in (*INPUTS, "result")), (*INPUTS, "result")):
        for name in (*INPUTS, "result"):
            bench.stall(name, 0.6 if name in stalled else 0)
        await bench.check(bench.products.any(bench.most))


@cocotb.test()
async def kept_weights(dut: Any) -> None:
    """Weights and channels stay for later jobs until one does not keep them."""
    bench = EngineBench(dut)
    await bench.start()
    spec, rows, length = bench.spec, bench.spec.tile_rows, bench.spec.array.b
    if spec.array.zeros.stores_blocks:
        return
    for raw in (True, False):
        first = bench.products.product(rows + 1, length + 1, spec.tile_cols, raw=raw, keep=True)
        await bench.check(first)
        await bench.check(bench.products.again(first, 1, keep=True))
        await bench.check(bench.products.again(first, 2 * rows))
        await bench.check(bench.products.any(bench.most))


@cocotb.test()
async def refused_jobs(dut: Any) -> None:
    """Illegal jobs set an error and do not run; the next legal one does."""
    bench = EngineBench(dut)
    await bench.start()
    product = bench.products.product(3, 5, 2, raw=True)
    good = settings(product.job.schedule(bench.spec))
    wrong = [({name: size}, Error.SIZE)
             for name in ("M", "K", "N") for size in (0, MAX_SIZE + 1, 2**32 - 1)]  # fmt: skip
    wrong += [({"PASSES": passes}, Error.PASSES) for passes in (0, bench.spec.max_passes + 1)]
    wrong.append(({"FLAGS": len(bench.spec.points) << MODE_SHIFT}, Error.MODE))
    for change, error in wrong:
        await bench.launch(good | change)
        assert await bench.read(Register.STATUS) == error << ERROR_SHIFT, change
    await bench.check(product)


async def stopped(bench: EngineBench, written: dict[str, int], sent: Packets, error: Error) -> None:
    """Run a job that must stop with an error."""
    bench.send(sent)
    await bench.launch(written)
    status = await bench.finish(2000)
    assert status >> ERROR_SHIFT == error, f"status is {status:#x}, not {error.name}"
    await bench.write(Register.CONTROL, Control.START, AxiResp.SLVERR)


def wrong_packets(words: Bytes, last: Bytes) -> Iterator[tuple[Bytes, Bytes]]:
    """Yield a packet of one word too many and, if it has two, one that ends after the first."""
    yield np.concatenate([words, words[:1]]), np.concatenate([0 * last, [1]])
    if len(words) > 1:
        yield words, np.concatenate([[1], last[1:]])


@cocotb.test()
async def stopped_jobs(dut: Any) -> None:
    """Wrong packets, indices and flags stop a job; after a reset the next one runs."""
    bench = EngineBench(dut)
    await bench.start()
    spec, products = bench.spec, bench.products
    # One tile of two steps, so that all that is sent is taken before the engine stops.
    product = products.product(1, spec.array.b + 1, 1, raw=False)
    written = settings(product.job.schedule(spec))
    right = packets(spec, product.job)
    for name in INPUTS:
        for wrong in wrong_packets(*getattr(right, name)):
            sent = replace(right, **{name: wrong})
            await stopped(bench, written, sent, Error[f"{name.upper()}_FRAMING"])
            await bench.clear()
            await bench.check(product)
    if spec.array.zeros.stores_blocks and spec.array.nonzeros > 1:
        assert product.job.places is not None
        places = product.job.places.copy()
        places[0, 0, 0, 1] = 0
        broken = packets(spec, replace(product.job, places=places))
        await stopped(bench, written, broken, Error.INDEX)
        assert not (await bench.read(Register.STATUS)) & Status.DONE
        await bench.clear()
        await bench.check(product)
    long = products.product(
        1, spec.act_depth * spec.step_length() + 1, spec.tile_cols + 1, raw=True
    )
    written = settings(long.job.schedule(spec))
    written["FLAGS"] |= Flags.HOLD_ACTS
    await stopped(bench, written, packets(spec, long.job), Error.CAPACITY)
    # Not all was taken, so the hosts are reset as well.
    await bench.reset()
    await bench.check(product)


@cocotb.test()
async def refused_while_busy(dut: Any) -> None:
    """A start while a job runs is answered by an error and changes nothing."""
    bench = EngineBench(dut)
    await bench.start()
    product = bench.products.product(2, 3, 2, raw=True)
    await bench.launch(settings(product.job.schedule(bench.spec)))
    await bench.write(Register.CONTROL, Control.START, AxiResp.SLVERR)
    for register in (Register.M, Register.K, Register.N):
        await bench.write(register, 1)
    bench.send(packets(bench.spec, product.job))
    frame = await with_timeout(bench.sink.recv(), 10_000 * PERIOD_NS, "ns")
    plan = product.job.schedule(bench.spec)
    matrix = matrix_of(bench.spec, plan, np.frombuffer(bytes(frame), np.uint8))
    assert (matrix == product.expected).all()

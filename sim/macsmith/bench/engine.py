"""The cocotb bench of the systolic engine: jobs over AXI4-Stream and AXI4-Lite.

It runs inside a simulator, as `macsmith.bench.stream` does.
"""

from typing import Any

import cocotb
from cocotb.triggers import ClockCycles

from macsmith.array.engine.register_map import COUNTERS, Register
from macsmith.bench.engine_host import INPUTS, started
from macsmith.matmul.engine_jobs import packets, settings

RESETS = 4
"""Resets in mid-work."""

TIES = 60
"""Results at ties and limits of the rounding; the bulk layer takes all."""


@cocotb.test()
async def products_without_stalls(dut: Any) -> None:
    """Back-to-back jobs take the cycles of the formula, and counters tell their traffic."""
    async with started(dut) as bench:
        jobs = [bench.products.any(bench.most) for _ in range(bench.count)]
        for product in jobs:
            bench.send(packets(bench.spec, product.job, bench.rng))
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
    async with started(dut) as bench:
        for stalled in (*((name,) for name in (*INPUTS, "result")), (*INPUTS, "result")):
            for name in (*INPUTS, "result"):
                bench.stall(name, 0.6 if name in stalled else 0)
            await bench.check(bench.products.any(bench.most))


@cocotb.test()
async def kept_weights(dut: Any) -> None:
    """Weights and channels stay for later jobs until one does not keep them."""
    async with started(dut) as bench:
        for _ in range(2):
            for product in [*bench.products.kept(3), bench.products.any(bench.most)]:
                await bench.check(product)


@cocotb.test()
async def ties(dut: Any) -> None:
    """Results that lie at a half, at a quarter of it, or at a limit."""
    async with started(dut) as bench:
        await bench.check(bench.products.ties(TIES))


@cocotb.test()
async def reset_in_mid_work(dut: Any) -> None:
    """After a reset in any cycle of a job the next one is exact and takes the formula's cycles."""
    async with started(dut) as bench:
        for _ in range(RESETS):
            unfinished = bench.products.any(bench.most)
            bench.send(packets(bench.spec, unfinished.job, bench.rng))
            plan = unfinished.job.schedule(bench.spec)
            await bench.launch(settings(plan))
            await ClockCycles(dut.clk, bench.random.randrange(1, plan.cycles + 2))
            await bench.reset()
            assert await bench.read(Register.STATUS) == 0
            product = bench.products.any(bench.most)
            bench.send(packets(bench.spec, product.job, bench.rng))
            await bench.check(product, sent=True)
            took = await bench.counters()
            cycles = product.job.schedule(bench.spec).cycles
            assert took["cycles"] == cycles, f"{took['cycles']} cycles after a reset, not {cycles}"


@cocotb.test()
async def rewritten_in_mid_job(dut: Any) -> None:
    """A job is taken with its start: what is written while it runs is for the next one."""
    async with started(dut) as bench:
        bench.stall_registers(0.3)
        for _ in range(bench.count):
            product = bench.products.any(bench.most)
            plan = product.job.schedule(bench.spec)
            await bench.launch(settings(plan))
            junk = {name: bench.random.getrandbits(32) for name in settings(plan)}
            for name, value in junk.items():
                await bench.write(Register[name], value)
            for name, value in junk.items():
                assert await bench.read(Register[name]) == value, name
            await bench.check(product, running=True)

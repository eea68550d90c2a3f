"""What the cocotb bench of the engine tries of its errors: each code, by every cause."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles
from cocotbext.axi import AxiResp

from macsmith.array.engine.register_map import (
    ERROR_SHIFT,
    MODE_SHIFT,
    Control,
    Error,
    Flags,
    Register,
    Status,
)
from macsmith.array.engine.spec import MAX_SIZE
from macsmith.bench.engine_host import INPUTS, EngineBench, started
from macsmith.matmul.engine_jobs import Bytes, Packets, packets, settings

MODE_BITS = 8
"""Bits of the mode in FLAGS."""

TRIED = 3
"""Places inside panels of each stream at which a packet ends."""


@cocotb.test()
async def refused_jobs(dut: Any) -> None:
    """Illegal jobs set an error and do not run; the next legal one does."""
    async with started(dut) as bench:
        product = bench.products.product(3, 5, 2, raw=True)
        good = settings(product.job.schedule(bench.spec))
        for change, error in _illegal(bench.spec):
            await bench.launch(good | change)
            assert await bench.read(Register.STATUS) == error << ERROR_SHIFT, change
        await bench.check(product)
        # An error falls with the next start, and done with a job that is refused.
        await bench.launch(good | {"M": 0})
        assert await bench.read(Register.STATUS) == Error.SIZE << ERROR_SHIFT
        await bench.write(Register.CONTROL, Control.RESET)
        assert await bench.read(Register.STATUS) == 0
        await bench.check(product)


def _illegal(spec: Any) -> Iterator[tuple[dict[str, int], Error]]:
    """Yield what makes a job illegal, each way alone: every bit above a limit counts."""
    high = [1 << bit for bit in range(MAX_SIZE.bit_length(), 32)]
    for name in ("M", "K", "N"):
        yield from (({name: size}, Error.SIZE) for size in (0, MAX_SIZE + 1, *high, 2**32 - 1))
    most = spec.max_passes
    above = [1 << bit for bit in range(most.bit_length(), 32)]
    yield from (({"PASSES": passes}, Error.PASSES) for passes in (0, most + 1, *above))
    first = len(spec.points)
    modes = {first, (1 << MODE_BITS) - 1, *(1 << bit for bit in range(MODE_BITS))}
    yield from (({"FLAGS": mode << MODE_SHIFT}, Error.MODE) for mode in modes if mode >= first)


@cocotb.test()
async def wrong_packets(dut: Any) -> None:
    """A packet that ends early, late or never stops a job; after a reset the next one runs."""
    async with started(dut) as bench:
        spec = bench.spec
        # One tile of two steps, so that all that is sent is taken before the engine stops.
        product = bench.products.product(1, spec.step_length() + 1, 1, raw=False)
        written = settings(product.job.schedule(spec))
        right = packets(spec, product.job)
        for name in INPUTS:
            for wrong in _wrong(*getattr(right, name)):
                sent = replace(right, **{name: wrong})
                await _stopped(bench, written, sent, Error[f"{name.upper()}_FRAMING"])
                await bench.clear()
                await bench.check(product)


def _wrong(words: Bytes, last: Bytes) -> Iterator[tuple[Bytes, Bytes]]:
    """Yield a packet of one word too many and, if it has two, one that ends after the first."""
    yield np.concatenate([words, words[:1]]), np.concatenate([0 * last, [1]])
    if len(words) > 1:
        yield words, np.concatenate([[1], last[1:]])


@cocotb.test()
async def wrong_panels(dut: Any) -> None:
    """A packet that ends anywhere inside a panel stops a job, which takes no more operands."""
    async with started(dut) as bench:
        spec = bench.spec
        product = bench.products.product(
            spec.tile_rows + 1, spec.step_length() + 1, spec.tile_cols + 1, raw=False
        )
        plan = product.job.schedule(spec)
        inside = {"act": plan.steps, "weight": plan.weight_panel, "channel": plan.n}
        for name, panel in inside.items():
            right = packets(spec, product.job)
            words, last = getattr(right, name)
            places = np.flatnonzero(np.arange(len(words)) % panel != panel - 1)
            error = Error[f"{name.upper()}_FRAMING"]
            for place in bench.rng.permutation(places)[:TRIED]:
                early = last.copy()
                early[place] = 1
                sent = replace(right, **{name: (words, early)})
                await _stopped(bench, settings(plan), sent, error)
                await _stays_stopped(bench, error)
                # Not all was taken, so the hosts are reset as well.
                await bench.reset()
                await bench.check(product)


@cocotb.test()
async def wrong_indices(dut: Any) -> None:
    """A place that its slot cannot have stops a job: each slot, each such place."""
    async with started(dut) as bench:
        spec, array = bench.spec, bench.spec.array
        if not array.zeros.stores_blocks:
            return
        product = bench.products.product(1, spec.step_length() + 1, 1, raw=False)
        assert product.job.places is not None
        written = settings(product.job.schedule(spec))
        for slot in range(array.nonzeros):
            for place in range(1 << array.zeros.index_bits):
                if slot <= place <= slot + array.block - array.nonzeros:
                    continue
                places = product.job.places.copy()
                places[0, int(bench.rng.integers(places.shape[1])), 0, slot] = place
                broken = packets(spec, replace(product.job, places=places))
                await _stopped(bench, written, broken, Error.INDEX)
                assert not (await bench.read(Register.STATUS)) & Status.DONE
                await bench.clear()
                await bench.check(product)


@cocotb.test()
async def what_does_not_fit(dut: Any) -> None:
    """A memory that is to hold more than it has words stops a job: each of the three."""
    async with started(dut) as bench:
        spec = bench.spec
        product = bench.products.product(1, 3, 1, raw=False)
        step, rows, cols = spec.step_length(), spec.tile_rows, spec.tile_cols
        for flag, (m, k, n) in {
            Flags.HOLD_ACTS: (1, spec.act_depth * step + 1, cols + 1),
            Flags.HOLD_WEIGHTS: (rows + 1, spec.weight_depth * step + 1, 1),
            Flags.HOLD_CHANNELS: (rows + 1, 1, spec.channel_depth + 1),
        }.items():
            long = bench.products.product(m, k, n, raw=False)
            written = settings(long.job.schedule(spec))
            written["FLAGS"] |= flag
            await _stopped(bench, written, packets(spec, long.job), Error.CAPACITY)
            await _stays_stopped(bench, Error.CAPACITY)
            await bench.reset()
            await bench.check(product)


async def _stopped(
    bench: EngineBench, written: dict[str, int], sent: Packets, error: Error
) -> None:
    """Run a job that must stop with an error."""
    bench.send(sent)
    await bench.launch(written)
    status = await bench.finish(20_000)
    assert status >> ERROR_SHIFT == error, f"status is {status:#x}, not {error.name}"
    await bench.write(Register.CONTROL, Control.START, AxiResp.SLVERR)


async def _stays_stopped(bench: EngineBench, error: Error) -> None:
    """Check that the first error stays, and that no more operands are taken."""
    ready = [getattr(bench.dut, f"s_axis_{name}_tready") for name in INPUTS]
    for _ in range(20):
        await ClockCycles(bench.dut.clk, 1)
        assert not any(bool(line.value) for line in ready), "a stopped engine takes operands"
    assert await bench.read(Register.STATUS) >> ERROR_SHIFT == error
    bench.sink.clear()

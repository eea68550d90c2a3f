"""What the cocotb bench of the engine tries of its errors: each code, by every cause."""

from typing import Any

import cocotb
from cocotb.triggers import ClockCycles
from cocotbext.axi import AxiResp

from macsmith.array.engine.register_map import ERROR_SHIFT, Control, Error, Register, Status
from macsmith.bench.engine_host import INPUTS, EngineBench, started
from macsmith.matmul.engine_faults import (
    EngineFault,
    too_much,
    wrong_indices,
    wrong_packets,
    wrong_panels,
)
from macsmith.matmul.engine_jobs import settings
from macsmith.matmul.register_model import illegal

SMALL = 4
"""Greatest size of a product that follows an error."""


@cocotb.test()
async def refused_jobs(dut: Any) -> None:
    """Illegal jobs set an error and do not run; the next legal one does."""
    async with started(dut) as bench:
        product = bench.products.product(3, 5, 2, raw=True)
        good = settings(product.job.schedule(bench.spec))
        for change, error in illegal(bench.spec):
            await bench.launch(good | change)
            assert await bench.read(Register.STATUS) == error << ERROR_SHIFT, change
        await bench.check(product)
        # An error falls with the next start, and done with a job that is refused.
        await bench.launch(good | {"M": 0})
        assert await bench.read(Register.STATUS) == Error.SIZE << ERROR_SHIFT
        await bench.write(Register.CONTROL, Control.RESET)
        assert await bench.read(Register.STATUS) == 0
        await bench.check(product)


@cocotb.test()
async def packets_and_indices(dut: Any) -> None:
    """A packet that ends early, late or never, and a place that its slot cannot have, stop a job.

    After a reset by register the next one runs.
    """
    async with started(dut) as bench:
        for fault in (*wrong_packets(bench.products), *wrong_indices(bench.products)):
            await _stopped(bench, fault)
            assert not (await bench.read(Register.STATUS)) & Status.DONE
            await bench.clear()
            await bench.check(bench.products.any(SMALL))


@cocotb.test()
async def panels_and_memories(dut: Any) -> None:
    """A packet that ends inside a panel, and too much for a memory, stop a job for good."""
    async with started(dut) as bench:
        for fault in (*wrong_panels(bench.products), *too_much(bench.products)):
            await _stopped(bench, fault)
            await _stays_stopped(bench, fault.error)
            # Not all was taken, so the hosts are reset as well.
            await bench.reset()
            await bench.check(bench.products.any(SMALL))


async def _stopped(bench: EngineBench, fault: EngineFault) -> None:
    """Run a job that must stop with an error."""
    bench.send(fault.sent)
    await bench.launch(fault.written)
    status = await bench.finish(20_000)
    assert status >> ERROR_SHIFT == fault.error, f"status is {status:#x} of {fault.title}"
    await bench.write(Register.CONTROL, Control.START, AxiResp.SLVERR)


async def _stays_stopped(bench: EngineBench, error: Error) -> None:
    """Check that the first error stays, and that no more operands are taken."""
    ready = [getattr(bench.dut, f"s_axis_{name}_tready") for name in INPUTS]
    for _ in range(20):
        await ClockCycles(bench.dut.clk, 1)
        assert not any(bool(line.value) for line in ready), "a stopped engine takes operands"
    assert await bench.read(Register.STATUS) >> ERROR_SHIFT == error
    bench.sink.clear()

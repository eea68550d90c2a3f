"""What the cocotb bench of the engine tries at its registers: a model, and hosts that pause."""

from collections.abc import Iterable
from typing import Any

import cocotb
from cocotbext.axi import AxiResp

from macsmith.array.engine.register_map import ADDRESS_BITS, Control, Register, Status
from macsmith.bench.engine_host import EngineBench, started
from macsmith.matmul.engine_jobs import packets, settings
from macsmith.matmul.register_model import SETTINGS, RegisterModel

ROUNDS, ACCESSES = 6, 24
"""Bursts of accesses under way at a time, and accesses of each."""


class ByteModel(RegisterModel):
    """The registers of an idle engine, as hosts of cocotbext-axi write them: bytes of one word."""

    def write_bytes(self, address: int, data: bytes) -> AxiResp:
        """Write some bytes of one word; return the answer."""
        first = address & 3
        strobes = (1 << len(data)) - 1 << first
        word = int.from_bytes(data, "little") << 8 * first
        return AxiResp(self.write(address & ~3, word, strobes))


def _addresses(bench: EngineBench, count: int) -> Iterable[int]:
    """Yield addresses of words, half of them of registers."""
    known = [*ByteModel(bench.spec).words]
    for _ in range(count):
        anywhere = bench.random.randrange(1 << ADDRESS_BITS) & ~3
        yield bench.random.choice(known) if bench.random.random() < 0.5 else anywhere


@cocotb.test()
async def registers_at_random(dut: Any) -> None:
    """Reads, and writes of any bytes, under way together while every channel pauses."""
    async with started(dut) as bench:
        model = ByteModel(bench.spec)
        for turn in range(ROUNDS):
            bench.stall_registers((0.0, 0.5, 0.8)[turn % 3])
            writes = []
            for address in _addresses(bench, ACCESSES):
                first = bench.random.randrange(4)
                size = bench.random.randrange(1, 5 - first)
                data = bench.random.randbytes(size)
                if address == Register.CONTROL and not first:
                    # Neither a start nor a reset.
                    data = bytes([data[0] & 0xFC]) + data[1:]
                event = bench.registers.init_write(address + first, data)
                writes.append((address + first, event, model.write_bytes(address + first, data)))
            for address, event, answer in writes:
                await event.wait()
                assert event.data.resp == answer, f"write {address:#x}: {event.data.resp!r}"
            reads = [
                (address, bench.registers.init_read(address, 4), model.read(address))
                for address in (*_addresses(bench, ACCESSES), *model.words)
            ]
            for address, event, (value, _, answer) in reads:
                await event.wait()
                found = int.from_bytes(event.data.data, "little")
                assert (found, event.data.resp) == (value, answer), f"read {address:#x}: {found:#x}"


@cocotb.test()
async def one_answer_an_access(dut: Any) -> None:
    """Answers that nobody takes for long are neither lost nor overrun."""
    async with started(dut) as bench:
        taken = bench.watch.monitors
        for turn in range(3):
            before = taken["s_axil_b"].taken, taken["s_axil_r"].taken
            bench.stall_registers(0.9)
            writes = [
                bench.registers.init_write(register, bytes([turn, index, 0, 0]))
                for index, register in enumerate(SETTINGS[1:])
            ]
            for event in writes:
                await event.wait()
            reads = [bench.registers.init_read(register, 4) for register in SETTINGS[1:]]
            for index, event in enumerate(reads):
                await event.wait()
                assert event.data.data == bytes([turn, index, 0, 0])
            count = len(SETTINGS) - 1
            after = taken["s_axil_b"].taken, taken["s_axil_r"].taken
            assert after == (before[0] + count, before[1] + count), (before, after)


@cocotb.test()
async def control(dut: Any) -> None:
    """What starts, what does not, and what the status says at each time."""
    async with started(dut) as bench:
        product = bench.products.product(2, 3, 2, raw=True)
        written = settings(product.job.schedule(bench.spec))
        for name, value in written.items():
            await bench.write(Register[name], value)
        # Bytes above the lowest neither start nor reset, and a word of zeros does nothing.
        await bench.registers.write(Register.CONTROL + 1, b"\xff\xff\xff")
        await bench.write(Register.CONTROL, 0)
        assert await bench.read(Register.STATUS) == 0
        await bench.check(product)
        assert await bench.read(Register.STATUS) == Status.DONE
        # A second start: done falls with it, and rises again at the end.
        await bench.launch(written)
        assert await bench.read(Register.STATUS) == Status.BUSY
        await bench.write(Register.CONTROL, Control.START, AxiResp.SLVERR)
        await bench.write(Register.CONTROL, 0)
        assert await bench.read(Register.STATUS) == Status.BUSY
        bench.send(packets(bench.spec, product.job, bench.rng))
        await bench.check(product, sent=True, running=True)
        # A reset wins over a start, and keeps what is written.
        await bench.write(Register.CONTROL, Control.RESET | Control.START)
        assert await bench.read(Register.STATUS) == 0
        for name, value in written.items():
            assert await bench.read(Register[name]) == value, name
        assert not any((await bench.counters()).values())
        await bench.check(product)

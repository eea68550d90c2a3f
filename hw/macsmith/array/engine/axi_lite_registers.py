"""The engine's registers behind AXI4-Lite: job, status, counters, identity."""

from typing import Any

from amaranth import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from macsmith.array.engine.job_ports import job_layout
from macsmith.array.engine.register_map import (
    ADDRESS_BITS,
    COUNTERS,
    MODE_SHIFT,
    Control,
    Error,
    Flags,
    Register,
    constants,
    counter_address,
)
from macsmith.array.engine.spec import MAX_SIZE, EngineSpec
from macsmith.mac.operand_registers import split

WRITTEN = (Register.FLAGS, Register.M, Register.K, Register.N, Register.PASSES)
"""Registers that keep what is written."""

SLVERR = 2
"""The response to an access that had no effect."""


def axi_lite_ports(prefix: str) -> dict[str, wiring.Member]:
    """Return the ports of an AXI4-Lite slave with words of 32 bits."""
    inputs = {
        "awaddr": ADDRESS_BITS, "awprot": 3, "awvalid": 1, "wdata": 32, "wstrb": 4, "wvalid": 1,
        "bready": 1, "araddr": ADDRESS_BITS, "arprot": 3, "arvalid": 1, "rready": 1,
    }  # fmt: skip
    outputs = {
        "awready": 1, "wready": 1, "bresp": 2, "bvalid": 1, "arready": 1, "rdata": 32, "rresp": 2,
        "rvalid": 1,
    }  # fmt: skip
    ports = {f"{prefix}_{name}": In(width) for name, width in inputs.items()}
    return ports | {f"{prefix}_{name}": Out(width) for name, width in outputs.items()}


class EngineControl(wiring.Component):
    """Registers as `Register` lists them. One access of each kind at a time, a cycle each.

    A job may be written while another one runs; its start is refused until that has ended.

    Parameters
    ----------
    spec:
        The engine.

    Members
    -------
    s_axil_*
        AXI4-Lite.
    start : Out(1)
        Begin ``job``.
    job : Out(job_layout(spec))
        The job that runs, as it was written before ``start``.
    clear : Out(1)
        Reset the engine but for these registers.
    busy, error, counters : In
        As those of `EngineCore`.
    """

    start: Signal
    job: data.View
    clear: Signal
    busy: Signal
    error: Signal
    counters: Signal

    def __init__(self, spec: EngineSpec) -> None:
        self.spec = spec
        super().__init__(
            {
                "start": Out(1),
                "job": Out(job_layout(spec)),
                "clear": Out(1),
                "busy": In(1),
                "error": In(Error),
                "counters": In(32 * len(COUNTERS)),
                **axi_lite_ports("s_axil"),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        written = {register: Signal(32, name=register.name.lower()) for register in WRITTEN}
        done = Signal()
        refused = Signal(Error)
        busy = Signal()
        was_busy = Signal()
        ended = Signal()
        m.d.comb += [
            busy.eq(self.busy | self.start),
            ended.eq(was_busy & ~self.busy & ~self.error.any()),
        ]
        m.d.sync += [
            self.start.eq(0),
            self.clear.eq(0),
            was_busy.eq(self.busy & ~self.clear),
            done.eq(done | ended),
        ]
        error = Mux(self.error.any(), self.error, refused)
        status = Cat(busy, done | ended, Const(0, 6), error)
        read: dict[int, Value] = {
            register: Const(value, 32) for register, value in constants(self.spec).items()
        }
        read |= {Register.CONTROL: Const(0, 32), Register.STATUS: status}
        for name, count in zip(COUNTERS, split(self.counters, 32), strict=True):
            read[counter_address(name)] = count
        self._read(m, read | written)

        known, take = self._write(m)
        m.d.comb += known.eq(0)
        bus: Any = self
        address = bus.s_axil_awaddr[2:]
        strobes = Cat(bit.replicate(8) for bit in bus.s_axil_wstrb)
        with m.Switch(address):
            for register, word in written.items():
                with m.Case(register >> 2):
                    m.d.comb += known.eq(1)
                    with m.If(take):
                        m.d.sync += word.eq((bus.s_axil_wdata & strobes) | (word & ~strobes))
            with m.Case(Register.CONTROL >> 2):
                control = bus.s_axil_wdata & strobes
                starts, clears = (control[bit.bit_length() - 1] for bit in Control)
                free = ~busy & ~self.error.any()
                m.d.comb += known.eq(~starts | free | clears)
                with m.If(take & clears):
                    m.d.sync += [self.clear.eq(1), done.eq(0), refused.eq(Error.NONE)]
                with m.Elif(take & starts & free):
                    self._begin(m, written, done, refused)
        return m

    def _begin(
        self, m: Module, written: dict[Register, Signal], done: Signal, refused: Signal
    ) -> None:
        """Start the job that is written, or note why it is refused."""
        spec, job = self.spec, self.job
        flags, passes = written[Register.FLAGS], written[Register.PASSES]
        sizes = [written[register] for register in (Register.M, Register.K, Register.N)]
        mode = flags[MODE_SHIFT : MODE_SHIFT + 8]
        wrong_size = Cat((size == 0) | (size > MAX_SIZE) for size in sizes).any()
        m.d.sync += done.eq(0)
        with m.If(wrong_size):
            m.d.sync += refused.eq(Error.SIZE)
        with m.Elif((passes == 0) | (passes > spec.max_passes)):
            m.d.sync += refused.eq(Error.PASSES)
        with m.Elif(mode >= len(spec.points)):
            m.d.sync += refused.eq(Error.MODE)
        with m.Else():
            m.d.sync += [self.start.eq(1), refused.eq(Error.NONE), job.passes.eq(passes)]
            m.d.sync += [job[name].eq(size) for name, size in zip("mkn", sizes, strict=True)]
            m.d.sync += [
                job[str(flag.name).lower()].eq(flags[flag.bit_length() - 1]) for flag in Flags
            ]
            if len(spec.points) > 1:
                m.d.sync += job.mode.eq(mode)

    def _read(self, m: Module, words: dict[int, Value]) -> None:
        """Answer reads; an address without a register reads zero."""
        bus: Any = self
        m.d.comb += bus.s_axil_arready.eq(~bus.s_axil_rvalid | bus.s_axil_rready)
        with m.If(bus.s_axil_arready):
            m.d.sync += bus.s_axil_rvalid.eq(bus.s_axil_arvalid)
        with m.If(bus.s_axil_arready & bus.s_axil_arvalid):
            m.d.sync += [bus.s_axil_rdata.eq(0), bus.s_axil_rresp.eq(SLVERR)]
            with m.Switch(bus.s_axil_araddr[2:]):
                for register, word in words.items():
                    with m.Case(register >> 2):
                        m.d.sync += [bus.s_axil_rdata.eq(word), bus.s_axil_rresp.eq(0)]

    def _write(self, m: Module) -> tuple[Signal, Signal]:
        """Take writes; return whether one has an effect, to be driven, and whether one is taken."""
        bus: Any = self
        known = Signal()
        take = Signal()
        m.d.comb += [
            take.eq(
                bus.s_axil_awvalid & bus.s_axil_wvalid & (~bus.s_axil_bvalid | bus.s_axil_bready)
            ),
            bus.s_axil_awready.eq(take),
            bus.s_axil_wready.eq(take),
        ]
        m.d.sync += bus.s_axil_bvalid.eq(take | (bus.s_axil_bvalid & ~bus.s_axil_bready))
        with m.If(take):
            m.d.sync += bus.s_axil_bresp.eq(Mux(known, 0, SLVERR))
        return known, take

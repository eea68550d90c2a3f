"""AXI4-Stream wrappers whose buffers have a fault."""

from amaranth import Module, Mux, Signal

from macsmith.rtl.axi_stream_wrapper import AxiStreamWrapper
from macsmith.rtl.skid_buffer import SkidBuffer


class Wires(SkidBuffer):
    """Holds nothing: ready is the receiver's."""

    clocked = False

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.d.comb += [
            self.i.ready.eq(self.o.ready),
            self.o.valid.eq(self.i.valid),
            self.o.payload.eq(self.i.payload),
        ]
        return m


class HoldsTwice(SkidBuffer):
    """Gives a held beat for as long as the sender offers none."""

    def elaborate(self, platform: object) -> Module:
        m = Module()
        full = Signal()
        held = Signal.like(self.i.payload)
        m.d.comb += [
            self.i.ready.eq(~full),
            self.o.valid.eq(self.i.valid | full),
            self.o.payload.eq(Mux(full, held, self.i.payload)),
        ]
        m.d.sync += full.eq(self.o.valid & ~(self.o.ready & self.i.valid))
        with m.If(~full):
            m.d.sync += held.eq(self.i.payload)
        return m


class AlwaysTakes(SkidBuffer):
    """Takes beats while it holds one, and loses them."""

    def elaborate(self, platform: object) -> Module:
        m = Module()
        full = Signal()
        held = Signal.like(self.i.payload)
        m.d.comb += [
            self.i.ready.eq(1),
            self.o.valid.eq(self.i.valid | full),
            self.o.payload.eq(Mux(full, held, self.i.payload)),
        ]
        m.d.sync += full.eq(self.o.valid & ~self.o.ready)
        with m.If(~full):
            m.d.sync += held.eq(self.i.payload)
        return m


class GivesTheNext(SkidBuffer):
    """Offers what its sender offers now in the place of what it held."""

    def elaborate(self, platform: object) -> Module:
        m = Module()
        full = Signal()
        m.d.comb += [
            self.i.ready.eq(~full),
            self.o.valid.eq(self.i.valid | full),
            self.o.payload.eq(self.i.payload),
        ]
        m.d.sync += full.eq(self.o.valid & ~self.o.ready)
        return m


class WiredWrapper(AxiStreamWrapper):
    """A wrapper in which gates lead from inputs to outputs."""

    buffer = Wires


class RepeatingWrapper(AxiStreamWrapper):
    """A wrapper that gives some beats several times."""

    buffer = HoldsTwice


class LosingWrapper(AxiStreamWrapper):
    """A wrapper that takes beats which it has no room for."""

    buffer = AlwaysTakes


class UnsteadyWrapper(AxiStreamWrapper):
    """A wrapper that changes what it offers to its unit."""

    buffer = GivesTheNext

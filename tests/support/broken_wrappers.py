"""AXI4-Stream wrappers whose buffers have a fault."""

from amaranth import Const, Module, Mux, Signal, Value

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


class Faulty(SkidBuffer):
    """The same as `SkidBuffer`, in parts of which each fault changes one."""

    def takes(self, full: Value) -> Value:
        """Return whether a beat is taken."""
        return ~full

    def given(self) -> Value:
        """Return whether what is offered is gone after this cycle."""
        return self.o.ready

    def offers(self, full: Value, held: Value) -> Value:
        """Return the payload that is offered."""
        return Mux(full, held, self.i.payload)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        full = Signal()
        held = Signal.like(self.i.payload)
        m.d.comb += [
            self.i.ready.eq(self.takes(full)),
            self.o.valid.eq(self.i.valid | full),
            self.o.payload.eq(self.offers(full, held)),
        ]
        m.d.sync += full.eq(self.o.valid & ~self.given())
        with m.If(~full):
            m.d.sync += held.eq(self.i.payload)
        return m


class HoldsTwice(Faulty):
    """Gives a held beat for as long as the sender offers none."""

    def given(self) -> Value:
        return self.o.ready & self.i.valid


class AlwaysTakes(Faulty):
    """Takes beats while it holds one, and loses them."""

    def takes(self, full: Value) -> Value:
        return Const(1, 1)


class GivesTheNext(Faulty):
    """Offers what its sender offers now in the place of what it held."""

    def offers(self, full: Value, held: Value) -> Value:
        return Value.cast(self.i.payload)


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

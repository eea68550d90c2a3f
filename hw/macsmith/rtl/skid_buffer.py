"""A register on the way back of a stream: ready says what was so in the cycle before."""

from amaranth import Module, Mux, Signal
from amaranth.hdl import ShapeLike

from macsmith.rtl.stream_component import StreamComponent


class SkidBuffer(StreamComponent):
    """A place for the one beat that is taken before its sender learns that the receiver waits.

        i ───────────┬──▶ 0
                     │    mux ──▶ o         i.ready = ~full
                     └──▶ held ─▶ 1         mux = full

    Beats pass without delay, one a cycle, while the receiver takes them. What arrives in the cycle
    in which it stops taking is held, and comes first when it goes on. ``i.ready`` is a register, so
    no gate leads from ``o.ready`` to it.

    ``rst`` drops what is held.

    Parameters
    ----------
    shape
        Of the payload.

    Members
    -------
    i : In(stream.Signature(shape))
        Beats.
    o : Out(stream.Signature(shape))
        The same.
    """

    def __init__(self, shape: ShapeLike) -> None:
        super().__init__(shape, shape)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        full = Signal()
        held = Signal.like(self.i.payload, name="held", reset_less=True)
        m.d.comb += [
            self.i.ready.eq(~full),
            self.o.valid.eq(self.i.valid | full),
            self.o.payload.eq(Mux(full, held, self.i.payload)),
        ]
        m.d.sync += full.eq(self.o.valid & ~self.o.ready)
        with m.If(~full):
            m.d.sync += held.eq(self.i.payload)
        return m

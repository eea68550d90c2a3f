"""The point of a packet, which its first beat tells."""

from amaranth import Module, Mux, Signal, Value


def packet_point(m: Module, told: Value, accept: Value, fresh: Value) -> Signal:
    """Return the index that holds for a beat: that of its packet's first.

    Parameters
    ----------
    told:
        The index in the beat.
    accept:
        Whether the beat is taken.
    fresh:
        Whether it is a packet's first.
    """
    held = Signal.like(told, name="point_held", reset_less=True)
    point = Signal.like(told, name="point_now")
    m.d.comb += point.eq(Mux(fresh, told, held))
    with m.If(accept):
        m.d.sync += held.eq(point)
    return point

"""Components that take one stream and give one."""

from amaranth.hdl import ShapeLike
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Member, Out


class StreamComponent(wiring.Component):
    """A component between a stream ``i`` and a stream ``o``.

    Parameters
    ----------
    taken, given:
        Shapes of the payloads of ``i`` and of ``o``.
    more:
        Other ports.

    Members
    -------
    i : In(stream.Signature(taken))
        What comes in.
    o : Out(stream.Signature(given))
        What goes out.
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, taken: ShapeLike, given: ShapeLike, **more: Member) -> None:
        super().__init__(
            {"i": In(stream.Signature(taken)), "o": Out(stream.Signature(given)), **more}
        )

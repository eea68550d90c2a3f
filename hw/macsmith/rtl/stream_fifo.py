"""A queue of words in registers, a stream at each end."""

from amaranth import Array, Module, Signal

from macsmith.rtl.ring import following, is_at
from macsmith.rtl.stream_component import StreamComponent


class StreamFifo(StreamComponent):
    """First in, first out; a word may leave in the cycle after it came.

    One word a cycle goes in, and one comes out. It takes none while it is full, whatever leaves, so
    no path leads from one end's handshake to the other's.

    Parameters
    ----------
    width, depth:
        Bits of a word, and words.

    Members
    -------
    i : In(stream.Signature(width))
        Words.
    o : Out(stream.Signature(width))
        The same.
    """

    def __init__(self, width: int, depth: int) -> None:
        self.width, self.depth = width, depth
        super().__init__(width, width)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        depth = self.depth
        words = [Signal(self.width, name=f"word_{at}", reset_less=True) for at in range(depth)]
        head = Signal(range(depth))
        tail = Signal(range(depth))
        held = Signal(range(depth + 1))
        enters = Signal()
        leaves = Signal()
        m.d.comb += [
            self.i.ready.eq(held != depth), self.o.valid.eq(held != 0),
            enters.eq(self.i.valid & self.i.ready), leaves.eq(self.o.valid & self.o.ready),
            self.o.payload.eq(Array(words)[head] if depth > 1 else words[0]),
        ]  # fmt: skip
        m.d.sync += held.eq(held + enters - leaves)
        with m.If(enters):
            m.d.sync += tail.eq(following(tail, depth))
            for at, word in enumerate(words):
                with m.If(is_at(tail, at)):
                    m.d.sync += word.eq(self.i.payload)
        with m.If(leaves):
            m.d.sync += head.eq(following(head, depth))
        return m

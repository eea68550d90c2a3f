"""A memory that a stream fills and a controller reads, once or again and again."""

from amaranth import Module, Mux, Signal, Value
from amaranth.lib import data, memory, stream, wiring
from amaranth.lib.wiring import In, Out


def buffer_layout(width: int) -> data.StructLayout:
    """Return the layout of a word and of the end of a packet."""
    return data.StructLayout({"data": width, "last": 1})


class Buffer(wiring.Component):
    """A ring of words: filled at one end, read in order, given back at the other.

    A word that is read stays until it is released. ``rewind`` goes back to the oldest word, so
    that what was not released is read once more. Filling overlaps with reading; words that are
    released as they are read for the last time make room for the next panel at once, so a panel
    may take the whole depth. After Pellauer et al. (ASPLOS 2019), buffets.

    One word a cycle goes in and one comes out, a cycle after ``read``.

    Parameters
    ----------
    width:
        Bits of a word.
    depth:
        Words.

    Members
    -------
    i : In(stream.Signature(buffer_layout(width)))
        Words to fill it.
    available : Out(1)
        There is a word to read.
    stuck : Out(1)
        There is none, and no room for one.
    read : In(1)
        Read the word; only if available.
    advance : In(1)
        Go on to the next.
    release : In(1)
        With ``advance``, if no other word is kept: give the word back.
    rewind : In(1)
        With ``advance``, instead: go back to the oldest word.
    o : Out(buffer_layout(width))
        The word that was read last.
    """

    i: stream.Interface
    available: Signal
    stuck: Signal
    read: Signal
    advance: Signal
    release: Signal
    rewind: Signal
    o: data.View

    def __init__(self, width: int, depth: int) -> None:
        self.depth = depth
        layout = buffer_layout(width)
        super().__init__(
            {
                "i": In(stream.Signature(layout)),
                "available": Out(1),
                "stuck": Out(1),
                "read": In(1),
                "advance": In(1),
                "release": In(1),
                "rewind": In(1),
                "o": Out(layout),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        depth = self.depth
        words: memory.Memory = memory.Memory(shape=len(self.o.as_value()), depth=depth, init=[])
        m.submodules.words = words
        write, read = words.write_port(), words.read_port()
        tail = Signal(range(depth))
        place = Signal(range(depth))
        oldest = Signal(range(depth))
        # Words that are kept, and those of them that are yet to be read.
        kept = Signal(range(depth + 1))
        unread = Signal(range(depth + 1))
        fill = Signal()
        gone = Signal()

        def following(address: Signal) -> Value:
            return Mux(address == depth - 1, 0, address + 1)

        m.d.comb += [
            self.i.ready.eq(kept != depth),
            fill.eq(self.i.valid & self.i.ready),
            write.addr.eq(tail),
            write.data.eq(self.i.payload.as_value()),
            write.en.eq(fill),
            read.addr.eq(place),
            read.en.eq(self.read),
            self.o.as_value().eq(read.data),
            self.available.eq(unread.any()),
            self.stuck.eq(~unread.any() & (kept == depth)),
            gone.eq(self.advance & self.release),
        ]
        m.d.sync += [kept.eq(kept + fill - gone), unread.eq(unread + fill - self.advance)]
        with m.If(fill):
            m.d.sync += tail.eq(following(tail))
        with m.If(gone):
            m.d.sync += oldest.eq(following(oldest))
        with m.If(self.advance):
            m.d.sync += place.eq(following(place))
            with m.If(self.rewind):
                m.d.sync += [place.eq(oldest), unread.eq(kept + fill)]
        return m

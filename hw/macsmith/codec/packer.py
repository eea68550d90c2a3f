"""Fields of any length, one a cycle, as words without gaps."""

from amaranth import Cat, Const, Module, Mux, Signal
from amaranth.lib import data

from macsmith.rtl.stream_component import StreamComponent


def field_layout(most_bits: int, tag: int) -> data.StructLayout:
    """Return the layout of a field.

    Members
    -------
    bits
        Its bits, the first in the highest; below ``length`` bits zeros.
    length
        How many bits it has, 0 to ``most_bits``.
    tag
        What goes with the packet's last word; only the last field's counts.
    last
        Whether the packet ends with it.
    """
    return data.StructLayout(
        {"bits": most_bits, "length": range(most_bits + 1), "tag": tag, "last": 1}
    )


def packed_layout(word: int, tag: int) -> data.StructLayout:
    """Return the layout of a word: its bits, whether it is the last, and with that the tag."""
    return data.StructLayout({"word": word, "last": 1, "tag": tag})


class Packer(StreamComponent):
    """A stream of fields in, a stream of words out, filled from the highest bit down.

        held     aaaaaaaaaa......       fill = 10 of 16
        field    bbbbbbbbb              length = 9
        joined   aaaaaaaaaabbbbbb bbb   a word, and 3 bits are held

    A word goes out when a bit comes that has no room in it, and at the end of the packet; zeros
    fill it up. A packet without a bit is a word of zeros. One field a cycle, and a cycle more for
    a packet whose last field begins a word and is not all of it. A word that nobody takes stops
    the fields; there is a combinational path from ``o.ready`` to ``i.ready``.

    Parameters
    ----------
    word:
        Bits of a word.
    most_bits:
        Bits of the longest field, at most ``word``.
    tag:
        Bits that go with a packet.

    Members
    -------
    i : In(stream.Signature(field_layout(most_bits, tag)))
        Fields.
    o : Out(stream.Signature(packed_layout(word, tag)))
        Words.
    """

    def __init__(self, word: int, most_bits: int, tag: int = 0) -> None:
        self.word, self.most_bits = word, most_bits
        super().__init__(field_layout(most_bits, tag), packed_layout(word, tag))

    def elaborate(self, platform: object) -> Module:
        m = Module()
        word, most = self.word, self.most_bits
        field, out = self.i.payload, self.o.payload
        held = Signal(word)
        fill = Signal(range(word + 1))
        # The last word of a packet is held while the one before it goes out.
        flushing = Signal()
        tag = Signal(len(field.tag))
        go = Signal()
        taken = Signal()
        m.d.comb += [
            go.eq(~self.o.valid | self.o.ready),
            self.i.ready.eq(go & ~flushing),
            taken.eq(self.i.valid & self.i.ready),
        ]
        joined = Signal(word + most)
        total = Signal(range(word + most + 1))
        overflows = Signal()
        leaves = Signal()
        m.d.comb += [
            joined.eq(Cat(Const(0, most), held) | (Cat(Const(0, word), field.bits) >> fill)),
            total.eq(fill + field.length),
            overflows.eq(total > word),
            leaves.eq(overflows | field.last),
        ]
        with m.If(go):
            m.d.sync += self.o.valid.eq(flushing | (taken & leaves))
        with m.If(go & flushing):
            m.d.sync += [
                Cat(flushing, fill, held).eq(0),
                out.word.eq(held), out.last.eq(1), out.tag.eq(tag),
            ]  # fmt: skip
        with m.Elif(taken):
            ends = Signal()
            m.d.comb += ends.eq(field.last & ~overflows)
            m.d.sync += [
                flushing.eq(field.last & overflows), tag.eq(field.tag),
                fill.eq(Mux(ends, 0, Mux(overflows, total - word, total))),
                held.eq(
                    Mux(ends, 0, Mux(overflows, joined[:most] << word - most, joined[most:]))
                ),
                out.word.eq(joined[most:]), out.last.eq(ends),
                out.tag.eq(Mux(ends, field.tag, 0)),
            ]  # fmt: skip
        return m

"""What all decoders share: a window on the words, the end of packets, and what is malformed."""

from dataclasses import dataclass, field
from typing import Any

from amaranth import Cat, Const, Module, Mux, Signal, Value

from macsmith.codec.spec import CodecSpec
from macsmith.rtl.stream_component import StreamComponent


@dataclass(frozen=True)
class Window:
    """What a decoder sees of a packet.

    Members
    -------
    bits:
        The next `CodecSpec.most_bits` of the packet, the first in the highest; zeros if there are
        no more.
    left:
        Beats of elements that are still to be decoded.
    padding:
        Nothing is left but what fills up the packet's last word.
    step:
        The element is decoded in this cycle.
    clear:
        The packet is over; what is kept of it begins anew.
    """

    bits: Value
    left: Value
    padding: Value
    step: Value
    clear: Value


@dataclass(frozen=True)
class Element:
    """What is made of the window.

    Members
    -------
    value:
        The next beat of elements.
    need:
        Bits that must be there for it.
    length:
        Bits that are done with it.
    bad:
        Whether no encoder writes such bits.
    found:
        Whether it is known in this cycle.
    """

    value: Value
    need: Value
    length: Value
    bad: Value
    found: Value = field(default_factory=lambda: Const(1, 1))


class Decoder(StreamComponent):
    """A stream of words in, a stream of elements out.

        i ─▶ [held: two words] ─▶ decode ─▶ [o]
                  ▲  shift by length │
                  └──────────────────┘

    A packet gives one packet, whatever is in it. It is malformed if its words end before its
    elements, if a word follows the one that holds the last element, if what fills up that word is
    not zero, if its bits are none that the encoder writes, if a word's end bit is not its ``last``,
    or if its count is 0. Then the last beat
    has its error up; the words that are left are taken and dropped, and the next packet is decoded
    as if nothing had been. Where elements are missing, that beat is one of zeros in their place.

    A beat of elements a cycle and two cycles more a packet, as long as words come: a word holds at
    least what an element takes. Stalls of ``o`` stop it; there is a combinational path from
    ``o.ready`` to ``i.ready``. A subclass writes `decode`.

    Parameters
    ----------
    spec:
        The codec.

    Members
    -------
    i : In(stream.Signature(spec.coded_layout))
        Words.
    o : Out(stream.Signature(spec.decoded_layout))
        Elements.
    """

    def __init__(self, spec: CodecSpec) -> None:
        self.spec = spec
        super().__init__(spec.coded_layout, spec.decoded_layout)

    def streams(self, m: Module) -> tuple[Any, Any]:
        """Return the streams of packets to decode and decoded ones: those of the unit."""
        return self.i, self.o

    def decode(self, m: Module, window: Window) -> Element:
        """Return the next beat of elements; its parts must depend on nothing but the window."""
        raise NotImplementedError

    def shown(self, m: Module, element: Element, loaded: Value) -> Value:
        """Return the value in the cycle after it was decoded, and until the next one is."""
        value = Signal(len(element.value), name="shown_value")
        with m.If(loaded):
            m.d.sync += value.eq(element.value)
        return value

    def elaborate(self, platform: object) -> Module:
        m = Module()
        i, o = self.streams(m)
        spec, word, out = self.spec, self.spec.packed, o.payload
        held = Signal(2 * word)
        fill = Signal(range(2 * word + 1))
        left = Signal(spec.count_width)
        # A packet: none, its elements, or what is behind them.
        begun = Signal()
        closing = Signal()
        ended = Signal()
        used = Signal()
        failed = Signal()
        go = Signal()
        step = Signal()
        clear = Signal()
        padding = Signal()
        m.d.comb += padding.eq(ended & ~held.any() & ((fill < word) | ((fill == word) & ~used)))
        element = self.decode(m, Window(held[-spec.most_bits :], left, padding, step, clear))
        enough = Signal()
        wrong = Signal()
        m.d.comb += [
            go.eq(~o.valid | o.ready),
            enough.eq(fill >= element.need),
            wrong.eq(Mux(enough, element.bad, ended) | ~left.any()),
            step.eq(begun & ~closing & go & enough & element.found & ~wrong),
        ]
        taken = Signal()
        room = Signal()
        rest = Signal.like(fill)
        length = Signal(range(spec.most_bits + 1))
        m.d.comb += [
            length.eq(Mux(step, element.length, 0)),
            rest.eq(fill - length),
            room.eq(rest <= word),
            # Words behind the last element are dropped.
            i.ready.eq(~ended & (room | closing)),
            taken.eq(i.valid & i.ready),
        ]
        with m.If(taken):
            m.d.sync += ended.eq(i.payload.last)
            with m.If(~begun):
                m.d.sync += [begun.eq(1), left.eq(i.payload.count)]
        with m.If(~closing):
            entering = Cat(Const(0, word), i.payload.word[spec.end_bits :]) >> rest
            m.d.sync += [
                held.eq((held << length)[: 2 * word] | Mux(taken, entering, 0)),
                fill.eq(rest + Mux(taken, word, 0)),
                used.eq(used | length.any()),
            ]
        end = i.payload.word[0] if spec.end_bits else i.payload.last
        with m.If(taken & (closing | (end ^ i.payload.last))):
            m.d.sync += failed.eq(1)
        blank = Signal()
        shown = self.shown(m, element, step)
        m.d.comb += out.value.eq(Mux(blank, 0, shown))
        with m.If(go):
            m.d.sync += o.valid.eq(0)
        with m.If(step):
            m.d.sync += [
                left.eq(left - 1), out.last.eq(0), out.error.eq(0), blank.eq(0),
                closing.eq(left == 1), o.valid.eq(left != 1),
            ]  # fmt: skip
        with m.If(begun & ~closing & go & wrong):
            m.d.sync += [closing.eq(1), failed.eq(1), blank.eq(1)]
        m.d.comb += clear.eq(closing & ended & go)
        with m.If(clear):
            m.d.sync += [
                o.valid.eq(1), out.last.eq(1), out.error.eq(failed | ~padding),
                Cat(held, fill, begun, closing, ended, used, failed).eq(0),
            ]  # fmt: skip
        return m

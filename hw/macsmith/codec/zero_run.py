"""Zero run-length: literals, and for a run of zeros a zero and its length."""

from dataclasses import dataclass
from typing import ClassVar

from amaranth import Cat, Const, Module, Mux, Signal, Value

from macsmith.codec.decoder import Decoder, Element, Window
from macsmith.codec.encoder import PlainEncoder
from macsmith.codec.spec import CodecSpec, Decodes, Encodes
from macsmith.contract.unit import Variants


@dataclass(frozen=True, kw_only=True)
class ZeroRunSpec(CodecSpec):
    """Words of ``width`` bits: what is not zero stands for itself; 0 and n are n zeros.

    A run of more than ``2 ** width - 1`` zeros is several. Half as many bits again at the worst,
    where every second element is zero.

    See `CodecSpec` for the parameters.
    """

    @property
    def most_bits(self) -> int:
        return 2 * self.width

    @classmethod
    def mutated(cls) -> Variants:
        return {("", "default"): {"width": 2, "word": 4, "count_width": 2}}

    @classmethod
    def variants(cls) -> Variants:
        return {
            ("", "default"): {},
            ("", "short runs"): {"width": 2, "word": 7, "count_width": 6},
            ("", "wide"): {"width": 16, "word": 64},
        }


class ZeroRunEncoderSpec(Encodes, ZeroRunSpec):
    """See `ZeroRunSpec`."""

    summary: ClassVar[str] = "zero run-length encoder: zeros as a 0 and their number"


class ZeroRunDecoderSpec(Decodes, ZeroRunSpec):
    """See `ZeroRunSpec`."""

    summary: ClassVar[str] = "zero run-length decoder: a 0 and a number as zeros"


class ZeroRunEncoder(PlainEncoder):
    """A zero leaves with the first of its run, the run's length with what ends it.

        elements   7 0 0 0 5     in a cycle each
        fields     7 0 - - 3,5

    One element a cycle; see `Encoder`.
    """

    def field(self, m: Module, taken: Value) -> tuple[Value, Value]:
        width, value, last = self.spec.width, self.i.payload.value, self.i.payload.last
        run = Signal(width)
        longer = Signal(width)
        zero = Signal()
        inside = Signal()
        full = Signal()
        ends = Signal()
        m.d.comb += [
            zero.eq(value == 0), inside.eq(run != 0), longer.eq(run + 1), full.eq(longer.all()),
            ends.eq(last | full),
        ]  # fmt: skip
        with m.If(taken):
            m.d.sync += run.eq(Mux(zero & ~ends, longer, 0))
        second = Signal(width)
        first = Signal(width)
        words = Signal(2)
        m.d.comb += [
            # A run's length comes before what ends it, or after its first zero if that ends it.
            first.eq(Mux(inside, Mux(zero, longer, run), value)),
            second.eq(Mux(zero, longer, value)),
            words.eq(Mux(zero, Mux(inside, ends, Mux(last, 2, 1)), Mux(inside, 2, 1))),
        ]
        bits = Cat(Mux(words[1], second, 0), Mux(words.any(), first, 0))
        return bits, Mux(words[1], 2 * width, Mux(words[0], width, 0))


class ZeroRunDecoder(Decoder):
    """One element a cycle; see `Decoder`.

    A run of no zeros, of more than there are elements, or after one that could have been longer is
    malformed.
    """

    def decode(self, m: Module, window: Window) -> Element:
        width = self.spec.width
        run = Signal(width)
        after = Signal()
        value, number = window.bits[width:], window.bits[:width]
        inside = Signal()
        literal = Signal()
        m.d.comb += [inside.eq(run != 0), literal.eq(value != 0)]
        with m.If(window.clear):
            m.d.sync += Cat(run, after).eq(0)
        with m.Elif(window.step & inside):
            m.d.sync += run.eq(run - 1)
        with m.Elif(window.step):
            m.d.sync += [
                run.eq(Mux(literal, 0, number - 1)), after.eq(~literal & ~number.all()),
            ]  # fmt: skip
        wrong = ~literal & (after | (number == 0) | (number > window.left))
        size = Signal(range(2 * width + 1))
        m.d.comb += size.eq(Mux(inside, 0, Mux(literal, width, 2 * width)))
        return Element(
            value=Mux(inside, Const(0, width), value), need=size, length=size, bad=~inside & wrong
        )

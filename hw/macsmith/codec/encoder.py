"""What all encoders share: elements are counted, mapped to fields, and packed."""

from typing import Any

from amaranth import Cat, Module, Signal, Value
from amaranth.lib import data, stream

from macsmith.codec.packer import Packer
from macsmith.codec.spec import CodecSpec
from macsmith.rtl.stream_component import StreamComponent


class Encoder(StreamComponent):
    """A stream of elements in, a stream of words out.

        i ─▶ count ─▶ map: element to field ─▶ pack ─▶ o

    A subclass writes `map`.

    Parameters
    ----------
    spec:
        The codec.

    Members
    -------
    i : In(stream.Signature(spec.element_layout))
        Elements.
    o : Out(stream.Signature(spec.encoded_layout))
        Words.
    """

    def __init__(self, spec: CodecSpec) -> None:
        self.spec = spec
        super().__init__(spec.element_layout, spec.encoded_layout)

    def streams(self, m: Module) -> tuple[Any, Any]:
        """Return the streams of packets to encode and encoded ones: those of the unit."""
        return self.i, self.o

    def map(self, m: Module, i: Any, tag: Value, fields: stream.Interface) -> None:
        """Drive the packer's fields, and take elements, each with a tag for its packet's end."""
        raise NotImplementedError

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        i, o = self.streams(m)
        tag_layout = data.StructLayout({"count": spec.count_width, "error": 1})
        m.submodules.packer = packer = Packer(spec.packed, spec.most_bits, tag_layout.size)
        count = Signal(spec.count_width)
        overflowed = Signal()
        following = Signal(spec.count_width + 1)
        tag = Signal(tag_layout)
        m.d.comb += [
            following.eq(count + 1),
            tag.count.eq(following),
            tag.error.eq(overflowed | following[-1]),
        ]
        with m.If(i.valid & i.ready):
            with m.If(i.payload.last):
                m.d.sync += Cat(count, overflowed).eq(0)
            with m.Else():
                m.d.sync += Cat(count, overflowed).eq(Cat(following[:-1], tag.error))
        self.map(m, i, tag.as_value(), packer.i)
        m.d.comb += [
            o.valid.eq(packer.o.valid),
            packer.o.ready.eq(o.ready),
            o.payload.eq(
                Cat(packer.o.payload.last.replicate(spec.end_bits), packer.o.payload.as_value())
            ),
        ]
        return m


class PlainEncoder(Encoder):
    """An encoder that makes at most one field of each element, in the cycle in which it comes.

    A subclass writes `field`.
    """

    def field(self, m: Module, taken: Value) -> tuple[Value, Value]:
        """Return the bits of an element's field, its first the highest, and how many there are."""
        raise NotImplementedError

    def map(self, m: Module, i: Any, tag: Value, fields: stream.Interface) -> None:
        taken = Signal()
        fits = len(fields.payload.bits)
        bits, length = self.field(m, taken)
        m.d.comb += [
            taken.eq(i.valid & i.ready),
            fields.valid.eq(i.valid),
            i.ready.eq(fields.ready),
            fields.payload.bits.eq(bits << fits - len(bits)),
            fields.payload.length.eq(length),
            fields.payload.tag.eq(tag),
            fields.payload.last.eq(i.payload.last),
        ]

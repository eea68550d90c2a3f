"""Bit masks: a flag for each of some elements, then those that are not zero."""

from dataclasses import dataclass
from typing import Any, ClassVar

from amaranth import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import stream

from macsmith.codec.decoder import Decoder, Element, Window
from macsmith.codec.encoder import Encoder
from macsmith.codec.spec import CodecSpec, Decodes, Encodes
from macsmith.contract.checks import check_int
from macsmith.contract.unit import Variants
from macsmith.rtl.stream_fifo import StreamFifo


@dataclass(frozen=True, kw_only=True)
class BitmaskSpec(CodecSpec):
    """Of each ``block`` elements a flag, 1 if it is not zero, and then the values that are not.

    Elements of w bits of which a share d is not zero take ``1 + d w`` bits each. Flags of elements
    that a packet's last block lacks are 0.

    Parameters
    ----------
    block:
        Elements whose flags stand together, 2 to 32.
    """

    block: int = 16

    def check_format(self) -> None:
        check_int("block", self.block, range(2, 33))

    @property
    def most_bits(self) -> int:
        return self.block + self.width

    @classmethod
    def mutated(cls) -> Variants:
        return {("", "default"): {"width": 2, "block": 2, "word": 4, "count_width": 2}}

    @classmethod
    def variants(cls) -> Variants:
        return {
            ("", "default"): {},
            ("", "small"): {"width": 2, "block": 3, "word": 5, "count_width": 6},
            ("", "wide"): {"width": 16, "block": 32, "word": 64},
        }


class BitmaskEncoderSpec(Encodes, BitmaskSpec):
    """See `BitmaskSpec`."""

    summary: ClassVar[str] = "bit mask encoder: flags, then elements that are not zero"

    @property
    def settling(self) -> int:
        return self.block + 2


class BitmaskDecoderSpec(Decodes, BitmaskSpec):
    """See `BitmaskSpec`."""

    summary: ClassVar[str] = "bit mask decoder: flags, then elements that are not zero"


class BitmaskEncoder(Encoder):
    """Values that are not zero wait in a queue until their block's flags are known.

        i ─┬─▶ [queue of 2 blocks] ─▶ value  ─┐
           └─▶ flags ─▶ [flags of a block] ───┴─▶ flags and value, then values

    One element a cycle in packets of whole blocks: the flags leave with the first value, so a block
    leaves in no more cycles than it came in. See `Encoder`.
    """

    def map(self, m: Module, i: Any, tag: Value, fields: stream.Interface) -> None:
        block, width, out = self.spec.block, self.spec.width, fields.payload
        m.submodules.values = values = StreamFifo(width, 2 * block)
        value, last = i.payload.value, i.payload.last
        flags = Signal(block)
        place = Signal(range(block))
        # The block that leaves, and whether its flags have.
        leaving = Signal()
        told = Signal()
        left = Signal(range(block + 1))
        mask = Signal(block)
        ends = Signal()
        kept = Signal(len(tag))
        taken = Signal()
        full = Signal()
        free = Signal()
        done = Signal()
        marked = Signal(block)
        stored = Signal(range(block + 1))
        count = Signal(range(block + 1))
        m.d.comb += [
            # The first element's flag is the highest.
            marked.eq(flags | Mux(value.any(), Const(1 << block - 1) >> place, 0)),
            stored.eq(count + value.any()),
            full.eq(last | (place == block - 1)),
            free.eq(~leaving | done),
            i.ready.eq((~full | free) & values.i.ready),
            taken.eq(i.valid & i.ready),
            values.i.valid.eq(i.valid & (~full | free) & value.any()),
            values.i.payload.eq(value),
        ]
        with m.If(taken):
            m.d.sync += [
                place.eq(Mux(full, 0, place + 1)), flags.eq(Mux(full, 0, marked)),
                count.eq(Mux(full, 0, stored)),
            ]  # fmt: skip
        begins = taken & full
        with m.If(begins):
            m.d.sync += [leaving.eq(1), mask.eq(marked), left.eq(stored), ends.eq(last),
                         kept.eq(tag), told.eq(0)]  # fmt: skip
        with m.Elif(fields.valid & fields.ready):
            m.d.sync += [told.eq(1), left.eq(left - 1), leaving.eq(~done)]
        some = Signal()
        m.d.comb += [
            some.eq(left.any()),
            fields.valid.eq(leaving & (values.o.valid | ~some)),
            values.o.ready.eq(leaving & some & fields.ready),
            done.eq(fields.valid & fields.ready & (left <= 1)),
            out.bits.eq(
                Mux(told, Cat(Const(0, block), values.o.payload),
                    Cat(Mux(some, values.o.payload, 0), mask))
            ),
            out.length.eq(Mux(told, width, Mux(some, block + width, block))),
            out.last.eq(ends & (left <= 1)),
            out.tag.eq(kept),
        ]  # fmt: skip


class BitmaskDecoder(Decoder):
    """The flags are taken with the block's first element; one element a cycle; see `Decoder`.

    A stored zero is malformed, and so is a flag beyond the last element.
    """

    def decode(self, m: Module, window: Window) -> Element:
        block, width = self.spec.block, self.spec.width
        # Flags that are left, the next one the highest; how many elements of the block are.
        flags = Signal(block)
        place = Signal(range(block))
        starts = Signal()
        now = Signal(block)
        m.d.comb += [
            starts.eq(place == 0), now.eq(Mux(starts, window.bits[width:], flags)),
        ]  # fmt: skip
        with m.If(window.clear):
            m.d.sync += Cat(flags, place).eq(0)
        with m.Elif(window.step):
            m.d.sync += [
                flags.eq(now << 1), place.eq(Mux(place == block - 1, 0, place + 1)),
            ]  # fmt: skip
        value = Mux(starts, window.bits[:width], window.bits[block:])
        kept = Signal()
        beyond = Signal()
        size = Signal(range(block + width + 1))
        allowed = Cat(window.left > block - 1 - at for at in range(block))
        m.d.comb += [
            kept.eq(now[-1]),
            beyond.eq(starts & (now & ~allowed).any()),
            size.eq(Mux(starts, block, 0) + Mux(kept, width, 0)),
        ]
        return Element(
            value=Mux(kept, value, 0), need=size, length=size,
            bad=beyond | (kept & ~value.any()),
        )  # fmt: skip

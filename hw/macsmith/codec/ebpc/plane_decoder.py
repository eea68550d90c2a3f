"""The decoder of zeros' runs and of blocks of bit planes."""

from collections.abc import Sequence
from dataclasses import dataclass

from amaranth import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from macsmith.arith.onehot_mux import decode, select
from macsmith.codec.ebpc.plane_codes import read_plane
from macsmith.codec.ebpc.spec import RUN_BITS, EbpcDecoderSpec
from macsmith.codec.ebpc.word_window import WordWindow


@dataclass(frozen=True)
class Block:
    """A block that has been read.

    Members
    -------
    first, deltas:
        Its first value, and the differences in order.
    ready:
        Whether it is whole.
    wrong:
        Whether it is none that an encoder writes, or its words end too early.
    begun:
        Whether anything of it has been read.
    """

    first: Value
    deltas: Sequence[Value]
    ready: Value
    wrong: Value
    begun: Value


class EbpcDecoder(wiring.Component):
    """A block's planes are read while the values of the block before it are told.

        i_zeros  ─▶ [window] ─▶ runs of zeros ───────────────────┐
        i_blocks ─▶ [window] ─▶ planes ─▶ [a block] ─▶ [values] ─┴─▶ o

    One element a cycle if `EbpcSpec.steps` are no more than a block's values, else so many more
    cycles a block; and `EbpcSpec.settling` a packet, as long as words of both strings come.

    A packet of each string gives one packet, whatever is in them; what makes it malformed, and
    what becomes of it, is what `macsmith.codec.decoder.Decoder` says, of either string. A block is
    malformed as a whole, at its first value, if its bits are none that the encoder writes, and at
    one that is zero, or out of range.

    Parameters
    ----------
    spec:
        The codec.

    Members
    -------
    i_zeros : In(stream.Signature(spec.coded_layout))
        Words that tell where zeros are; the count comes with a packet's first.
    i_blocks : In(stream.Signature(spec.block_layout))
        Words of blocks.
    o : Out(stream.Signature(spec.decoded_layout))
        Elements.
    """

    i_zeros: stream.Interface
    i_blocks: stream.Interface
    o: stream.Interface

    def __init__(self, spec: EbpcDecoderSpec) -> None:
        self.spec = spec
        super().__init__(
            {
                "i_zeros": In(stream.Signature(spec.coded_layout)),
                "i_blocks": In(stream.Signature(spec.block_layout)),
                "o": Out(stream.Signature(spec.decoded_layout)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, out = self.spec, self.o.payload
        # All elements are told; what the last block has beyond them is looked at, then the words.
        tail = Signal()
        closing = Signal()
        failed = Signal()
        clear = Signal()
        flags = WordWindow(m, self.i_zeros, "word", 1 + RUN_BITS, closing, clear, "zeros")
        codes = WordWindow(m, self.i_blocks, "block_word", spec.most_bits, closing, clear, "blocks")
        moves = Signal()
        block = self._block(m, codes, closing, moves, clear)
        # The values of a block that are left, the next one, and whether that is none.
        left_over = Signal(range(spec.block + 1))
        value = Signal(spec.width)
        none = Signal()
        some = Signal()
        advances = Signal()
        self._values(m, block, left_over, value, none, moves, advances)
        m.d.comb += [
            some.eq(left_over.any()),
            moves.eq(block.ready & ~tail & ~closing & (~some | (advances & (left_over == 1)))),
        ]
        left = Signal(spec.count_width)
        run = Signal(RUN_BITS)
        short = Signal()
        inside = Signal()
        kept = Signal()
        enough = Signal()
        number = flags.bits[:RUN_BITS]
        go = Signal()
        active = Signal()
        wrong = Signal()
        step = Signal()
        lacks = Mux(some, none | ~value.any(), block.wrong)
        m.d.comb += [
            inside.eq(run.any()), kept.eq(~inside & flags.bits[-1]),
            enough.eq(Mux(kept, flags.fill.any(), flags.fill > RUN_BITS)),
            wrong.eq(
                ~left.any() | (~inside & Mux(enough, Mux(kept, lacks, short | (number >= left)),
                                             flags.ended))
            ),
            go.eq(~self.o.valid | self.o.ready),
            active.eq(flags.begun & ~tail & ~closing & go),
            step.eq(active & ~wrong & (inside | (enough & (~kept | some)))),
            flags.length.eq(Mux(step & ~inside, Mux(kept, 1, 1 + RUN_BITS), 0)),
            advances.eq((step & kept) | (tail & some)),
        ]  # fmt: skip
        with m.If(flags.begins):
            m.d.sync += left.eq(self.i_zeros.payload.count)
        with m.If(go):
            m.d.sync += self.o.valid.eq(0)
        with m.If(step):
            m.d.sync += [
                left.eq(left - 1), tail.eq(left == 1), self.o.valid.eq(left != 1),
                out.value.eq(Mux(kept, value, 0)), out.last.eq(0), out.error.eq(0),
                run.eq(Mux(inside, run - 1, Mux(kept, 0, number))),
            ]  # fmt: skip
        with m.If(step & ~inside):
            m.d.sync += short.eq(~kept & ~number.all())
        with m.If(active & wrong):
            m.d.sync += [closing.eq(1), failed.eq(1), out.value.eq(0)]
        with m.If(tail):
            m.d.sync += [
                tail.eq(some), closing.eq(~some), failed.eq(failed | (some & (none | value.any()))),
            ]  # fmt: skip
        with m.If(flags.dropped | codes.dropped):
            m.d.sync += failed.eq(1)
        whole = flags.padding & codes.padding & ~block.begun
        m.d.comb += clear.eq(closing & flags.ended & codes.ended & go)
        with m.If(clear):
            m.d.sync += [
                self.o.valid.eq(1), out.last.eq(1), out.error.eq(failed | ~whole),
                Cat(closing, failed, left_over, run, short).eq(0),
            ]  # fmt: skip
        return m

    def _values(
        self, m: Module, block: Block, left: Signal, value: Signal, none: Signal, moves: Value,
        advances: Value,
    ) -> None:  # fmt: skip
        """Tell a block's values one by one: each is the sum of the one before and a difference."""
        spec = self.spec
        deltas = [Signal(spec.width + 1, name=f"delta_{at}") for at in range(spec.block - 1)]
        place = Signal(spec.place_bits)
        total = Signal(spec.width + 2)
        # The last value has no difference after it; whatever is added there is not told.
        lines = decode(m, place, spec.block - 1, "place_line")
        delta = select(lines, [list(one) for one in deltas])
        m.d.comb += [
            place.eq(spec.block - left), total.eq(value + Cat(delta, delta[-1])),
        ]  # fmt: skip
        with m.If(advances):
            m.d.sync += [
                left.eq(left - 1), value.eq(total), none.eq(total[spec.width :].any()),
            ]  # fmt: skip
        with m.If(moves):
            m.d.sync += [left.eq(spec.block), value.eq(block.first), none.eq(0)]
            m.d.sync += [one.eq(read) for one, read in zip(deltas, block.deltas, strict=True)]

    def _block(
        self, m: Module, codes: WordWindow, closing: Value, moves: Value, clear: Value
    ) -> Block:
        """Read a block: its first value and its planes, so many items a cycle."""
        spec = self.spec
        width, planes, lead = spec.width, spec.planes, spec.lead
        first = Signal(width)
        rows = [Signal(width + 1, name=f"row_{at}") for at in range(spec.block - 1)]
        at = Signal(range(spec.steps))
        ready = Signal()
        bad = Signal()
        zeros = Signal(spec.zeros_bits + 1)
        after_zero = Signal()
        begins = Signal()
        final = Signal()
        enough = Signal()
        step = Signal()
        m.d.comb += [begins.eq(at == 0), final.eq(at == spec.steps - 1)]
        window: Value = codes.bits
        before: Value = Mux(begins, 0, Cat(row[-1] for row in reversed(rows)))
        left: Value = Mux(begins, 0, zeros)
        follows: Value = ~begins & after_zero
        length: Value = Const(0, 1)
        wrong: Value = Const(0, 1)
        read: list[Value] = []
        for slot in range(planes):
            bits = self._top(window, spec.plane_bits)
            plane = read_plane(m, spec, bits, before, left, follows, f"slot_{'ab'[slot]}")
            idle = begins if slot < lead else Const(0, 1)
            spent = Signal(range(spec.most_bits + 1), name=f"slot_{'ab'[slot]}_spent")
            m.d.comb += spent.eq(Mux(idle, 0 if slot else width, plane.length))
            before = Mux(idle, 0, plane.plain)
            left, follows = Mux(idle, 0, plane.left), ~idle & plane.zero
            wrong = wrong | (~idle & plane.bad)
            read.append(before)
            window, length = (window << spent)[: len(window)], length + spent
        base = codes.bits[-width:]
        m.d.comb += [
            enough.eq(codes.fill >= length),
            step.eq(
                enough & ~closing & ~bad & (~ready | moves) & (~begins | base.any())
            ),
            codes.length.eq(Mux(step, length, 0)),
        ]  # fmt: skip
        with m.If(moves):
            m.d.sync += ready.eq(0)
        with m.If(step):
            m.d.sync += [
                at.eq(Mux(final, 0, at + 1)), zeros.eq(left), after_zero.eq(follows),
                bad.eq(wrong | (final & left.any())), ready.eq(final),
            ]  # fmt: skip
            for number, row in enumerate(reversed(rows)):
                m.d.sync += row.eq(Cat(row[planes:], *(plane[number] for plane in read)))
        with m.If(step & begins):
            m.d.sync += first.eq(base)
        with m.If(clear):
            m.d.sync += Cat(at, ready, bad).eq(0)
        # A block's first value is not zero; what fills up the last word is.
        ends = (codes.ended & ~enough) | (begins & (codes.fill >= width) & ~base.any())
        return Block(first, rows, ready & ~bad, bad | (~ready & ends), ~begins | ready | bad)

    def _top(self, bits: Value, count: int) -> Value:
        """Return the first bits of a window, zeros behind them."""
        return bits[-count:] if len(bits) >= count else Cat(Const(0, count - len(bits)), bits)

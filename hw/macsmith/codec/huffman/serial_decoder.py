"""Canonical Huffman codes with few gates, a bit a cycle."""

from typing import Any

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import memory

from macsmith.codec.huffman.code_table import RankedTable, loaded_by
from macsmith.codec.huffman.spec import HuffmanDecoderSpec
from macsmith.codec.huffman.table_packets import table_aside
from macsmith.rtl.external_memory import WithoutMemories
from macsmith.rtl.stream_component import StreamComponent


class SerialHuffmanDecoder(StreamComponent):
    """A code is read bit by bit, and compared with the codes of the length that it has so far.

        i ─▶ [a word, shifts] ─ bit ─▶ code - first code < count ? ─▶ rank ─▶ [symbols] ─▶ o
                                            │ no
                                            └─▶ the next length: (code - first - count), bit

    Of the codes of a length only their number is kept: how far a code lies behind the first of its
    length, and how many symbols have shorter codes, follow from length to length. A packet takes a
    cycle for each bit of its codes, and four cycles more. What is malformed, and what comes of it,
    is that of `Decoder`.

    Parameters
    ----------
    spec:
        The decoder.

    Members
    -------
    i : In(stream.Signature(spec.coded_layout))
        Words.
    o : Out(stream.Signature(spec.decoded_layout))
        Symbols.
    """

    def __init__(self, spec: HuffmanDecoderSpec) -> None:
        self.spec = spec
        super().__init__(spec.coded_layout, spec.decoded_layout)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        m.submodules.table = table = RankedTable(spec.width, spec.longest)
        i, o = table_aside(m, self.i, self.o, table, "word")
        out = o.payload
        loaded = loaded_by(m, table)
        held = Signal(spec.word)
        fill = Signal(range(spec.word + 1))
        left = Signal(spec.count_width)
        # A packet: none, its symbols, or what is behind them.
        begun = Signal()
        closing = Signal()
        ended = Signal()
        failed = Signal()
        blank = Signal()
        go = Signal()
        some = Signal()
        wrong = Signal()
        moves = Signal()
        taken = Signal()
        clear = Signal()
        m.d.comb += [
            go.eq(~o.valid | o.ready), some.eq(fill.any()),
            wrong.eq(Mux(some, ~loaded, ended) | ~left.any()),
            moves.eq(begun & ~closing & go & some & ~wrong),
            # Words behind the last symbol are dropped.
            i.ready.eq(~ended & (closing | (fill == moves))), taken.eq(i.valid & i.ready),
            clear.eq(closing & ended & go),
        ]  # fmt: skip
        found = self._code(m, table, held[-1], moves, clear)
        step = Signal()
        m.d.comb += step.eq(moves & found)
        with m.If(moves):
            m.d.sync += [held.eq(held << 1), fill.eq(fill - 1)]
        with m.If(taken):
            m.d.sync += [ended.eq(i.payload.last), failed.eq(failed | closing)]
            with m.If(~begun):
                m.d.sync += [begun.eq(1), left.eq(i.payload.count)]
            with m.If(~closing):
                m.d.sync += [held.eq(i.payload.word), fill.eq(spec.word)]
        m.d.comb += out.value.eq(Mux(blank, 0, self._symbol(m, table, step)))
        with m.If(go):
            m.d.sync += o.valid.eq(0)
        with m.If(step):
            m.d.sync += [
                left.eq(left - 1), out.last.eq(0), out.error.eq(0), blank.eq(0),
                closing.eq(left == 1), o.valid.eq(left != 1),
            ]  # fmt: skip
        with m.If(begun & ~closing & go & wrong):
            m.d.sync += [closing.eq(1), failed.eq(1), blank.eq(1)]
        with m.If(clear):
            # What fills up the last word is zero, and less than a word.
            m.d.sync += [
                o.valid.eq(1), out.last.eq(1),
                out.error.eq(failed | held.any() | (fill == spec.word)),
                Cat(held, fill, begun, closing, ended, failed).eq(0),
            ]  # fmt: skip
        return m

    def _code(self, m: Module, table: RankedTable, bit: Any, moves: Any, clear: Any) -> Signal:
        """Take a bit of a code if it moves; return whether it is the code's last."""
        spec = self.spec
        level = Signal(spec.longest, init=1)
        # How far the code so far lies behind the last one of the length before, and with its bit
        # behind the first one of its own.
        beyond = Signal(spec.width - 1)
        behind = Signal(spec.width)
        shorter = Signal(spec.width)
        found = Signal()
        m.d.comb += [
            table.asked.eq(level), behind.eq(Cat(bit, beyond)), found.eq(behind < table.count),
        ]  # fmt: skip
        self._rank = shorter + behind
        with m.If(moves):
            m.d.sync += [
                level.eq(level << 1), beyond.eq(behind - table.count),
                shorter.eq(shorter + table.count),
            ]  # fmt: skip
        with m.If((moves & found) | clear):
            m.d.sync += [level.eq(1), beyond.eq(0), shorter.eq(0)]
        return found

    def _symbol(self, m: Module, table: RankedTable, step: Signal) -> Any:
        """Return the symbol that was found last."""
        spec = self.spec
        symbols: memory.Memory = memory.Memory(shape=spec.width, depth=2**spec.width, init=[])
        m.submodules.symbols = symbols
        write, read = symbols.write_port(), symbols.read_port()
        told = Signal(spec.width)
        with m.If(table.begins):
            m.d.sync += told.eq(0)
        with m.Elif(table.told):
            m.d.sync += told.eq(told + 1)
        m.d.comb += [
            write.en.eq(table.told), write.addr.eq(told), write.data.eq(table.symbol),
            read.en.eq(step), read.addr.eq(self._rank[: spec.width]),
        ]  # fmt: skip
        return read.data


class SerialHuffmanDecoderLogic(SerialHuffmanDecoder):
    """The decoder without its memories, which are instances for macros to take their place."""

    platform = WithoutMemories()

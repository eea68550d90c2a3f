"""Canonical Huffman codes whose table is loaded at run time, a symbol a cycle."""

from typing import Any

from amaranth import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import memory, stream

from macsmith.arith.onehot_mux import select
from macsmith.codec.decoder import Decoder, Element, Window
from macsmith.codec.encoder import Encoder
from macsmith.codec.huffman.code_table import LENGTH_BITS, CodeTable, level_lines, loaded_by
from macsmith.codec.huffman.table_packets import table_aside
from macsmith.rtl.external_memory import WithoutMemories


class HuffmanEncoder(Encoder):
    """Codes and lengths lie in a memory by their symbols.

        i ─▶ [code, length] ─▶ pack ─▶ o

    One symbol a cycle, read in one and packed in the next. A symbol without a code leaves no bits;
    the packet's last word has the error up. See `Encoder`.
    """

    def streams(self, m: Module) -> tuple[Any, Any]:
        m.submodules.table = self.table = CodeTable(self.spec.width, self.spec.longest)
        return table_aside(m, self.i, self.o, self.table, "value")

    def map(self, m: Module, i: Any, tag: Value, fields: stream.Interface) -> None:
        spec, table = self.spec, self.table
        longest = spec.longest
        codes: memory.Memory = memory.Memory(
            shape=LENGTH_BITS + longest, depth=2**spec.width, init=[]
        )
        m.submodules.codes = codes
        write = codes.write_port()
        read = codes.read_port()
        # The next code of each length; it is written with zeros after it.
        nexts = [Signal(at, name=f"next_{at}") for at in range(1, longest + 1)]
        lines = level_lines(table.symbol_length, longest)
        for code, line, level in zip(nexts, lines, table.level, strict=True):
            with m.If(level):
                m.d.sync += code.eq(table.first)
            with m.If(table.told & line):
                m.d.sync += code.eq(code + 1)
        choices = [[*[0] * (longest - len(code)), *code] for code in nexts]
        m.d.comb += [
            write.en.eq(table.told), write.addr.eq(table.symbol),
            write.data.eq(Cat(table.symbol_length, select(lines, choices))),
        ]  # fmt: skip
        length = read.data[:LENGTH_BITS]
        loaded = loaded_by(m, table)
        # A symbol whose code is read, with the end and the tag of its packet.
        looked_up = Signal()
        last = Signal()
        kept = Signal(len(tag))
        missing = Signal()
        go = Signal()
        uncoded = Signal()
        m.d.comb += [
            go.eq(~looked_up | fields.ready), i.ready.eq(go),
            read.en.eq(i.valid & go), read.addr.eq(i.payload.value),
            uncoded.eq(missing | ~loaded | (length == 0)),
            fields.valid.eq(looked_up),
            fields.payload.bits.eq(Mux(loaded, read.data[LENGTH_BITS:], 0)),
            fields.payload.length.eq(Mux(loaded, length, 0)),
            fields.payload.last.eq(last),
            fields.payload.tag.eq(Cat(kept[:-1], kept[-1] | uncoded)),
        ]  # fmt: skip
        with m.If(go):
            m.d.sync += [looked_up.eq(i.valid), last.eq(i.payload.last), kept.eq(tag)]
        with m.If(looked_up & fields.ready):
            m.d.sync += missing.eq(uncoded & ~last)


class HuffmanDecoder(Decoder):
    """The code that comes next is compared with the end of the codes of each length at once.

        window ─┬─▶ top 1 bits < end 1 ─┐
                ├─▶ top 2 bits < end 2 ─┼─▶ first that holds: length ─▶ shift of the window
                └─▶ ...                 ┘        │
                                                 └─▶ rank ─▶ [symbols by rank] ─▶ o

    One symbol a cycle: a word holds at least the longest code. The symbol is read from a memory
    after the loop through the length is closed. See `Decoder`.
    """

    def streams(self, m: Module) -> tuple[Any, Any]:
        m.submodules.table = self.table = CodeTable(self.spec.width, self.spec.longest)
        return table_aside(m, self.i, self.o, self.table, "word")

    def decode(self, m: Module, window: Window) -> Element:
        spec, table = self.spec, self.table
        width, longest = spec.width, spec.longest
        symbols: memory.Memory = memory.Memory(shape=width, depth=2**width, init=[])
        m.submodules.symbols = symbols
        write = symbols.write_port()
        read = symbols.read_port()
        # Of each length the code after the last, the rank of the first, and what is taken from a
        # code to have its rank.
        ends = [Signal(at + 1, name=f"end_{at}") for at in range(1, longest + 1)]
        ranks = [Signal(width, name=f"rank_{at}") for at in range(1, longest + 1)]
        offsets = [Signal(width, name=f"offset_{at}") for at in range(1, longest + 1)]
        lines = level_lines(table.symbol_length, longest)
        for end, rank, offset, level, line in zip(
            ends, ranks, offsets, table.level, lines, strict=True
        ):
            with m.If(level):
                m.d.sync += [
                    end.eq(table.end), rank.eq(table.rank),
                    offset.eq((table.rank - table.first)[:width]),
                ]  # fmt: skip
            with m.If(table.told & line):
                m.d.sync += rank.eq(rank + 1)
        m.d.comb += [
            write.en.eq(table.told & (table.symbol_length != 0)),
            write.addr.eq(select(lines, [list(rank) for rank in ranks])),
            write.data.eq(table.symbol),
        ]
        loaded = loaded_by(m, table)
        tops = [window.bits[longest - at :] for at in range(1, longest + 1)]
        # In a complete code one of the longest is there if no shorter one is.
        within = Signal(longest)
        first_within = Signal(longest)
        m.d.comb += [
            within.eq(Cat(*(top < end for top, end in zip(tops[:-1], ends, strict=False)), 1)),
            first_within.eq(
                Cat(bit & ~within[:at].any() for at, bit in enumerate(within))
            ),
        ]  # fmt: skip
        hits = list(first_within)
        low = [[*top[:width], *[0] * (width - len(top[:width]))] for top in tops]
        length = Signal(LENGTH_BITS)
        place = Signal(width)
        m.d.comb += [
            length.eq(
                select(hits, [[at >> bit & 1 for bit in range(LENGTH_BITS)]
                              for at in range(1, longest + 1)])
            ),
            place.eq(select(hits, low) + select(hits, [list(offset) for offset in offsets])),
            read.addr.eq(place), read.en.eq(window.step),
        ]  # fmt: skip
        self._symbol = read.data
        return Element(
            value=Const(0, width),
            need=length,
            length=length,
            bad=~loaded,
        )

    def shown(self, m: Module, element: Element, loaded: Value) -> Value:
        return Value.cast(self._symbol)


class HuffmanEncoderLogic(HuffmanEncoder):
    """The encoder without its memories, which are instances for macros to take their place."""

    platform = WithoutMemories()


class HuffmanDecoderLogic(HuffmanDecoder):
    """The decoder without its memories, which are instances for macros to take their place."""

    platform = WithoutMemories()

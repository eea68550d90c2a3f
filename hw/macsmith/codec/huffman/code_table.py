"""The table of a canonical Huffman code: lengths of all symbols come in, codes follow from them."""

from collections.abc import Mapping, Sequence
from typing import Any

from amaranth import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from macsmith.arith.onehot_mux import select

LENGTH_BITS = 4
"""Bits of the length of a code; 0 is that of a symbol without one."""


class CodeTable(wiring.Component):
    """Counts lengths, says what is first at each, and then gives symbol after symbol.

        lengths, one a cycle      2 ** width     counted, and kept in a memory
        levels, one a cycle       longest        first code and first rank of each length
        symbols, one a cycle      2 ** width     each with its length, in rising order

    Of equal lengths the lesser symbol has the lesser code. Where the lengths are those of no
    complete prefix code (Kraft's sum is not 1), are too many or too few, or one is greater than
    ``longest``, the answer is an error, and no level and no symbol is given.

    Parameters
    ----------
    width:
        Bits of a symbol.
    longest:
        Bits of the longest code.

    Members
    -------
    valid, ready : In(1), Out(1)
        A length is offered, and taken.
    length : In(4)
        It.
    last : In(1)
        It is the packet's last.
    level : Out(longest)
        One bit a length: codes so long begin in this cycle; none is up otherwise.
    first : Out(longest)
        The first of these codes, or what it would be.
    end : Out(longest + 1)
        The code after the last of them.
    rank : Out(width)
        How many symbols have shorter codes.
    begins : Out(1)
        A table begins; the one before it is gone.
    told : Out(1)
        A symbol is given.
    symbol, symbol_length : Out
        It, and the length of its code or 0.
    answered, answer, error : In(1), Out(1), Out(1)
        The table is done; it stays so until that has been taken.
    """

    valid: Signal
    ready: Signal
    length: Signal
    last: Signal
    level: Signal
    first: Signal
    end: Signal
    rank: Signal
    begins: Signal
    told: Signal
    symbol: Signal
    symbol_length: Signal
    answered: Signal
    answer: Signal
    error: Signal

    def __init__(self, width: int, longest: int, more: Mapping[str, Any] | None = None) -> None:
        self.width, self.longest = width, longest
        super().__init__(
            {
                "valid": In(1), "ready": Out(1), "length": In(LENGTH_BITS), "last": In(1),
                "level": Out(longest), "first": Out(longest), "end": Out(longest + 1),
                "rank": Out(width), "begins": Out(1),
                "told": Out(1), "symbol": Out(width), "symbol_length": Out(LENGTH_BITS),
                "answered": In(1), "answer": Out(1), "error": Out(1),
                **(more or {}),
            }
        )  # fmt: skip

    def elaborate(self, platform: object) -> Module:
        m = Module()
        width, longest = self.width, self.longest
        lengths: memory.Memory = memory.Memory(shape=LENGTH_BITS, depth=2**width, init=[])
        m.submodules.lengths = lengths
        write = lengths.write_port()
        read = lengths.read_port()
        place = Signal(width + 1)
        counting, ranking, telling = self._phases(m)
        taken = Signal()
        m.d.comb += [
            self.ready.eq(counting), taken.eq(self.valid & self.ready),
            self.begins.eq(taken & ~place.any()),
            write.en.eq(taken), write.addr.eq(place[:width]), write.data.eq(self.length),
            read.en.eq(1), read.addr.eq(place[:width]),
        ]  # fmt: skip
        counts = [Signal(width + 1, name=f"count_{at}") for at in range(1, longest + 1)]
        # The code before doubling, and what is beyond all codes of the level.
        code = Signal(longest + width + 1)
        following = Signal(longest + width + 1)
        kraft = Signal(longest + width + 1)
        m.d.comb += [following.eq(code << 1), kraft.eq(following + counts[0])]
        wrong = Signal()
        with m.If(taken):
            known = (self.length <= longest) & ~place[-1]
            m.d.sync += [
                place.eq(Mux(self.last, 0, Mux(place[-1], place, place + 1))),
                wrong.eq((wrong & ~self.begins) | ~known | (self.last & (place != 2**width - 1))),
            ]  # fmt: skip
            for at, count in enumerate(counts, 1):
                counted = self.length == at
                m.d.sync += count.eq(Mux(self.begins, 0, count) + counted)
            with m.If(self.last):
                m.d.sync += [counting.eq(0), ranking.eq(1), code.eq(0), self.rank.eq(0)]
        behind = self._behind(m, counts)
        level = Signal(longest, init=1)
        ends = Signal()
        fits = Signal()
        m.d.comb += [
            ends.eq(level[-1]),
            fits.eq(~wrong & (kraft == 1 << longest)),
            self.level.eq(Mux(ranking, level, 0)),
            self.first.eq(following), self.end.eq(kraft),
        ]  # fmt: skip
        with m.If(ranking):
            # Each level's count comes to the lowest place in turn.
            m.d.sync += [
                level.eq(Cat(level[-1], level[:-1])), code.eq(kraft),
                self.rank.eq(self.rank + counts[0]),
                *(one.eq(above) for one, above in zip(counts, [*counts[1:], behind], strict=True)),
            ]  # fmt: skip
            with m.If(ends):
                m.d.sync += [
                    ranking.eq(0), telling.eq(fits), self.answer.eq(~fits), self.error.eq(1),
                ]  # fmt: skip
        self._tell(m, telling, place, level, read.data)
        with m.If(self.answer & self.answered):
            m.d.sync += [self.answer.eq(0), counting.eq(1)]
        return m

    def _tell(
        self, m: Module, telling: Signal, place: Signal, level: Signal, length: Value
    ) -> None:
        """Give all symbols; a symbol's length is read in one cycle, and told in the next."""
        width = self.width
        reading = Signal()
        m.d.comb += reading.eq(telling & ~place[-1])
        m.d.sync += [self.told.eq(reading), self.symbol.eq(place[:width])]
        m.d.comb += self.symbol_length.eq(length)
        with m.If(reading):
            m.d.sync += place.eq(place + 1)
        with m.If(telling & place[-1] & ~self.told):
            m.d.sync += [telling.eq(0), place.eq(0), self.answer.eq(1), self.error.eq(0)]

    def _behind(self, m: Module, counts: Sequence[Signal]) -> Value:
        """Return what takes the place of the counts of levels that have been ranked."""
        return Const(0)

    def _phases(self, m: Module) -> tuple[Signal, Signal, Signal]:
        return Signal(name="counting", init=1), Signal(name="ranking"), Signal(name="telling")


class RankedTable(CodeTable):
    """Gives only symbols that have a code, by their rank: those of each length in a pass of theirs.

        symbols, level by level   longest * (2 ** width + 2)

    Counts of codes stay, and can be asked for.

    Members
    -------
    asked : In(longest)
        One bit a length, of which one is up.
    count : Out(width + 1)
        How many codes are so long.
    """

    asked: Signal
    count: Signal

    def __init__(self, width: int, longest: int) -> None:
        super().__init__(width, longest, {"asked": In(longest), "count": Out(width + 1)})

    def _behind(self, m: Module, counts: Sequence[Signal]) -> Value:
        m.d.comb += self.count.eq(select(list(self.asked), [list(count) for count in counts]))
        return counts[0]

    def _tell(
        self, m: Module, telling: Signal, place: Signal, level: Signal, length: Value
    ) -> None:
        width = self.width
        reading = Signal()
        shows = Signal()
        lines = Cat(level_lines(length, self.longest))
        m.d.comb += [
            reading.eq(telling & ~place[-1]), self.symbol_length.eq(length),
            self.told.eq(shows & (lines & level).any()),
        ]  # fmt: skip
        m.d.sync += [shows.eq(reading), self.symbol.eq(place[:width])]
        with m.If(reading):
            m.d.sync += place.eq(place + 1)
        with m.If(telling & place[-1] & ~shows):
            m.d.sync += [place.eq(0), level.eq(Cat(level[-1], level[:-1]))]
            with m.If(level[-1]):
                m.d.sync += [telling.eq(0), self.answer.eq(1), self.error.eq(0)]


def level_lines(length: Value, longest: int) -> list[Value]:
    """Return a line for each length from 1 up, of which that of a code's is up."""
    return [length == at for at in range(1, longest + 1)]


def loaded_by(m: Module, table: CodeTable) -> Signal:
    """Return whether a table is there."""
    loaded = Signal(name="loaded")
    with m.If(table.begins):
        m.d.sync += loaded.eq(0)
    with m.If(table.told):
        m.d.sync += loaded.eq(1)
    return loaded

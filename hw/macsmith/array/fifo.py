"""Memories for words whose lanes come one cycle after the other."""

from collections.abc import Sequence
from itertools import accumulate, pairwise

from amaranth import Cat, Module, Mux, Signal, Value
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out

from macsmith.array.skew import delayed


def following(place: Value, depth: int) -> Value:
    """Return the place after ``place`` in a ring of ``depth``."""
    return Mux(place == depth - 1, 0, place + 1)


def skewed_banks(
    m: Module, widths: Sequence[int], depth: int, write: Value, place: Value, word: Value
) -> tuple[list[memory.ReadPort], Value]:
    """Return the read ports of a memory for each lane, and whether the last lane is written.

    Lane k of ``word``, of ``widths[k]`` bits, is written k cycles after ``write``, at ``place`` as
    it was then.
    """
    command = delayed(m, "write", Cat(write, place), len(widths))
    bounds = pairwise(accumulate(widths, initial=0))
    ports = []
    for lane, (strobe, (low, high)) in enumerate(zip(command, bounds, strict=True)):
        bank: memory.Memory = memory.Memory(shape=high - low, depth=depth, init=[])
        m.submodules[f"bank_{lane}"] = bank
        port = bank.write_port()
        m.d.comb += [
            port.addr.eq(strobe[1:]),
            port.en.eq(strobe[0]),
            port.data.eq(word[low:high]),
        ]
        ports.append(bank.read_port())
    return ports, command[-1][0]


class SkewedFifo(wiring.Component):
    """Words that come in lane by lane, kept in order until someone takes them.

    A word may leave, and is then valid two cycles later, as soon as its last lane is written.
    The writer sees to it that there is room.

    Parameters
    ----------
    widths:
        Bits of each lane.
    depth:
        Words that are kept, 2 at least; one more waits at ``o``.

    Members
    -------
    write : In(1)
        Lane 0 of a word is there; lane k comes k cycles later.
    word : In(sum(widths))
        Lanes, the first lowest.
    read : Out(1)
        A word moves to ``o``, and makes room.
    place : Out(range(depth))
        Which it is: a count of words modulo ``depth``.
    o : Out(stream.Signature(sum(widths)))
        Words in order.
    """

    write: Signal
    word: Signal
    read: Signal
    place: Signal
    o: stream.Interface

    def __init__(self, widths: Sequence[int], depth: int) -> None:
        self.widths, self.depth = widths, depth
        width = sum(widths)
        super().__init__(
            {
                "write": In(1),
                "word": In(width),
                "read": Out(1),
                "place": Out(range(depth)),
                "o": Out(stream.Signature(width)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        written = Signal(range(self.depth))
        ports, last = skewed_banks(m, self.widths, self.depth, self.write, written, self.word)
        with m.If(self.write):
            m.d.sync += written.eq(following(written, self.depth))
        ready, valid = Signal(range(self.depth + 1)), Signal()
        m.d.comb += [
            self.read.eq(ready.any() & (~valid | self.o.ready)),
            self.o.valid.eq(valid),
            self.o.payload.eq(Cat(port.data for port in ports)),
        ]
        for port in ports:
            m.d.comb += [port.addr.eq(self.place), port.en.eq(self.read)]
        m.d.sync += [
            ready.eq(ready + last - self.read),
            valid.eq(self.read | (valid & ~self.o.ready)),
        ]
        with m.If(self.read):
            m.d.sync += self.place.eq(following(self.place, self.depth))
        return m

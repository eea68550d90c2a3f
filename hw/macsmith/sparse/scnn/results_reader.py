"""Answers of more than a beat: the counts of a run, and the results of a PE."""

from amaranth import Array, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from macsmith.sparse.scnn.spec import NUMBER, ScnnSpec

COUNTS = 3
"""Cycles, conflicts, waits."""


class ResultsReader(wiring.Component):
    """Gives a run's counts, a beat each; or where channels of results end, then their vectors.

    A vector every second cycle.

    Parameters
    ----------
    spec:
        The grid.

    Members
    -------
    finished : In(1)
        A run is over.
    counts, error : In
        What it gives.
    shows, channels : In
        Results are asked for; how many channels they have.
    read, read_end, read_at : Out
        Read a vector, or a channel's end.
    end, word : In
        What was read last.
    o : Out(stream.Signature(spec.output_layout))
        Beats.
    """

    o: stream.Interface

    def __init__(self, spec: ScnnSpec) -> None:
        self.spec = spec
        super().__init__(
            {
                "finished": In(1), "counts": In(COUNTS * NUMBER), "error": In(1),
                "shows": In(1), "channels": In(range(spec.channels + 1)),
                "read": Out(1), "read_end": Out(1),
                "read_at": Out(range(max(spec.act_words, spec.channels))),
                "end": In(range(spec.act_words + 1)), "word": In(spec.acts * spec.act_bits),
                "o": Out(stream.Signature(spec.output_layout)),
            }
        )  # fmt: skip

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, out = self.spec, self.o.payload
        counting = Signal()
        ending = Signal()
        fetching = Signal()
        place = Signal(range(max(spec.act_words, spec.channels, COUNTS) + 1))
        words = Signal.like(self.end)
        moves = Signal()
        last_end = Signal()
        last = Signal()
        m.d.comb += [
            moves.eq(self.o.valid & self.o.ready),
            last_end.eq(ending & (place + 1 == self.channels)),
            self.read_at.eq(place), self.read_end.eq(fetching & ending),
            self.read.eq(fetching & ~ending),
            last.eq(
                Mux(counting, place == COUNTS - 1,
                    Mux(ending, last_end & ~self.end.any(), place + 1 == words))
            ),
            out.last.eq(last), out.data.eq(Mux(counting | ending, 0, self.word)),
            out.number.eq(
                Mux(counting, Array([self.counts.word_select(at, NUMBER)
                                     for at in (*range(COUNTS), COUNTS - 1)])[place[:2]],
                    Mux(ending, self.end, 0))
            ),
            out.error.eq(counting & last & self.error),
        ]  # fmt: skip
        m.d.sync += fetching.eq(0)
        with m.If(fetching):
            m.d.sync += self.o.valid.eq(1)
        with m.If(self.finished):
            m.d.sync += [counting.eq(1), self.o.valid.eq(1), place.eq(0)]
        with m.If(self.shows):
            m.d.sync += [ending.eq(1), fetching.eq(1), place.eq(0)]
        with m.If(moves):
            m.d.sync += [
                place.eq(place + 1), self.o.valid.eq(counting & ~last),
                fetching.eq(~counting & ~last),
            ]  # fmt: skip
            with m.If(last):
                m.d.sync += [counting.eq(0), ending.eq(0)]
            with m.If(last_end):
                m.d.sync += [ending.eq(0), words.eq(self.end), place.eq(0)]
        return m

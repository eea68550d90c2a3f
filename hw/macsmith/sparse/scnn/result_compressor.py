"""Results on their way out: scaled, below zero or not, and compressed."""

from amaranth import Cat, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.sparse.scnn.spec import ScnnSpec


class ResultCompressor(wiring.Component):
    """A result a cycle, in the order of its channel's places; vectors as they are full.

    A result that is not zero is an entry with the zeros before it; where there are more zeros than
    can be told, the last of them is an entry, too. A channel ends with what its last vector has.

    Parameters
    ----------
    spec:
        The grid.

    Members
    -------
    begins : In(1)
        No results so far.
    gives, closes : In(1)
        A result is there; it is its channel's last.
    sum, inside : In
        It, and whether it lies in the layer's plane; else it is zero.
    relu : In(1)
        Results below zero are zero.
    shift : In
        Places by which it is shifted down.
    store, store_at, store_word : Out
        Write a vector.
    ends, ended, end : Out
        Write where a channel ends.
    wrong : Out(1)
        There is no room for a vector.
    """

    def __init__(self, spec: ScnnSpec) -> None:
        self.spec = spec
        super().__init__(
            {
                "begins": In(1), "gives": In(1), "closes": In(1), "sum": In(spec.acc_width),
                "inside": In(1), "relu": In(1), "shift": In(range(spec.acc_width)),
                "store": Out(1), "store_at": Out(range(spec.act_words)),
                "store_word": Out(spec.acts * spec.act_bits),
                "ends": Out(1), "ended": Out(range(spec.channels)),
                "end": Out(range(spec.act_words + 1)), "wrong": Out(1),
            }
        )  # fmt: skip

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        most = (1 << spec.data_width - 1) - 1
        shifted = Signal(signed(spec.acc_width))
        value = Signal(signed(spec.data_width))
        m.d.comb += [
            shifted.eq(self.sum.as_signed() >> self.shift),
            value.eq(
                Mux(~self.inside | (self.relu & shifted[-1]), 0,
                    Mux(shifted > most, most, Mux(shifted < -most - 1, -most - 1, shifted)))
            ),
        ]  # fmt: skip
        zeros = Signal(spec.index)
        lane = Signal(range(spec.acts))
        held = Signal(spec.acts * spec.act_bits)
        word = Signal(spec.acts * spec.act_bits)
        room = Signal()
        at = Signal.like(self.end)
        channel = Signal.like(self.ended)
        enters = Signal()
        some = Signal()
        full = Signal()
        m.d.comb += [
            enters.eq(self.gives & (value.any() | zeros.all())),
            word.eq(held),
            full.eq(enters & (lane == spec.acts - 1)),
            some.eq(enters | lane.any() if spec.acts > 1 else enters),
            room.eq(at != spec.act_words),
            self.store.eq(self.gives & room & (full | (self.closes & some))),
            self.wrong.eq(self.gives & ~room & (full | (self.closes & some))),
            self.store_at.eq(at), self.store_word.eq(word),
            self.ends.eq(self.gives & self.closes), self.ended.eq(channel),
            self.end.eq(at + self.store),
        ]  # fmt: skip
        for place in range(spec.acts):
            with m.If(enters & (lane == place)):
                m.d.comb += word.word_select(place, spec.act_bits).eq(Cat(value, zeros))
        with m.If(self.begins):
            m.d.sync += Cat(zeros, lane, held, at, channel).eq(0)
        with m.Elif(self.gives):
            m.d.sync += [
                zeros.eq(Mux(enters | self.closes, 0, zeros + 1)), at.eq(self.end),
                held.eq(Mux(full | self.closes, 0, word)),
                lane.eq(Mux(full | self.closes, 0, lane + enters)),
                channel.eq(channel + self.closes),
            ]  # fmt: skip
        return m

"""Channel by channel, every vector of activations with every vector of weights."""

from amaranth import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.sparse.scnn.spec import ScnnSpec


class ChannelWalker(wiring.Component):
    """Gives a pair of vectors a cycle; a channel that lacks either takes a cycle, too.

    An activation vector stays while all weight vectors of the channel pass. Where the next channel
    ends is read while this one is at work. Weights of a group follow those of the group before;
    activations begin anew. Ends that fall, or lie beyond the memory, are errors, and their channel
    is taken for one without vectors.

    Parameters
    ----------
    spec:
        The grid.

    Members
    -------
    start, fresh : In(1)
        A group begins; it is the first of its run.
    channels : In
        Of activations.
    go : In(1)
        What is given is taken.
    fetch : Out(1)
        Read the ends of a channel: of activations at ``act_channel``, of weights at
        ``weight_channel``.
    act_channel, weight_channel : Out
        Where.
    act_fetched, weight_fetched : In
        What was read last.
    given, renews, first : Out(1)
        A pair is given; its activations are another vector than before, the channel's first.
    act_at, weight_at : Out
        Which vectors.
    busy, wrong : Out(1)
        There are channels left; ends are out of order in this cycle.
    """

    def __init__(self, spec: ScnnSpec) -> None:
        self.spec = spec
        super().__init__(
            {
                "start": In(1), "fresh": In(1), "channels": In(range(spec.channels + 1)),
                "go": In(1), "fetch": Out(1), "act_channel": Out(range(spec.channels)),
                "weight_channel": Out(range(spec.channels * spec.groups)),
                "act_fetched": In(range(spec.act_words + 1)),
                "weight_fetched": In(range(spec.weight_words + 1)),
                "given": Out(1), "renews": Out(1), "first": Out(1),
                "act_at": Out(range(spec.act_words + 1)),
                "weight_at": Out(range(spec.weight_words + 1)),
                "busy": Out(1), "wrong": Out(1),
            }
        )  # fmt: skip

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        # Channels whose ends are not read yet, and whether the next one's are known.
        left = Signal.like(self.channels)
        known = Signal()
        active = Signal()
        act_from = Signal.like(self.act_at)
        act_end = Signal.like(self.act_at)
        weight_from = Signal.like(self.weight_at)
        weight_end = Signal.like(self.weight_at)
        act_next = Signal.like(self.act_at)
        weight_next = Signal.like(self.weight_at)
        empty = Signal()
        last_act = Signal()
        last_weight = Signal()
        take = Signal()
        done = Signal()
        legal = Signal()
        weight_base = Signal.like(self.weight_channel)
        read = Signal()
        m.d.comb += [
            empty.eq((self.act_at == act_end) | (weight_from == weight_end)),
            last_act.eq(self.act_at + 1 == act_end),
            last_weight.eq(self.weight_at + 1 == weight_end),
            self.given.eq(active & ~empty),
            self.renews.eq(self.weight_at == weight_from), self.first.eq(self.act_at == act_from),
            done.eq(active & self.go & (empty | (last_act & last_weight))),
            take.eq(known & (~active | done)),
            read.eq(take & left.any()),
            self.fetch.eq(self.start | read),
            self.act_channel.eq(Mux(self.start, 0, self.channels - left)),
            self.weight_channel.eq(Mux(self.start & self.fresh, 0, weight_base)),
            legal.eq(
                (act_next <= self.act_fetched) & (self.act_fetched <= spec.act_words)
                & (weight_next <= self.weight_fetched) & (self.weight_fetched <= spec.weight_words)
            ),
            self.wrong.eq(take & ~legal),
            self.busy.eq(known | active),
        ]  # fmt: skip
        m.d.sync += [known.eq(self.fetch | (known & ~take)), active.eq(take | (active & ~done))]
        with m.If(self.fetch):
            m.d.sync += weight_base.eq(self.weight_channel + 1)
        with m.If(self.start):
            m.d.sync += [
                left.eq(self.channels - 1), act_next.eq(0),
                weight_next.eq(Mux(self.fresh, 0, weight_next)),
            ]  # fmt: skip
        with m.Elif(read):
            m.d.sync += left.eq(left - 1)
        with m.If(take):
            m.d.sync += [
                act_next.eq(self.act_fetched), weight_next.eq(self.weight_fetched),
                self.act_at.eq(act_next), act_from.eq(act_next),
                act_end.eq(Mux(legal, self.act_fetched, act_next)),
                self.weight_at.eq(weight_next), weight_from.eq(weight_next),
                weight_end.eq(self.weight_fetched),
            ]  # fmt: skip
        with m.Elif(self.given & self.go):
            m.d.sync += self.weight_at.eq(Mux(last_weight, weight_from, self.weight_at + 1))
            with m.If(last_weight):
                m.d.sync += self.act_at.eq(self.act_at + 1)
        return m

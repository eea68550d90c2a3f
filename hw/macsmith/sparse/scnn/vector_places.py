"""Where the values of two vectors lie, from the zeros before each."""

from amaranth import Const, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.mac.operand_registers import split
from macsmith.rtl.named_signal import wired
from macsmith.sparse.scnn.plane_geometry import geometry_layout, seen, unfolded
from macsmith.sparse.scnn.spec import ScnnSpec


class VectorPlaces(wiring.Component):
    """Two stages, a pair of vectors a cycle: places in channels, then places in the plane of sums.

        zeros ─▶ sum over lanes, from the vector before ─▶ [place] ─▶ + skip of its row ─▶ [place]

    Places of activations count row by row of the tile; those of weights channel by channel of the
    group, then along the filter's rows. A value that is not zero beyond these is wrong and counts
    as zero.

    Parameters
    ----------
    spec:
        The grid.

    Members
    -------
    go : In(1)
        All stages move.
    geometry : In(geometry_layout(spec).size)
        Of the layer.
    valid, renews, first : In(1)
        A pair is there; see `ChannelWalker`.
    act, weight : In
        Entries of its vectors.
    placed : Out(1)
        What follows is there.
    acts, weights : Out
        Their values, two stages later.
    act_some, weight_some : Out
        Which of them are not zero.
    act_at, weight_at, weight_channel : Out
        Where they lie: in the plane, and in which of the group's channels.
    busy, wrong : Out(1)
        A pair is in the first stage; one of the values in it is beyond.
    """

    def __init__(self, spec: ScnnSpec) -> None:
        self.spec = spec
        self.place_bits = (spec.plane - 1).bit_length()
        self.channel_bits = (spec.group - 1).bit_length()
        super().__init__(
            {
                "go": In(1), "geometry": In(geometry_layout(spec).size),
                "valid": In(1), "renews": In(1), "first": In(1),
                "act": In(spec.acts * spec.act_bits), "weight": In(spec.weights * spec.weight_bits),
                "placed": Out(1),
                "acts": Out(spec.acts * spec.data_width),
                "weights": Out(spec.weights * spec.weight_width),
                "act_some": Out(spec.acts), "weight_some": Out(spec.weights),
                "act_at": Out(spec.acts * self.place_bits),
                "weight_at": Out(spec.weights * self.place_bits),
                "weight_channel": Out(spec.weights * self.channel_bits),
                "busy": Out(1), "wrong": Out(1),
            }
        )  # fmt: skip

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        geometry = seen(spec, self.geometry)
        # The first stage: whether there is a pair, and whether its activations are new.
        counted = Signal()
        renewed = Signal()
        with m.If(self.go):
            m.d.sync += [
                counted.eq(self.valid), renewed.eq(self.renews), self.placed.eq(counted)
            ]  # fmt: skip
        counts = self.valid & self.go
        moves = counted & self.go
        acts = split(self.act, spec.act_bits)
        weights = split(self.weight, spec.weight_bits)
        act_values, act_places = self._counted(
            m, "act", acts, spec.data_width, spec.tile**2, counts & self.renews, self.first
        )
        weight_values, weight_places = self._counted(
            m, "weight", weights, spec.weight_width, spec.kernel**2 * spec.group, counts,
            self.renews,
        )  # fmt: skip
        self.beyond: list[Value] = []
        for lane, (value, place) in enumerate(zip(act_values, act_places, strict=True)):
            some = self._some(m, f"act_{lane}", value, place, geometry.act_places, renewed)
            at = wired(m, f"act_at_{lane}", unfolded(place, geometry.act_rows, geometry.act_skips))
            with m.If(moves & renewed):
                m.d.sync += [
                    self.acts.word_select(lane, spec.data_width).eq(value),
                    self.act_at.word_select(lane, self.place_bits).eq(at),
                    self.act_some[lane].eq(some),
                ]
        bits = self.channel_bits
        for lane, (value, place) in enumerate(zip(weight_values, weight_places, strict=True)):
            some = self._some(
                m, f"weight_{lane}", value, place, geometry.weight_places, Const(1, 1)
            )
            at = wired(
                m, f"weight_at_{lane}",
                unfolded(place[bits:], geometry.weight_rows, geometry.weight_skips),
            )  # fmt: skip
            with m.If(moves):
                m.d.sync += [
                    self.weights.word_select(lane, spec.weight_width).eq(value),
                    self.weight_at.word_select(lane, self.place_bits).eq(at),
                    self.weight_some[lane].eq(some),
                ]
                if bits:
                    m.d.sync += self.weight_channel.word_select(lane, bits).eq(place[:bits])
        wrong = Signal(len(self.beyond))
        m.d.comb += [
            *(bit.eq(one) for bit, one in zip(wrong, self.beyond, strict=True)),
            self.wrong.eq(counted & wrong.any()), self.busy.eq(counted),
        ]  # fmt: skip
        return m

    def _counted(
        self, m: Module, name: str, entries: list[Value], width: int, most: int, takes: Value,
        begins: Value,
    ) -> tuple[list[Signal], list[Signal]]:  # fmt: skip
        """Return registers of the values of a vector and of their places, all beyond alike."""
        limit = 1 << most.bit_length()
        before = Signal(range(limit + 1), name=f"{name}_before")
        at: Value = wired(m, f"{name}_base", Mux(begins, 0, before))
        values, places = [], []
        for lane, entry in enumerate(entries):
            at = wired(m, f"{name}_count_{lane}", at + entry[width:] + bool(lane))
            value = Signal(width, name=f"{name}_value_{lane}")
            place = Signal(range(limit + 1), name=f"{name}_place_{lane}")
            with m.If(takes):
                m.d.sync += [value.eq(entry), place.eq(Mux(at >= limit, limit, at))]
            values.append(value)
            places.append(place)
        with m.If(takes):
            m.d.sync += before.eq(Mux(at + 1 >= limit, limit, at + 1))
        return values, places

    def _some(
        self, m: Module, name: str, value: Value, place: Value, places: Value, looked_at: Value
    ) -> Signal:
        """Return whether a value is not zero and where there is a place for it."""
        some = Signal(name=f"{name}_some")
        inside = Signal(name=f"{name}_inside")
        m.d.comb += [inside.eq(place < places), some.eq(value.any() & inside)]
        self.beyond.append(value.any() & ~inside & looked_at)
        return some

"""What packets bring: memories are written, runs begin, and what does not fit is answered."""

from typing import Any

from amaranth import Array, Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from macsmith.sparse.scnn.spec import Kind, Run, ScnnSpec


def layer_layout(spec: ScnnSpec) -> data.StructLayout:
    """Return the layout of a layer's sizes: see `Run`; ``relu`` and ``chain`` are its flags."""
    tile, kernel = range(spec.tile + 1), range(spec.kernel + 1)
    return data.StructLayout(
        {
            "tile_rows": tile, "tile_cols": tile, "kernel_rows": kernel, "kernel_cols": kernel,
            "channels": range(spec.channels + 1), "groups": range(spec.groups + 1),
            "out_rows": range(spec.rows * spec.tile + 1),
            "out_cols": range(spec.cols * spec.tile + 1),
            "shift": range(spec.acc_width), "relu": 1, "chain": 1,
        }
    )  # fmt: skip


class GridLoader(wiring.Component):
    """Takes a packet, and no other before it is answered.

    Parameters
    ----------
    spec:
        The grid.

    Members
    -------
    i : In(stream.Signature(spec.input_layout))
        Packets.
    act_end, act : Out(pes)
        Write a channel's end, or a vector, of a PE's activations; a bit each.
    weight_end, weight : Out(1)
        Write those of weights in all PEs.
    at, data : Out
        Where, and what.
    layer : Out(layer_layout(spec))
        The sizes that the last run's packet brought.
    begins : Out(1)
        A run begins in this cycle.
    swap : Out(1)
        Which of the files is its source.
    shows, pe, results : Out
        Results are asked for, those of a PE, which has so many channels of them.
    answer, failed : Out(1)
        The packet is answered by one beat, and whether by an error.
    done : In(1)
        It has been answered.
    """

    i: stream.Interface
    act_end: Signal
    act: Signal
    weight_end: Signal
    weight: Signal
    at: Signal
    data: Signal
    layer: Any
    begins: Signal
    swap: Signal
    shows: Signal
    pe: Signal
    results: Signal
    answer: Signal
    failed: Signal
    done: Signal

    def __init__(self, spec: ScnnSpec, places: int, data_bits: int) -> None:
        self.spec = spec
        super().__init__(
            {
                "i": In(stream.Signature(spec.input_layout)),
                "act_end": Out(spec.pes), "act": Out(spec.pes),
                "weight_end": Out(1), "weight": Out(1),
                "at": Out(range(places)), "data": Out(data_bits),
                "layer": Out(layer_layout(spec)), "begins": Out(1), "swap": Out(1),
                "shows": Out(1), "pe": Out(spec.pe_bits),
                "results": Out(range(spec.channels + 1)),
                "answer": Out(1), "failed": Out(1), "done": In(1),
            }
        )  # fmt: skip

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, beat = self.spec, self.i.payload
        # A packet: none, its beats, an answer.
        idle = Signal(init=1)
        taking = Signal()
        taken = Signal()
        # A run's packet may have more beats than there are places.
        place = Signal(max(len(self.at) + 1, len(Run).bit_length()))
        wrong = Signal()
        kept_kind = Signal(3)
        kind = Signal(3)
        target = Signal(spec.pe_bits)
        bad = Signal()
        m.d.comb += [
            self.i.ready.eq(idle | taking), taken.eq(self.i.valid & self.i.ready),
            kind.eq(Mux(idle, beat.kind, kept_kind)), target.eq(Mux(idle, beat.pe, self.pe)),
        ]  # fmt: skip
        fits = self._load(m, taken, kind, target, place)
        legal = self._legal(m, taken & (kind == Kind.RUN), place)
        asks = Signal()
        runs = Signal()
        m.d.comb += [
            asks.eq(kind == Kind.RESULTS), runs.eq(kind == Kind.RUN),
            bad.eq(
                wrong
                | Mux(runs, ~legal | (beat.last & (place != len(Run) - 1)),
                      Mux(asks, ~beat.last | ~self.results.any() | (target >= spec.pes), ~fits))
            ),
        ]  # fmt: skip
        m.d.sync += [self.begins.eq(0), self.shows.eq(0)]
        with m.If(taken):
            m.d.sync += [
                idle.eq(0), taking.eq(~beat.last), kept_kind.eq(kind), self.pe.eq(target),
                wrong.eq(bad & ~beat.last), self.failed.eq(bad),
                place.eq(Mux(beat.last, 0, place + fits)),
            ]  # fmt: skip
            with m.If(beat.last):
                m.d.sync += [
                    self.begins.eq(runs & ~bad), self.shows.eq(asks & ~bad),
                    self.answer.eq(bad | ~(runs | asks)),
                ]  # fmt: skip
        with m.If(self.done):
            m.d.sync += [idle.eq(1), self.answer.eq(0)]
        return m

    def _load(self, m: Module, taken: Value, kind: Value, target: Value, place: Signal) -> Signal:
        """Write a beat where there is room for it; return whether there is."""
        spec, beat = self.spec, self.i.payload
        fits = Signal()
        known = Signal()
        number = beat.number
        entries = [beat.data.word_select(lane, spec.beat_entry) for lane in range(spec.beat_lanes)]
        acts = Cat(
            Cat(entry[: spec.data_width], entry[spec.data_width : spec.act_bits])
            for entry in entries[: spec.acts]
        )
        weights = Cat(entry[: spec.weight_bits] for entry in entries[: spec.weights])
        with m.Switch(kind):
            with m.Case(Kind.ACT_ENDS):
                m.d.comb += [
                    fits.eq((place < spec.channels) & (number <= spec.act_words)),
                    self.data.eq(number),
                ]
            with m.Case(Kind.ACTS):
                m.d.comb += [fits.eq(place < spec.act_words), self.data.eq(acts)]
            with m.Case(Kind.WEIGHT_ENDS):
                m.d.comb += [
                    fits.eq((place < spec.channels * spec.groups) & (number <= spec.weight_words)),
                    self.data.eq(number),
                ]
            with m.Case(Kind.WEIGHTS):
                m.d.comb += [fits.eq(place < spec.weight_words), self.data.eq(weights)]
            with m.Case(Kind.RUN):
                m.d.comb += fits.eq(place < len(Run))
        m.d.comb += [
            self.at.eq(place),
            known.eq(taken & fits),
            self.weight_end.eq(known & (kind == Kind.WEIGHT_ENDS)),
            self.weight.eq(known & (kind == Kind.WEIGHTS)),
        ]
        for pe in range(spec.pes):
            here = known & (target == pe)
            m.d.comb += [
                self.act_end[pe].eq(here & (kind == Kind.ACT_ENDS)),
                self.act[pe].eq(here & (kind == Kind.ACTS)),
            ]
        # There may be numbers for PEs that there are not.
        stored = Signal()
        m.d.comb += stored.eq(
            fits & ((target < spec.pes) | ~((kind == Kind.ACT_ENDS) | (kind == Kind.ACTS)))
        )
        return stored

    def _legal(self, m: Module, takes: Value, place: Signal) -> Signal:
        """Keep a run's numbers; return whether the one that is offered is allowed."""
        spec, layer, number = self.spec, self.layer, self.i.payload.number
        before = Signal(data.StructLayout({"tile_rows": range(spec.tile + 1),
                                           "tile_cols": range(spec.tile + 1)}))  # fmt: skip
        chains = Signal()
        m.d.comb += chains.eq(
            (layer.channels == self.results)
            & (layer.tile_rows == before.tile_rows) & (layer.tile_cols == before.tile_cols)
        )  # fmt: skip
        positive = number.any()
        rules = {
            Run.TILE_ROWS: positive & (number <= spec.tile),
            Run.TILE_COLS: positive & (number <= spec.tile),
            Run.KERNEL_ROWS: positive & (number <= spec.kernel) & (number <= layer.tile_rows + 1),
            Run.KERNEL_COLS: positive & (number <= spec.kernel) & (number <= layer.tile_cols + 1),
            Run.CHANNELS: positive & (number <= spec.channels),
            Run.GROUPS: positive & (number <= spec.groups),
            Run.OUT_ROWS: positive & (number <= layer.tile_rows * spec.rows),
            Run.OUT_COLS: positive & (number <= layer.tile_cols * spec.cols),
            Run.SHIFT: number < spec.acc_width,
            Run.FLAGS: (number <= 3) & (~number[1] | chains),
        }
        legal = Signal()
        words = Signal(len(rules))
        m.d.comb += [
            *(words[at].eq(rule) for at, rule in rules.items()),
            legal.eq(Array([*words, Const(0, 1)])[Mux(place < len(rules), place, len(rules))]),
        ]  # fmt: skip
        names = [
            "tile_rows", "tile_cols", "kernel_rows", "kernel_cols", "channels", "groups",
            "out_rows", "out_cols", "shift",
        ]  # fmt: skip
        for at, name in enumerate(names):
            with m.If(takes & (place == at)):
                m.d.sync += layer[name].eq(number)
        with m.If(takes & (place == Run.FLAGS)):
            m.d.sync += [layer.relu.eq(number[0]), layer.chain.eq(number[1])]
        with m.If(self.begins):
            m.d.sync += [
                self.results.eq(layer.groups * spec.group),
                before.tile_rows.eq(layer.tile_rows),
                before.tile_cols.eq(layer.tile_cols),
                self.swap.eq(self.swap ^ layer.chain),
            ]
        return legal

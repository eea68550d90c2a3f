"""What packets bring: memories are written, runs begin, and what does not fit is answered."""

from amaranth import Module, Mux, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from macsmith.sparse.cnvlutin.spec import CnvlutinSpec, Kind, Run


class LaneLoader(wiring.Component):
    """Takes a packet, and no other before it is answered.

    Parameters
    ----------
    spec:
        The lanes.

    Members
    -------
    i : In(stream.Signature(spec.input_layout))
        Packets.
    entry, weights : Out(lanes)
        Write an entry, or a row of weights, of a lane; a bit each.
    at, data : Out
        Where, and what.
    begins : Out(1)
        A run begins in this cycle.
    windows, bricks, step : Out
        What it is.
    answer, failed : Out(1)
        The packet is answered by one beat, and whether by an error.
    done : In(1)
        It has been answered.
    """

    i: stream.Interface
    entry: Signal
    weights: Signal
    at: Signal
    data: Signal
    begins: Signal
    windows: Signal
    bricks: Signal
    step: Signal
    answer: Signal
    failed: Signal
    done: Signal

    def __init__(self, spec: CnvlutinSpec) -> None:
        self.spec = spec
        super().__init__(
            {
                "i": In(stream.Signature(spec.input_layout)),
                "entry": Out(spec.lanes), "weights": Out(spec.lanes),
                "at": Out(range(max(spec.places, spec.rows))),
                "data": Out(max(spec.entry_bits, spec.filters * spec.weight_width)),
                "begins": Out(1), "windows": Out(range(spec.windows + 1)),
                "bricks": Out(range(spec.window + 1)), "step": Out(range(spec.bricks + 1)),
                "answer": Out(1), "failed": Out(1), "done": In(1),
            }
        )  # fmt: skip

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, beat = self.spec, self.i.payload
        idle = Signal(init=1)
        taking = Signal()
        taken = Signal()
        place = Signal(len(self.at) + 1)
        wrong = Signal()
        kept_kind = Signal(2)
        kept_lane = Signal(spec.lane_bits)
        kind = Signal(2)
        target = Signal(spec.lane_bits)
        room = Signal()
        bad = Signal()
        m.d.comb += [
            self.i.ready.eq(idle | taking), taken.eq(self.i.valid & self.i.ready),
            kind.eq(Mux(idle, beat.kind, kept_kind)), target.eq(Mux(idle, beat.lane, kept_lane)),
            self.at.eq(place), self.data.eq(Mux(kind == Kind.BRICKS, beat.entry, beat.weights)),
        ]  # fmt: skip
        with m.Switch(kind):
            with m.Case(Kind.BRICKS):
                m.d.comb += [room.eq((place < spec.places) & (target < spec.lanes)), bad.eq(~room)]
            with m.Case(Kind.WEIGHTS):
                m.d.comb += [room.eq((place < spec.rows) & (target < spec.lanes)), bad.eq(~room)]
            with m.Case(Kind.RUN):
                m.d.comb += [
                    room.eq(place < len(Run)),
                    bad.eq(~self._legal(m, place) | (beat.last & (place != len(Run) - 1))),
                ]
            with m.Default():
                m.d.comb += bad.eq(1)
        for lane in range(spec.lanes):
            here = taken & room & (target == lane)
            m.d.comb += [
                self.entry[lane].eq(here & (kind == Kind.BRICKS)),
                self.weights[lane].eq(here & (kind == Kind.WEIGHTS)),
            ]
        m.d.sync += self.begins.eq(0)
        with m.If(taken):
            m.d.sync += [
                idle.eq(0), taking.eq(~beat.last), kept_kind.eq(kind), kept_lane.eq(target),
                wrong.eq((wrong | bad) & ~beat.last), self.failed.eq(wrong | bad),
                place.eq(Mux(beat.last, 0, place + room)),
            ]  # fmt: skip
            with m.If(kind == Kind.RUN):
                for number, register in enumerate((self.windows, self.bricks, self.step)):
                    with m.If(place == number):
                        m.d.sync += register.eq(beat.number)
            with m.If(beat.last):
                begins = (kind == Kind.RUN) & ~wrong & ~bad
                m.d.sync += [self.begins.eq(begins), self.answer.eq(~begins)]
        with m.If(self.done):
            m.d.sync += [idle.eq(1), self.answer.eq(0)]
        return m

    def _legal(self, m: Module, place: Value) -> Value:
        """Return whether the run's number that is offered is allowed."""
        spec, number = self.spec, self.i.payload.number
        span = Signal(range(spec.windows * spec.bricks + spec.window + 1))
        before = Signal(range(spec.windows + 1))
        m.d.comb += [
            before.eq(self.windows - 1), span.eq(before * number + self.bricks),
        ]  # fmt: skip
        return Mux(
            place == Run.WINDOWS, number.any() & (number <= spec.windows),
            Mux(
                place == Run.BRICKS, number.any() & (number <= spec.window),
                (place == Run.STEP) & (number <= spec.bricks) & (span <= spec.bricks),
            ),
        )  # fmt: skip

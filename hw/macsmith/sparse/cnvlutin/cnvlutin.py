"""The lanes together: packets load them, runs go from window to window, and give sums."""

from collections.abc import Mapping

from amaranth import Cat, Module, Mux, Signal, Value
from amaranth.lib import memory, wiring

from macsmith.mac.operand_registers import split
from macsmith.rtl.external_memory import WithoutMemories
from macsmith.rtl.shared_module import instance
from macsmith.rtl.stream_component import StreamComponent
from macsmith.sparse.cnvlutin.lane_loader import LaneLoader
from macsmith.sparse.cnvlutin.skipping_lane import SkippingLane
from macsmith.sparse.cnvlutin.spec import CYCLES, CnvlutinSpec

LANE = "macsmith_lane"
"""The module of its lanes."""

STAGES = 3
"""Cycles from an entry to the one in which its products are added."""


class Cnvlutin(StreamComponent):
    """A stream of packets in, an answer to each out.

        i ─▶ loader ─▶ lanes ─▶ products ─▶ sums over lanes and cycles ─▶ [windows] ─▶ o
                        ▲                                       │
                        └── turn: all lanes are at a window's end

    A window takes as many cycles as its lane with most entries has; the next one begins in the
    cycle after. Window n begins at brick ``n * step`` of each lane, so windows may overlap. When
    all windows are done their sums come out, a beat a window.

    The error of an answer is up if the packet does not fit, numbers of a run are zero or too large,
    or a brick in a run had no end.

    Parameters
    ----------
    spec:
        The lanes.

    Members
    -------
    i : In(stream.Signature(spec.input_layout))
        Packets.
    o : Out(stream.Signature(spec.output_layout))
        Answers.
    """

    def __init__(self, spec: CnvlutinSpec) -> None:
        self.spec = spec
        self.lane = SkippingLane(spec)
        super().__init__(spec.input_layout, spec.output_layout)

    @property
    def parts(self) -> Mapping[str, wiring.Component]:
        """Components that are instantiated by module name."""
        return {LANE: self.lane}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, out = self.spec, self.o.payload
        m.submodules.loader = loader = LaneLoader(spec)
        ends = Signal(spec.lanes)
        wrong = Signal(spec.lanes)
        turn = Signal()
        first = Signal(range(spec.bricks))
        window = Signal(range(spec.windows + 1))
        running = Signal()
        scanning = Signal()
        closes = Signal()
        m.d.comb += [
            closes.eq(scanning & ends.all()),
            turn.eq(loader.begins | (closes & (window + 1 != loader.windows))),
        ]
        products = []
        begins = Signal.like(first, name="begins_at")
        m.d.comb += begins.eq(Mux(loader.begins, 0, first + loader.step))
        for lane in range(spec.lanes):
            found = Signal(len(self.lane.products), name=f"products_{lane}")
            m.submodules[f"lane_{lane}"] = instance(
                LANE, self.lane,
                load_entry=loader.entry[lane], load_weights=loader.weights[lane],
                load_at=loader.at, load_data=loader.data, turn=turn, first=begins,
                bricks=loader.bricks, ends=ends[lane], wrong=wrong[lane], products=found,
            )  # fmt: skip
            products.append(found)
        with m.If(turn):
            m.d.sync += first.eq(begins)
        with m.If(loader.begins):
            m.d.sync += [window.eq(0), scanning.eq(1), running.eq(1)]
        with m.Elif(closes):
            m.d.sync += [window.eq(window + 1), scanning.eq(turn)]
        done, sums = self._sums(m, products, closes)
        error = Signal()
        cycles = Signal(CYCLES)
        with m.If(loader.begins):
            m.d.sync += [error.eq(0), cycles.eq(0)]
        with m.Elif(running):
            m.d.sync += [error.eq(error | wrong.any()), cycles.eq(cycles + 1)]
        finished = Signal()
        last = Signal()
        shown, shows, left = self._results(m, done, sums, finished, loader)
        m.d.comb += finished.eq(running & ~scanning & ~done.any())
        with m.If(finished):
            m.d.sync += running.eq(0)
        m.d.comb += [
            loader.i.valid.eq(self.i.valid), loader.i.payload.eq(self.i.payload),
            self.i.ready.eq(loader.i.ready),
            self.o.valid.eq(loader.answer | shows),
            out.sums.eq(Mux(loader.answer, 0, shown)),
            last.eq(loader.answer | (left == 1)), out.last.eq(last),
            out.error.eq(last & Mux(loader.answer, loader.failed, error)),
            out.cycles.eq(Mux(last & ~loader.answer, cycles, 0)),
            loader.done.eq(self.o.valid & self.o.ready & last),
        ]  # fmt: skip
        return m

    def _sums(self, m: Module, products: list[Signal], closes: Value) -> tuple[Signal, Value]:
        """Return in which stages windows' ends are, and the sums of the one in the last stage."""
        spec = self.spec
        done = Signal(STAGES)
        fresh = Signal(init=1)
        m.d.sync += [done.eq(Cat(closes, done[:-1])), fresh.eq(done[-2])]
        totals = []
        for of in range(spec.filters):
            total = Signal(spec.acc_width, name=f"sum_{of}")
            added: Value = Mux(fresh, 0, total)
            for word in products:
                added = added + split(word, spec.product_bits)[of].as_signed()
            m.d.sync += total.eq(added)
            totals.append(total)
        return done, Cat(totals)

    def _results(
        self, m: Module, done: Signal, sums: Value, finished: Signal, loader: LaneLoader
    ) -> tuple[Value, Signal, Signal]:
        """Keep sums of windows, and show them one after the other; a beat every second cycle."""
        spec = self.spec
        width = spec.filters * spec.acc_width
        words: memory.Memory = memory.Memory(shape=width, depth=max(2, spec.windows), init=[])
        m.submodules.windows = words
        write, read = words.write_port(), words.read_port()
        place = Signal(range(spec.windows + 1))
        fetches = Signal()
        shows = Signal()
        m.d.comb += [
            write.en.eq(done[-1]), write.addr.eq(place), write.data.eq(sums),
            read.en.eq(fetches), read.addr.eq(place),
        ]  # fmt: skip
        left = Signal(range(spec.windows + 1))
        m.d.sync += fetches.eq(finished | (shows & self.o.ready & (left != 1)))
        with m.If(loader.begins | finished):
            m.d.sync += place.eq(0)
        with m.Elif(done[-1] | fetches):
            m.d.sync += place.eq(place + 1)
        with m.If(finished):
            m.d.sync += left.eq(loader.windows)
        with m.If(fetches):
            m.d.sync += shows.eq(1)
        with m.Elif(shows & self.o.ready):
            m.d.sync += [shows.eq(0), left.eq(left - 1)]
        return read.data, shows, left


class CnvlutinLogic(Cnvlutin):
    """The lanes without memories, which are instances for macros to take their place."""

    platform = WithoutMemories()

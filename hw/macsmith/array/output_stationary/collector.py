"""The collector: sums that leave the grid in turn, kept until someone takes them."""

from collections.abc import Mapping

from amaranth import Const, Module, Mux, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from macsmith.arith.onehot_mux import any_of, decode
from macsmith.array.skew import count
from macsmith.array.skewed_fifo import Bank, SkewedFifo
from macsmith.array.spec import SystolicSpec
from macsmith.array.stream_layouts import column_layout
from macsmith.mac.operand_routing import routed
from macsmith.rtl.ring import is_at

COLLECTOR = "macsmith_collector"
"""The module of its memories."""

TILES = 2
"""Tiles that are kept: one that is taken, one that comes in."""


class Collector(wiring.Component):
    """Two tiles of sums, one memory a row of the grid; they leave column by column.

    Row r writes its sums at every other cycle from ``start`` on, ``r`` cycles late. A column may
    leave as soon as its last row has written it.

    Parameters
    ----------
    spec:
        The array.

    Members
    -------
    start : In(1)
        The first sums of a tile are at row 0.
    sums : In
        Sums of the leftmost PEs, row 0 lowest.
    reserve : In(1)
        A tile ends: it will need room.
    mode : In(range(len(spec.mac.modes)))
        Its mode; absent if there is one alone.
    room : Out(1)
        There is room for one more tile.
    o : Out(stream)
        Columns of sums, ``rows * a * c`` of them, and whether the column is a tile's last.
    """

    start: Signal
    sums: Signal
    reserve: Signal
    room: Signal
    mode: Signal
    o: stream.Interface

    def __init__(self, spec: SystolicSpec) -> None:
        self.spec = spec
        self.bank = Bank(spec.a * spec.c * spec.acc_width, TILES * spec.cols)
        width = spec.rows * self.bank.width
        ports = {
            "start": In(1),
            "sums": In(width),
            "reserve": In(1),
            "room": Out(1),
            "o": Out(stream.Signature(column_layout(spec))),
        }
        if len(spec.mac.modes) > 1:
            ports["mode"] = In(range(len(spec.mac.modes)))
        super().__init__(ports)

    @property
    def parts(self) -> Mapping[str, wiring.Component]:
        """Components that are instantiated by module name."""
        return {COLLECTOR: self.bank}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        m.submodules.fifo = fifo = SkewedFifo(COLLECTOR, self.bank, spec.rows)
        # Columns of the tile that comes in; a column takes two cycles.
        left = Signal(range(spec.cols + 1))
        idle = Signal()
        m.d.comb += [
            fifo.write.eq(self.start | (left.any() & ~idle)),
            fifo.word.eq(self.sums),
        ]
        m.d.sync += idle.eq(fifo.write)
        with m.If(fifo.write):
            m.d.sync += left.eq(Mux(self.start, spec.cols, left) - 1)

        # Tiles whose last column is still kept or yet to come.
        kept = Signal(range(TILES + 1))
        last = Signal()
        last_read = Signal()
        ends = [is_at(fifo.place, tile * spec.cols + spec.cols - 1) for tile in range(TILES)]
        m.d.comb += [
            last_read.eq(any_of(ends)),
            self.room.eq(kept != TILES),
            self.o.valid.eq(fifo.o.valid),
            fifo.o.ready.eq(self.o.ready),
            self.o.payload.sums.eq(self._natural(m, fifo)),
            self.o.payload.last.eq(last),
        ]
        count(m, kept, up=self.reserve, down=fifo.read & last_read)
        with m.If(fifo.read):
            m.d.sync += last.eq(last_read)
        return m

    def _natural(self, m: Module, fifo: SkewedFifo) -> Value:
        """Return the sums of a column, each extended to ``acc_width`` bits."""
        spec, column = self.spec, fifo.o.payload
        if len(spec.mac.modes) == 1:
            return routed([Const(1, 1)], column, spec.mac.modes, spec.sum_source)
        kept = [Signal.like(self.mode, name=f"mode_{tile}") for tile in range(TILES)]
        coming = Signal(range(TILES))
        shown = Signal.like(self.mode, name="mode_shown")
        with m.If(self.reserve):
            m.d.sync += coming.eq(coming + 1)
            for tile, mode in enumerate(kept):
                with m.If(coming == tile):
                    m.d.sync += mode.eq(self.mode)
        with m.If(fifo.read):
            m.d.sync += shown.eq(Mux(fifo.place < spec.cols, *kept))
        is_shown = decode(m, shown, len(spec.mac.modes), "is_shown")
        return routed(is_shown, column, spec.mac.modes, spec.sum_source)

"""The collector: sums that leave the grid in turn, kept until someone takes them."""

from amaranth import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out

from macsmith.arith.select import decode
from macsmith.array.layouts import column_layout
from macsmith.array.skew import delayed
from macsmith.array.spec import SystolicSpec
from macsmith.mac.routing import routed

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
    mode : In(range(len(spec.modes)))
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
        self.pe_sums = spec.a * spec.c * spec.acc_width
        width = spec.rows * self.pe_sums
        ports = {
            "start": In(1),
            "sums": In(width),
            "reserve": In(1),
            "room": Out(1),
            "o": Out(stream.Signature(column_layout(spec))),
        }
        if len(spec.modes) > 1:
            ports["mode"] = In(range(len(spec.modes)))
        super().__init__(ports)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        depth = TILES * spec.cols
        # Columns of the tile that comes in; a column takes two cycles.
        place, left, idle = Signal(range(depth)), Signal(range(spec.cols + 1)), Signal()
        write = Signal()
        m.d.comb += write.eq(self.start | (left.any() & ~idle))
        m.d.sync += idle.eq(write)
        with m.If(write):
            m.d.sync += [
                place.eq(Mux(place == depth - 1, 0, place + 1)),
                left.eq(Mux(self.start, spec.cols, left) - 1),
            ]
        command = delayed(m, "command", Cat(write, place), spec.rows)

        read, taken = Signal(), Signal(range(depth))
        columns = []
        for row, strobe in enumerate(command):
            bank: memory.Memory = memory.Memory(shape=self.pe_sums, depth=depth, init=[])
            m.submodules[f"bank_{row}"] = bank
            port = bank.write_port()
            m.d.comb += [
                port.addr.eq(strobe[1:]),
                port.en.eq(strobe[0]),
                port.data.eq(self.sums.word_select(row, self.pe_sums)),
            ]
            out = bank.read_port()
            m.d.comb += [out.addr.eq(taken), out.en.eq(read)]
            columns.append(out.data)

        # A signal, so that a slice of it does not hold the whole once more.
        column = Signal(len(self.sums))
        # Columns that are written, and tiles whose last column is still kept or yet to come.
        ready, kept = Signal(range(depth + 1)), Signal(range(TILES + 1))
        last, valid = Signal(), Signal()
        last_read = Signal()
        m.d.comb += [
            read.eq(ready.any() & (~valid | self.o.ready)),
            last_read.eq((taken == spec.cols - 1) | (taken == depth - 1)),
            self.room.eq(kept != TILES),
            self.o.valid.eq(valid),
            column.eq(Cat(columns)),
            self.o.payload.sums.eq(self._natural(m, column, read, taken)),
            self.o.payload.last.eq(last),
        ]
        m.d.sync += [
            ready.eq(ready + command[-1][0] - read),
            kept.eq(kept + self.reserve - (read & last_read)),
            valid.eq(read | (valid & ~self.o.ready)),
        ]
        with m.If(read):
            m.d.sync += [last.eq(last_read), taken.eq(Mux(taken == depth - 1, 0, taken + 1))]
        return m

    def _natural(self, m: Module, column: Value, read: Value, taken: Value) -> Value:
        """Return the sums of a column, each extended to ``acc_width`` bits."""
        spec = self.spec
        if len(spec.modes) == 1:
            return routed([Const(1, 1)], column, spec.modes, spec.sum_source)
        kept = [Signal.like(self.mode, name=f"mode_{tile}") for tile in range(TILES)]
        coming, shown = Signal(range(TILES)), Signal.like(self.mode, name="mode_shown")
        with m.If(self.reserve):
            m.d.sync += coming.eq(coming + 1)
            for tile, mode in enumerate(kept):
                with m.If(coming == tile):
                    m.d.sync += mode.eq(self.mode)
        with m.If(read):
            m.d.sync += shown.eq(Mux(taken < spec.cols, *kept))
        return routed(
            decode(m, shown, len(spec.modes), "is_shown"), column, spec.modes, spec.sum_source
        )

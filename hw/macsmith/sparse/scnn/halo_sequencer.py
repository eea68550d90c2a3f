"""In which order all PEs read their sums, so that each has its neighbours' when it needs them."""

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.sparse.scnn.spec import ScnnSpec


class HaloSequencer(wiring.Component):
    """Reads each sum of a group once, one a cycle, the same in all PEs.

    A result is the sum of its PE's own; of that which the PE below has for the same place, if it
    lies within ``kernel_rows - 1`` rows of the tile's end; of that of the PE to the right; and of
    that between these. So all PEs read what lies there in their halo, one after the other, and
    each takes what its neighbour reads. Results come row by row, channel by channel.

    Parameters
    ----------
    spec:
        The grid.

    Members
    -------
    start : In(1)
        A group is done.
    tile_rows, tile_cols, kernel_rows, kernel_cols, corner, stride, tile_plane : In
        See `Geometry`.
    read, read_at : Out
        Read a sum.
    adds, source, renews : Out
        Two cycles later: whose sum it is, and whether it is the first of its result.
    gives, closes, row, col : Out
        In the cycle after that: a result is whole, it is its channel's last, and where it lies.
    busy : Out(1)
        Not all results are there.
    """

    def __init__(self, spec: ScnnSpec) -> None:
        self.spec = spec
        tile, kernel, plane = range(spec.tile + 1), range(spec.kernel + 1), range(spec.plane)
        super().__init__(
            {
                "start": In(1), "tile_rows": In(tile), "tile_cols": In(tile),
                "kernel_rows": In(kernel), "kernel_cols": In(kernel), "corner": In(plane),
                "stride": In(range(spec.tile + spec.kernel)),
                "tile_plane": In(range(spec.tile * (spec.tile + spec.kernel - 1) + 1)),
                "read": Out(1), "read_at": Out(range(spec.plane * spec.group)),
                "adds": Out(1), "source": Out(2), "renews": Out(1),
                "gives": Out(1), "closes": Out(1), "row": Out(range(spec.tile)),
                "col": Out(range(spec.tile)), "busy": Out(1),
            }
        )  # fmt: skip

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        channel = Signal(range(spec.group))
        row = Signal(range(spec.tile))
        col = Signal(range(spec.tile))
        line = Signal(range(spec.plane))
        source = Signal(2)
        # Where halos overlap the result: rows below, and columns to the right.
        below = Signal()
        right = Signal()
        row_ends = Signal()
        col_ends = Signal()
        last = Signal()
        ends = Signal()
        place = Signal(range(spec.plane))
        m.d.comb += [
            below.eq(row + self.kernel_rows > self.tile_rows),
            right.eq(col + self.kernel_cols > self.tile_cols),
            row_ends.eq(row + 1 == self.tile_rows), col_ends.eq(col + 1 == self.tile_cols),
            last.eq(source == Cat(below, right)),
            ends.eq(last & row_ends & col_ends),
            place.eq(
                line + col - Mux(source[0], self.tile_plane, 0)
                - Mux(source[1], self.tile_cols, 0)
            ),
            self.read_at.eq(Cat(channel[: (spec.group - 1).bit_length()], place)),
        ]  # fmt: skip
        with m.If(self.start):
            m.d.sync += [
                self.read.eq(1), Cat(channel, row, col, source).eq(0), line.eq(self.corner),
            ]  # fmt: skip
        with m.Elif(self.read & ~last):
            m.d.sync += source.eq(Mux(below & ~source[0], source | 1, 2))
        with m.Elif(self.read):
            m.d.sync += [source.eq(0), col.eq(Mux(col_ends, 0, col + 1))]
            with m.If(col_ends):
                m.d.sync += [
                    row.eq(Mux(row_ends, 0, row + 1)),
                    line.eq(Mux(row_ends, self.corner, line + self.stride)),
                ]  # fmt: skip
            with m.If(ends):
                m.d.sync += [channel.eq(channel + 1), self.read.eq(channel != spec.group - 1)]
        stages = {"valid": self.read, "source": source, "renews": ~source.any(), "whole": last,
                  "closes": ends, "row": row, "col": col}  # fmt: skip
        for number in (1, 2, 3):
            after = {}
            for name, value in stages.items():
                after[name] = Signal.like(value, name=f"{name}_{number}")
                m.d.sync += after[name].eq(value)
            stages = after
            if number == 1:
                m.d.comb += self.busy.eq(self.read | stages["valid"])
            if number == 2:
                m.d.comb += [
                    self.adds.eq(stages["valid"]), self.source.eq(stages["source"]),
                    self.renews.eq(stages["renews"]),
                ]  # fmt: skip
        m.d.comb += [
            self.gives.eq(stages["valid"] & stages["whole"]), self.closes.eq(stages["closes"]),
            self.row.eq(stages["row"]), self.col.eq(stages["col"]),
        ]  # fmt: skip
        return m

"""The loops of a job on the results' side: which sums are sent, and with which channel."""

from amaranth import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from macsmith.array.engine.job_ports import job_layout
from macsmith.array.engine.operand_loops import use_layout
from macsmith.array.engine.requantiser import picked_layout
from macsmith.array.engine.spec import EngineSpec
from macsmith.array.stream_layouts import column_layout
from macsmith.mac.operand_registers import split


class Drain(wiring.Component):
    """Columns of sums in, ``out_lanes`` sums of one channel a cycle out.

    A PE's column has ``c`` columns of C, of ``rows * a`` sums each. They leave one after the
    other, each in groups of ``out_lanes``. Rows beyond M do not leave; columns beyond N are
    dropped, a cycle for each column of PEs.

    Parameters
    ----------
    spec:
        The engine.

    Members
    -------
    start : In(1)
        Begin the job.
    job : In(job_layout(spec))
        The job; it must stay.
    i : In(stream.Signature(column_layout(spec.array)))
        Columns of sums.
    channel_ready : In(1)
        The next channel can be read.
    channel : Out(use_layout())
        What happens to the word of the channel; it is read with its first group of sums.
    o : Out(stream.Signature(picked_layout(spec)))
        Sums; the last beat is the job's.
    active : Out(1)
        There are columns to come.
    """

    start: Signal
    job: data.View
    i: stream.Interface
    channel_ready: Signal
    channel: data.View
    o: stream.Interface
    active: Signal

    def __init__(self, spec: EngineSpec) -> None:
        self.spec = spec
        super().__init__(
            {
                "start": In(1),
                "job": In(job_layout(spec)),
                "i": In(stream.Signature(column_layout(spec.array))),
                "channel_ready": In(1),
                "channel": Out(use_layout()),
                "o": Out(stream.Signature(picked_layout(spec))),
                "active": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, job, lanes = self.spec, self.job, self.spec.out_lanes
        # Groups of sums as they leave: of each column of C its rows in turn.
        sums = split(self.i.payload.sums, spec.array.acc_width)
        padding = [Const(0, spec.array.acc_width)] * (-spec.tile_rows % lanes)
        columns = [[*sums[col :: spec.array.c], *padding] for col in range(spec.array.c)]
        count = len(columns[0]) // lanes
        groups = [
            Cat(column[group * lanes : (group + 1) * lanes])
            for column in columns
            for group in range(count)
        ]

        rows = Signal.like(job.m)
        cols = Signal.like(job.n)
        # Rows of this column of C that are left.
        left = Signal(range(spec.tile_rows + 1))
        # A bit at least: Verilog has no signals without any.
        group = Signal(range(max(2, count)))
        place = Signal(range(max(2, len(groups))))
        last_group = Signal()
        last_col = Signal()
        last_row = Signal()
        outside = Signal()
        ends = Signal()
        fire = Signal()
        free = Signal()
        passed = Signal()
        m.d.comb += [
            last_group.eq(1 if count == 1 else left <= lanes),
            last_col.eq(cols == 1),
            last_row.eq(rows <= spec.tile_rows),
            outside.eq(cols == 0),
            # The column of PEs has no further column of C.
            ends.eq(last_group & (last_col | (place >= len(groups) - count))),
            free.eq(~self.o.valid | self.o.ready),
            fire.eq(self.active & self.i.valid & ~outside & free & (job.raw | self.channel_ready)),
            self.i.ready.eq(self.active & (outside | (fire & ends))),
            passed.eq(self.i.valid & self.i.ready),
        ]

        def height(rows: Value) -> Value:
            return Mux(rows < spec.tile_rows, rows, spec.tile_rows)

        with m.If(free):
            m.d.sync += self.o.valid.eq(fire)
        with m.If(fire):
            picked = (
                Cat(groups).word_select(place, len(groups[0])) if len(groups) > 1 else groups[0]
            )
            m.d.sync += [
                self.o.payload.sums.eq(picked),
                self.o.payload.present.eq(Cat(left > lane for lane in range(lanes))),
                self.o.payload.last.eq(last_group & last_col & last_row),
                group.eq(Mux(last_group, 0, group + 1)),
                left.eq(Mux(last_group, height(rows), left - lanes)),
                place.eq(Mux(ends, 0, place + Mux(last_group, count - group, 1))),
                cols.eq(cols - last_group),
            ]
        following = Signal.like(rows)
        m.d.comb += following.eq(rows - spec.tile_rows)
        with m.If(passed & self.i.payload.last & (outside | last_col)):
            m.d.sync += [
                rows.eq(following),
                left.eq(height(following)),
                cols.eq(job.n),
                self.active.eq(~last_row),
            ]
        with m.If(self.start):
            m.d.sync += [
                rows.eq(job.m), left.eq(height(job.m)), cols.eq(job.n), self.active.eq(1),
            ]  # fmt: skip

        channel = self.channel
        m.d.comb += [
            channel.read.eq(fire & ~job.raw & (group == 0)),
            channel.advance.eq(fire & ~job.raw & last_group),
            channel.release.eq(~job.hold_channels | (last_row & ~job.keep)),
            channel.rewind.eq(job.hold_channels & last_col & (~last_row | job.keep)),
            channel.may_end.eq(last_col),
            channel.must_end.eq(last_col & last_row),
        ]
        return m

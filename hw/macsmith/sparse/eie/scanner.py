"""Activations that are not zero, one a cycle, from the rows of all PEs' sources."""

from collections.abc import Mapping

from amaranth import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.mac.operand_registers import split
from macsmith.sparse.eie.leading_nonzero import LeadingNonzero, leading
from macsmith.sparse.eie.spec import CYCLES, EieSpec


class Scanner(wiring.Component):
    """Reads row after row, and broadcasts what is not zero in it, the lowest PE's first.

    A row takes as many cycles as it has such values, and one if it has none. A value is held in a
    register until no PE's queue is full. The run is over when all PEs are idle.

    Parameters
    ----------
    spec:
        The engine.
    nodes:
        Modules of the tree, by `leading_nonzero.node_modules`.

    Members
    -------
    begins : In(1)
        A run begins; its first row is read in this cycle.
    inputs : In
        Activations that it has.
    read, read_at : Out
        A row is read.
    values : In(pes * data_width)
        What was read last.
    full, busy : In(1)
        Whether one of the queues has no room, or one of the PEs has work.
    push, column, act : Out
        A broadcast.
    finished : Out(1)
        The run is over in this cycle.
    cycles : Out(32)
        Cycles of the run so far, this one not counted.
    """

    begins: Signal
    inputs: Signal
    read: Signal
    read_at: Signal
    values: Signal
    full: Signal
    busy: Signal
    push: Signal
    column: Signal
    act: Signal
    finished: Signal
    cycles: Signal

    def __init__(self, spec: EieSpec, nodes: Mapping[str, LeadingNonzero]) -> None:
        self.spec, self.nodes = spec, nodes
        super().__init__(
            {
                "begins": In(1), "inputs": In(range(spec.columns + 1)),
                "read": Out(1), "read_at": Out(range(spec.depth)),
                "values": In(spec.pes * spec.data_width), "full": In(1), "busy": In(1),
                "push": Out(1), "column": Out(range(spec.columns)), "act": Out(spec.data_width),
                "finished": Out(1), "cycles": Out(CYCLES),
            }
        )  # fmt: skip

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        low = (spec.pes - 1).bit_length()
        running = Signal()
        scanning = Signal()
        row = Signal(range(spec.depth))
        left = Signal(spec.pes, init=2**spec.pes - 1)
        some = Signal(spec.pes)
        values = split(self.values, spec.data_width)
        m.d.comb += [
            bit.eq(here & value.any()) for bit, here, value in zip(some, left, values, strict=True)
        ]
        found, value, place = leading(m, self.nodes, some, values)
        broadcast = Signal()
        free = Signal()
        picks = Signal()
        after = Signal(spec.pes)
        row_done = Signal()
        ends = Signal()
        m.d.comb += [
            self.push.eq(broadcast & ~self.full), free.eq(~broadcast | self.push),
            picks.eq(scanning & found & free),
            *(
                bit.eq(one & (place != pe if low else 0))
                for pe, (bit, one) in enumerate(zip(after, some, strict=True))
            ),
            row_done.eq(scanning & Mux(found, free & ~after.any(), 1)),
            ends.eq(row == (self.inputs - 1) >> low),
            self.read.eq(self.begins | (row_done & ~ends)),
            self.read_at.eq(Mux(self.begins, 0, row + 1)),
            self.finished.eq(running & ~scanning & ~broadcast & ~self.busy),
        ]  # fmt: skip
        m.d.sync += broadcast.eq(picks | (broadcast & ~self.push))
        with m.If(picks):
            m.d.sync += [self.act.eq(value), self.column.eq(place + (row << low)), left.eq(after)]
        with m.If(row_done):
            m.d.sync += [left.eq(2**spec.pes - 1), row.eq(row + 1), scanning.eq(~ends)]
        with m.If(running):
            m.d.sync += self.cycles.eq(self.cycles + 1)
        with m.If(self.finished):
            m.d.sync += running.eq(0)
        with m.If(self.begins):
            m.d.sync += [running.eq(1), scanning.eq(1), row.eq(0), self.cycles.eq(0)]
        return m

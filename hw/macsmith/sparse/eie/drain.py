"""The results of a run, row by row of all PEs."""

from typing import Any

from amaranth import Array, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from macsmith.mac.operand_registers import split
from macsmith.sparse.eie.spec import CYCLES, EieSpec


class Drain(wiring.Component):
    """Reads a row of sums and gives those of the PEs one after the other; a cycle more a row.

    Parameters
    ----------
    spec:
        The engine.

    Members
    -------
    start : In(1)
        A run is over.
    outputs : In
        Results that it has.
    error, cycles : In
        What goes with the last.
    show, read_at : Out
        A row of sums is read.
    values : In(pes * data_width)
        What was read last.
    o : Out(stream.Signature(spec.output_layout))
        Results.
    """

    start: Signal
    outputs: Signal
    error: Signal
    cycles: Signal
    show: Signal
    read_at: Signal
    values: Signal
    o: Any

    def __init__(self, spec: EieSpec) -> None:
        self.spec = spec
        super().__init__(
            {
                "start": In(1), "outputs": In(range(spec.columns + 1)),
                "error": In(1), "cycles": In(CYCLES),
                "show": Out(1), "read_at": Out(range(spec.depth)),
                "values": In(spec.pes * spec.data_width),
                "o": Out(stream.Signature(spec.output_layout)),
            }
        )  # fmt: skip

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, out = self.spec, self.o.payload
        row = Signal(range(spec.depth))
        pe = Signal(spec.pe_bits)
        left = Signal(range(spec.columns + 1))
        moves = Signal()
        # A net of its own: to Verilator, a word whose bits depend on others of it is a loop.
        last = Signal()
        m.d.comb += [
            self.read_at.eq(row), moves.eq(self.o.valid & self.o.ready), last.eq(left == 1),
            out.value.eq(Array(split(self.values, spec.data_width))[pe]), out.last.eq(last),
            out.error.eq(last & self.error), out.cycles.eq(Mux(last, self.cycles, 0)),
        ]  # fmt: skip
        m.d.sync += self.show.eq(self.start)
        with m.If(self.start):
            m.d.sync += [row.eq(0), pe.eq(0), left.eq(self.outputs)]
        with m.If(self.show):
            m.d.sync += self.o.valid.eq(1)
        with m.If(moves):
            m.d.sync += [pe.eq(pe + 1), left.eq(left - 1)]
            with m.If(last):
                m.d.sync += self.o.valid.eq(0)
            with m.Elif(pe == spec.pes - 1):
                m.d.sync += [self.o.valid.eq(0), self.show.eq(1), row.eq(row + 1), pe.eq(0)]
        return m

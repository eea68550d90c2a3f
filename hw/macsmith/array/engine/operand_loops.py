"""The loops of a job on the operands' side: which words are read, and which of them stay."""

from typing import Any

from amaranth import Cat, Const, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from macsmith.array.engine.job_ports import PASS_BITS, job_layout
from macsmith.array.engine.spec import EngineSpec


def use_layout() -> data.StructLayout:
    """Return the layout of what happens to a word that is read.

    Members
    -------
    read, advance, release, rewind
        As the ports of a `Buffer`.
    may_end, must_end
        Whether a packet may end with the word, and whether it must.
    """
    names = ("read", "advance", "release", "rewind", "may_end", "must_end")
    return data.StructLayout(dict.fromkeys(names, 1))


class Sequencer(wiring.Component):
    """``for m-tile: for n-tile: for step: for pass``, an iteration each time ``issue`` is up.

    Parameters
    ----------
    spec:
        The engine.

    Members
    -------
    start : In(1)
        Begin the job; its first iteration is in the next cycle.
    job : In(job_layout(spec))
        The job; it must stay.
    issue : In(1)
        The operands of the present iteration are read; only if ``active``.
    active : Out(1)
        There is an iteration.
    act, weight : Out(use_layout())
        What happens to the words of activations and of weights. The activations of a step are
        read in its first pass.
    last : Out(1)
        The iteration is the last of its tile.
    used : Out(most elements of K in a step)
        Of each element of K whether the step has it; the last step may lack some.
    """

    start: Signal
    job: data.View
    issue: Signal
    active: Signal
    act: data.View
    weight: data.View
    last: Signal
    used: Signal

    def __init__(self, spec: EngineSpec) -> None:
        self.spec = spec
        self.lengths = [spec.step_length(mode) for mode in range(len(spec.points))]
        super().__init__(
            {
                "start": In(1),
                "job": In(job_layout(spec)),
                "issue": In(1),
                "active": Out(1),
                "act": Out(use_layout()),
                "weight": Out(use_layout()),
                "last": Out(1),
                "used": Out(max(self.lengths)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, job = self.spec, self.job
        rows = Signal.like(job.m)
        cols = Signal.like(job.n)
        depth = Signal.like(job.k)
        turn = Signal(PASS_BITS)
        length: Any = self.lengths[0]
        if len(self.lengths) > 1:
            width = max(self.lengths).bit_length()
            length = Cat(Const(n, width) for n in self.lengths).word_select(job.mode, width)
        first_pass = Signal()
        last_pass = Signal()
        last_step = Signal()
        last_col = Signal()
        last_row = Signal()
        m.d.comb += [
            first_pass.eq(turn == 0),
            last_pass.eq(turn + 1 == job.passes),
            last_step.eq(depth <= length),
            last_col.eq(cols <= spec.tile_cols),
            last_row.eq(rows <= spec.tile_rows),
            self.last.eq(last_step & last_pass),
            self.used.eq(Cat(depth > element for element in range(len(self.used)))),
        ]
        with m.If(self.issue):
            m.d.sync += turn.eq(Mux(last_pass, 0, turn + 1))
            with m.If(last_pass):
                m.d.sync += depth.eq(Mux(last_step, job.k, depth - length))
            with m.If(self.last):
                m.d.sync += cols.eq(Mux(last_col, job.n, cols - spec.tile_cols))
            with m.If(self.last & last_col):
                m.d.sync += [rows.eq(rows - spec.tile_rows), self.active.eq(~last_row)]
        with m.If(self.start):
            m.d.sync += [
                rows.eq(job.m), depth.eq(job.k), cols.eq(job.n), turn.eq(0), self.active.eq(1),
            ]  # fmt: skip

        act, weight = self.act, self.weight
        m.d.comb += [
            act.read.eq(self.issue & first_pass),
            act.advance.eq(self.issue & last_pass),
            act.release.eq(~job.hold_acts | last_col),
            act.rewind.eq(job.hold_acts & last_step & ~last_col),
            act.may_end.eq(last_step),
            act.must_end.eq(last_step & last_col & last_row),
            weight.read.eq(self.issue),
            weight.advance.eq(self.issue),
            weight.release.eq(~job.hold_weights | (last_row & ~job.keep)),
            weight.rewind.eq(job.hold_weights & self.last & last_col & (~last_row | job.keep)),
            weight.may_end.eq(self.last),
            weight.must_end.eq(self.last & last_col & last_row),
        ]
        return m

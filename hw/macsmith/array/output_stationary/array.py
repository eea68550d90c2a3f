"""The systolic array behind two streams: the operands of a step in, columns of sums out."""

from collections.abc import Mapping
from typing import Any

from amaranth import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import Out

from macsmith.arith.onehot_mux import decode
from macsmith.array.output_stationary.act_serialiser import ActFeeder
from macsmith.array.output_stationary.collector import Collector
from macsmith.array.pe.grid import Grid
from macsmith.array.pe.tensor_pe import TensorPe
from macsmith.array.skew import delayed, skewed
from macsmith.array.spec import SystolicSpec
from macsmith.array.stream_layouts import column_layout, step_layout
from macsmith.mac.operand_registers import split
from macsmith.mac.operand_routing import members, routed
from macsmith.rtl.named_signal import wired
from macsmith.rtl.stream_component import StreamComponent


class Systolic(StreamComponent):
    """A stream of steps in, a stream of columns of sums out.

    The beats up to ``last`` form a tile: ``sums = sum over beats of act @ weight``, where ``act``
    has ``rows * a`` rows and ``weight`` has ``cols * c`` columns. A beat is taken in each cycle;
    a pause between beats is a step of zeros. The last beat of a tile waits for
    `SystolicSpec.tile_interval` cycles since that of the tile before, and for room in the
    collector. The first column of sums is valid `SystolicSpec.latency` cycles after the last beat
    was taken, the others every other cycle.

    Of joint density bounds a beat brings whole blocks and is taken at the last of ``keep`` cycles,
    in which an activation of each block enters the grid: see `ActFeeder`.

    ``rst`` drops everything in flight.

    Parameters
    ----------
    spec:
        The array.

    Members
    -------
    i : In(stream.Signature(step_layout(spec)))
        Operands.
    o : Out(stream.Signature(column_layout(spec)))
        Sums.
    fault : Out(1)
        A weight came with an index that its slot cannot have; absent unless density bound. Slot s
        of a block holds the s-th of its weights, so that its index is ``s`` at least. Of joint
        density bounds: the indices of a block do not rise.
    """

    fault: Signal

    def __init__(self, spec: SystolicSpec) -> None:
        self.spec, self.pe = spec, TensorPe(spec)
        self.grid, self.collector = Grid(self.pe), Collector(spec)
        if spec.zeros.serial_acts:
            self.feeder = ActFeeder(spec)
        ports = {"fault": Out(1)} if spec.zeros.index_bits else {}
        super().__init__(step_layout(spec), column_layout(spec), **ports)

    @property
    def parts(self) -> Mapping[str, wiring.Component]:
        """Components that are instantiated by module name."""
        feeding = self.feeder.parts if self.spec.zeros.serial_acts else {}
        return {**self.grid.parts, **feeding, **self.collector.parts}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        m.submodules.grid = grid = self.grid
        m.submodules.collector = collector = self.collector
        beat = self.i.payload

        accept = Signal()
        ends = Signal()
        # The cycle after a last beat, with a beat or without: its sums leave the accumulators.
        # After reset they are cleared.
        ended = Signal(init=1)
        # Until the sums of the tile before are out; after reset, until the registers are.
        wait = Signal(range(spec.tile_interval + 1), init=spec.tile_interval)
        ready = ~(self.i.valid & beat.last & (wait.any() | ~collector.room))
        step: Value = accept
        if spec.zeros.serial_acts:
            m.submodules.feeder = feeder = self.feeder
            m.d.comb += [
                feeder.acts.eq(beat.a), feeder.keep.eq(beat.keep), feeder.valid.eq(self.i.valid),
                feeder.room.eq(ready),
            ]  # fmt: skip
            ready, step = feeder.final & feeder.room, feeder.step
        m.d.comb += [
            self.i.ready.eq(ready),
            accept.eq(self.i.valid & self.i.ready),
            ends.eq(accept & beat.last),
            collector.reserve.eq(ends),
        ]
        m.d.sync += ended.eq(ends)
        with m.If(ends):
            m.d.sync += wait.eq(spec.tile_interval - 1)
        with m.Elif(wait.any()):
            m.d.sync += wait.eq(wait - 1)

        is_in, fresh = self._modes(m, beat, accept, collector)
        field = self.feeder.values if spec.zeros.serial_acts else beat.a
        acts = routed(is_in, wired(m, "a", field), spec.mac.modes, spec.act_source)
        weights = routed(is_in, wired(m, "w", beat.w), spec.mac.modes, spec.weight_source)
        # The registers in front of the grid are those in its PEs.
        act_words = split(wired(m, "acts", Mux(step, acts, 0)), spec.act_field_bits)
        weight_words = split(wired(m, "weights", weights), spec.weight_field_bits)
        operands = self.pe.operands
        indices = split(beat.index, spec.zeros.index_bits) if spec.zeros.index_bits else []
        kept_weights = self.pe.core.kept_weights(m, weight_words)
        weight_words, wrong = operands.tag_weights(m, kept_weights, indices)
        if spec.zeros.index_bits:
            with m.If(accept & wrong):
                m.d.sync += self.fault.eq(1)
        act_words = operands.tag_acts(act_words)
        if spec.zeros.serial_acts:
            places = split(self.feeder.places, spec.zeros.index_bits)
            act_words = [Cat(pair) for pair in zip(act_words, places, strict=True)]
        control: Any = Signal(self.pe.control_layout)
        m.d.comb += control.first.eq(ended | fresh)
        if len(spec.mac.modes) > 1:
            m.d.comb += control.done.eq(ended)
        if spec.mac.marks_pauses:
            m.d.comb += control.live.eq(step)
        if spec.zeros.serial_acts:
            m.d.comb += control.fresh.eq(self.feeder.begins)
        for name, sets in spec.control_sets.items():
            m.d.comb += control[name].eq(members(is_in, spec.mac.modes, sets))
        controls = delayed(m, "control", control.as_value(), spec.rows)
        m.d.comb += [
            grid.act.eq(skewed(m, "act", Cat(act_words), self.pe.width("act"))),
            grid.weight.eq(skewed(m, "weight", Cat(weight_words), self.pe.width("weight"))),
            grid.control.eq(Cat(controls)),
            collector.sums.eq(grid.sum),
            # From the last beat to the sum registers of the first PE.
            collector.start.eq(delayed(m, "ended", ends, spec.mac.stages + 3)[-1]),
        ]
        wiring.connect(m, wiring.flipped(self.o), collector.o)
        return m

    def _modes(
        self, m: Module, beat: Value, accept: Value, collector: Collector
    ) -> tuple[list[Value], Value]:
        """Return a line for each mode, and whether this beat is the first in it.

        Between tiles the mode is still that of the tile before, whose sums are on their way.
        """
        modes = len(self.spec.mac.modes)
        if modes == 1:
            return [Const(1, 1)], Const(0, 1)
        fresh = Signal(init=1)
        held = Signal(range(modes))
        mode = Signal(range(modes))
        m.d.comb += [mode.eq(Mux(fresh & accept, beat.mode, held)), collector.mode.eq(mode)]
        with m.If(accept):
            m.d.sync += [fresh.eq(beat.last), held.eq(mode)]
        return decode(m, mode, modes, "is_in"), fresh & accept

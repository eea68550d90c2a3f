"""The systolic array behind two streams: the operands of a step in, columns of sums out."""

from collections.abc import Mapping
from typing import Any

from amaranth import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from macsmith.arith.select import decode
from macsmith.array.collector import Collector
from macsmith.array.grid import Grid
from macsmith.array.layouts import column_layout, step_layout
from macsmith.array.operands import DensityBound, ZeroGated
from macsmith.array.pe import TensorPe
from macsmith.array.skew import delayed, skewed
from macsmith.array.spec import SystolicSpec
from macsmith.mac.feeder import split
from macsmith.mac.routing import members, routed
from macsmith.spec import Mode


class Systolic(wiring.Component):
    """A stream of steps in, a stream of columns of sums out.

    The beats up to ``last`` form a tile: ``sums = sum over beats of act @ weight``, where ``act``
    has ``rows * a`` rows and ``weight`` has ``cols * c`` columns. A beat is taken in each cycle;
    a pause between beats is a step of zeros. The last beat of a tile waits for
    `SystolicSpec.tile_interval` cycles since that of the tile before, and for room in the
    collector. The first column of sums is valid `SystolicSpec.latency` cycles after the last beat
    was taken, the others every other cycle.

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
        of a block holds the s-th of its weights, so that its index is ``s`` at least.
    """

    i: stream.Interface
    o: stream.Interface
    fault: Signal

    def __init__(self, spec: SystolicSpec) -> None:
        self.spec, self.grid = spec, Grid(spec)
        self.pe: TensorPe = self.grid.row.pe
        ports = {
            "i": In(stream.Signature(step_layout(spec))),
            "o": Out(stream.Signature(column_layout(spec))),
        }
        if spec.index_bits:
            ports["fault"] = Out(1)
        super().__init__(ports)

    @property
    def parts(self) -> Mapping[str, wiring.Component]:
        """Components that are instantiated by module name."""
        return self.grid.parts

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        m.submodules.grid = grid = self.grid
        m.submodules.collector = collector = Collector(spec)
        beat = self.i.payload

        accept, ends = Signal(), Signal()
        # A tile begins in the cycle after the last beat, with a beat or without; so does reset.
        begins = Signal(init=1)
        # Until the sums of the tile before are out; after reset, until the registers are.
        wait = Signal(range(spec.tile_interval + 1), init=spec.tile_interval)
        m.d.comb += [
            self.i.ready.eq(~(self.i.valid & beat.last & (wait.any() | ~collector.room))),
            accept.eq(self.i.valid & self.i.ready),
            ends.eq(accept & beat.last),
            collector.reserve.eq(ends),
        ]
        m.d.sync += [
            begins.eq(ends),
            wait.eq(Mux(ends, spec.tile_interval - 1, wait - wait.any())),
        ]

        is_in = self._modes(m, beat, accept, ends, collector)
        acts_in = routed(is_in, beat.a, spec.modes, spec.act_source)
        weights_in = routed(is_in, beat.w, spec.modes, spec.weight_source)
        # Signals, as each slice of an expression would be written as the whole of it.
        acts, weights = Signal(len(acts_in)), Signal(len(weights_in))
        m.d.comb += [acts.eq(Mux(accept, acts_in, 0)), weights.eq(weights_in)]
        act_bits, weight_bits = self.pe.core.element_widths
        # The registers in front of the grid are those in its PEs.
        act_words = split(acts, act_bits)
        weight_words = split(weights, weight_bits)
        tags = self._tags(m, weight_words, beat, accept)
        if isinstance(self.pe.operands, ZeroGated):
            act_words = [Cat(word, ~word.any()) for word in act_words]
        if tags:
            weight_words = [Cat(*pair) for pair in zip(weight_words, tags, strict=True)]
        control: Any = Signal(self.pe.control_layout)
        m.d.comb += control.clear.eq(begins)
        for name, sets in self._control_sets.items():
            m.d.comb += control[name].eq(members(is_in, spec.modes, sets))
        controls = delayed(m, "control", control.as_value(), spec.rows)
        m.d.comb += [
            grid.act.eq(skewed(m, "act", Cat(act_words), spec.a * spec.b * self.pe.act_element)),
            grid.weight.eq(
                skewed(m, "weight", Cat(weight_words), spec.c * spec.lanes * self.pe.weight_element)
            ),
            grid.control.eq(Cat(controls)),
            collector.sums.eq(grid.sum),
            # From the last beat to the sum registers of the first PE.
            collector.start.eq(delayed(m, "ended", ends, spec.stages + 3)[-1]),
        ]
        wiring.connect(m, wiring.flipped(self.o), collector.o)
        return m

    @property
    def _control_sets(self) -> dict[str, list[frozenset[Mode]]]:
        """The sets of modes that the control lines of a core stand for."""
        mac = self.spec.mac_spec
        sets = {
            "control": list(mac.control_sets),
            "acc_control": list(mac.acc_control_sets),
            "product_en": [group.modes for group in mac.product_groups],
            "acc_en": [group.modes for group in mac.acc_groups],
        }
        return {name: sets[name] for name in self.pe.mode_ports}

    def _modes(
        self, m: Module, beat: Value, accept: Value, ends: Value, collector: Collector
    ) -> list[Value]:
        """Return a line for each mode: that of the tile that is being taken."""
        modes = len(self.spec.modes)
        if modes == 1:
            return [Const(1, 1)]
        fresh, held, mode = Signal(init=1), Signal(range(modes)), Signal(range(modes))
        m.d.comb += [mode.eq(Mux(fresh, beat.mode, held)), collector.mode.eq(mode)]
        with m.If(accept):
            m.d.sync += [fresh.eq(beat.last), held.eq(mode)]
        return decode(m, mode, modes, "is_in")

    def _tags(self, m: Module, weights: list[Value], beat: Value, accept: Value) -> list[Value]:
        """Return what goes along with each weight."""
        operands = self.pe.operands
        if isinstance(operands, ZeroGated):
            return [~weight.any() for weight in weights]
        if not isinstance(operands, DensityBound):
            return []
        tags, faults = [], []
        for lane, index in enumerate(split(beat.index, self.spec.index_bits)):
            slot = lane % operands.nonzeros
            offset = Signal(range(-slot, operands.block - slot), name=f"offset_{lane}")
            m.d.comb += offset.eq(index - slot)
            faults.append((offset < 0) | (offset >= operands.choices))
            tags.append(offset[: operands.weight_tag])
        with m.If(accept & Cat(faults).any()):
            m.d.sync += self.fault.eq(1)
        return tags

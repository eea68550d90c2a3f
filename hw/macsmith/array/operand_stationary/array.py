"""The weight-stationary and the input-stationary array behind three streams."""

from collections.abc import Mapping, Sequence
from typing import Any

from amaranth import Cat, Const, Module, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from macsmith.array.operand_stationary.psum_bookkeeping import Layers
from macsmith.array.operand_stationary.psum_memory import KeptSums
from macsmith.array.pe.grid import Grid
from macsmith.array.pe.stationary_operand_pe import ChainedPe
from macsmith.array.skew import count, delayed, skewed
from macsmith.array.skewed_fifo import Bank, SkewedFifo
from macsmith.array.spec import SystolicSpec
from macsmith.mac.operand_registers import split
from macsmith.mac.operand_routing import routed
from macsmith.rtl.named_signal import wired

RESULTS = "macsmith_results"
"""The module of the memories of sums that leave."""


class ChainedSystolic(wiring.Component):
    """A stream of each operand in, a stream of sums out.

    Weight stationary: a tile holds ``rows b x cols c`` weights, which come in as ``rows`` beats,
    and meets steps of ``a`` rows of activations. Input stationary: it holds ``cols a x rows b``
    activations, and meets steps of ``c`` columns of weights. The step whose beat says ``last``
    ends the tile; the next one meets what was loaded meanwhile, and waits for that.

    A step is taken in each cycle, but for `SystolicSpec.tile_interval` from the first step of a
    tile to that of the next, `WeightStationary.layer_interval` from a step to the one that takes
    up its sums, and room for its sums if they leave. These are valid `SystolicSpec.latency` cycles
    after it was taken. A pause between steps is a step that nobody counts.

    ``rst`` drops everything in flight.

    Parameters
    ----------
    spec:
        The array.

    Members
    -------
    i_a : In(stream.Signature(act_layout(...)))
        Activations: of steps if weight stationary, else to be held.
    i_w : In(stream.Signature(weight_layout(...)))
        Weights: to be held if weight stationary, else of steps.
    o : Out(stream.Signature(sums_layout(spec)))
        Sums of final steps, in order.
    fault : Out(1)
        Tiles that add up have unequally many steps or too many, see `Layers`, or a weight came with
        an index that its slot cannot have. Up until reset.
    """

    i_a: stream.Interface
    i_w: stream.Interface
    o: stream.Interface
    fault: Signal

    def __init__(self, spec: SystolicSpec) -> None:
        self.spec, self.pe = spec, ChainedPe(spec)
        self.grid, self.kept = Grid(self.pe), KeptSums(spec)
        movement = spec.movement
        # As many words as a step finds ahead of its own when it is taken at once.
        self.bank = Bank(spec.a * spec.c * spec.acc_width, movement.latency)
        inputs = {name: In(stream.Signature(beat)) for name, beat in movement.input_structs.items()}
        output = Out(stream.Signature(movement.output_struct))
        super().__init__({**inputs, "o": output, "fault": Out(1)})

    @property
    def parts(self) -> Mapping[str, wiring.Component]:
        """Components that are instantiated by module name."""
        return {**self.grid.parts, **self.kept.parts, RESULTS: self.bank}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, pe = self.spec, self.pe
        m.submodules.grid = grid = self.grid
        m.submodules.layers = layers = Layers(spec)
        of = {"act": self.i_a, "weight": self.i_w}
        steps, loads = of[pe.moving], of[pe.held]
        step = steps.payload

        accept = Signal()
        begins = Signal(init=1)
        swap = Signal()
        final = Signal()
        room = Signal()
        shift, loaded = self._loading(m, loads, swap)
        m.d.comb += [
            steps.ready.eq((~begins | loaded) & (~step.final | room) & layers.ready),
            accept.eq(steps.valid & steps.ready),
            swap.eq(accept & begins),
            final.eq(accept & step.final),
            layers.accept.eq(accept),
            layers.begins.eq(begins),
            *(getattr(layers, flag).eq(step[flag]) for flag in ("fresh", "final", "last")),
        ]
        with m.If(accept):
            m.d.sync += begins.eq(step.last)

        # The registers in front of the grid are those in its PEs.
        words, wrong = self._words(m)
        with m.If((accept & (layers.wrong | wrong[pe.moving])) | (shift & wrong[pe.held])):
            m.d.sync += self.fault.eq(1)
        moving, held = Cat(self._by_row(words[pe.moving])), Cat(words[pe.held])
        swaps = delayed(m, "swap", swap, spec.rows)
        m.d.comb += [
            getattr(grid, pe.moving).eq(skewed(m, "moving", moving, len(moving) // spec.rows)),
            getattr(grid, pe.held).eq(skewed(m, "held", held, len(held) // spec.cols)),
            grid.control.eq(Cat(Cat(one, shift) for one in swaps)),
        ]
        m.d.comb += room.eq(self._sums(m, layers, step.last, final))
        return m

    def _loading(self, m: Module, loads: Any, swap: Value) -> tuple[Value, Value]:
        """Take held rows; return whether one comes in, and whether a tile's are all there.

        All rows of PEs move down at once. Those that wait for a swap must not, and the swap comes
        to the last row ``rows - 1`` cycles after it came to the first.
        """
        rows = self.spec.rows
        there = Signal(range(rows + 1))
        wait = Signal(range(max(2, rows - 1)))
        shift = Signal()
        loaded = there == rows
        m.d.comb += [loads.ready.eq(~loaded & ~wait.any()), shift.eq(loads.valid & loads.ready)]
        with m.If(swap):
            m.d.sync += [there.eq(0), wait.eq(max(0, rows - 2))]
        with m.Elif(wait.any()):
            m.d.sync += wait.eq(wait - 1)
        with m.Elif(shift):
            m.d.sync += there.eq(there + 1)
        return shift, loaded

    def _words(self, m: Module) -> tuple[dict[str, list[Value]], dict[str, Value]]:
        """Return the operands at the streams with their tags, and whether a tag is wrong."""
        spec, pe = self.spec, self.pe
        lines, acts, weights = [Const(1, 1)], self.i_a.payload, self.i_w.payload
        act_word = routed(lines, wired(m, "a", acts.a), spec.mac.modes, spec.act_source)
        weight_word = routed(lines, wired(m, "w", weights.w), spec.mac.modes, spec.weight_source)
        act_words = split(wired(m, "acts", act_word), spec.act_field_bits)
        weight_words = split(wired(m, "weights", weight_word), spec.weight_field_bits)
        indices = split(weights.index, spec.zeros.index_bits) if spec.zeros.index_bits else []
        kept_weights = pe.core.kept_weights(m, weight_words)
        tagged, wrong = pe.operands.tag_weights(m, kept_weights, indices)
        return (
            {"act": pe.operands.tag_acts(act_words), "weight": tagged},
            {"act": Const(0, 1), "weight": wrong},
        )

    def _by_row(self, words: Sequence[Value]) -> list[Value]:
        """Return the operands of a step row of PEs by row of PEs, the top one first.

        The row that comes in first goes down to the bottom, so K is turned upside down.
        """
        spec = self.spec
        side, length = spec.movement.moving_shape
        return [
            words[(line * spec.rows + row) * length + k]
            for row in reversed(range(spec.rows))
            for line in range(side)
            for k in range(length)
        ]

    def _sums(self, m: Module, layers: Layers, last: Value, final: Value) -> Value:
        """Keep sums or give them away; return whether there is room for a step more of these."""
        spec, grid = self.spec, self.grid
        m.submodules.kept = kept = self.kept
        m.submodules.results = results = SkewedFifo(RESULTS, self.bank, spec.cols, tag=1)
        # From a step to its sums below the first column.
        way = spec.rows + spec.mac.stages + 1
        left = delayed(m, "left", Cat(layers.keep, final, last), way)[-1]
        m.d.comb += [
            kept.write.eq(left[0]),
            kept.sums.eq(grid.sum_out),
            kept.read.eq(delayed(m, "take", layers.take, spec.mac.stages)[-1]),
            grid.sum_in.eq(kept.addend),
            results.write.eq(left[1]),
            results.word.eq(grid.sum_out),
            results.tag.eq(left[2]),
        ]
        promised = Signal(range(self.bank.depth + 1))
        count(m, promised, up=final, down=results.read)
        sums = wired(m, "sums", results.o.payload[:-1])
        m.d.comb += [
            self.o.valid.eq(results.o.valid),
            results.o.ready.eq(self.o.ready),
            self.o.payload.sums.eq(Cat(self._natural(m, sums))),
            self.o.payload.last.eq(results.o.payload[-1]),
        ]
        return promised != self.bank.depth

    def _natural(self, m: Module, sums: Signal) -> list[Value]:
        """Return the sums of a step row by row, each extended to ``acc_width`` bits."""
        spec = self.spec
        word = routed([Const(1, 1)], sums, spec.mac.modes, spec.sum_source)
        words = split(wired(m, "extended", word), spec.acc_width)
        return [words[place] for place in spec.movement.sum_order]

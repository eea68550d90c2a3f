"""The MAC as a designer instantiates it: a core behind two streams."""

from amaranth import Cat, Module, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from macsmith.mac.core import MacCore
from macsmith.mac.feeder import by_mode, routed
from macsmith.spec import MacSpec, Mode


def input_layout(spec: MacSpec) -> data.StructLayout:
    """Return the layout of an input beat: activations, weights, mode index, last.

    Lane 0 is lowest in ``a`` and in ``w``; bits that the mode does not use are ignored. A unit
    of one mode has no ``mode`` field.
    """
    fields: dict[str, object] = {"a": spec.act_port_width, "w": spec.weight_port_width}
    if len(spec.modes) > 1:
        fields["mode"] = range(len(spec.modes))
    return data.StructLayout(fields | {"last": 1})


class MacUnit(wiring.Component):
    """A stream of operand beats in, a stream of accumulations out.

    The beats up to ``last`` form one accumulation: ``acc = sum over beats, lanes of a * w``. Its
    mode is that of its first beat. Accumulators wrap modulo ``2 ** acc_bits``.

    A beat takes `MacSpec.cycles` of its mode, accumulations of one beat included, and its result
    is valid ``latency`` cycles after it was accepted. A result that is not taken stops the whole
    pipeline, so nothing is lost or repeated; ``o.ready`` reaches ``i.ready`` without a register.
    ``rst`` drops everything in flight.

    Parameters
    ----------
    core:
        The MAC style.

    Members
    -------
    i : In(stream.Signature(input_layout(spec)))
        Operand beats.
    o : Out(stream.Signature(spec.result_width))
        Accumulators, slot 0 lowest, contiguous; the last is extended to the port's top.
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, core: MacCore) -> None:
        self.core, self.spec = core, core.spec
        super().__init__(
            {
                "i": In(stream.Signature(input_layout(core.spec))),
                "o": Out(stream.Signature(core.spec.result_width)),
            }
        )

    def latency(self, mode: Mode) -> int:
        """Return the cycles from a last beat's transfer to its result's first valid cycle."""
        return self.spec.cycles(mode) + 2

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        m.submodules.core = core = self.core
        m.submodules.feeder = feeder = core.feeder()
        beat = self.i.payload

        # One valid bit a stage; a result that waits stops them all.
        go = Signal()
        accept = Signal()
        fresh = Signal(init=1)
        held, multiplied, finished = Signal(), Signal(), Signal()
        held_first, held_last = Signal(), Signal()
        multiplied_first, multiplied_last = Signal(), Signal()
        mode_in, mode_held, mode_multiplied, mode_finished = (
            Signal(range(len(spec.modes)), name=f"mode_{stage}")
            for stage in ("in", "held", "multiplied", "finished")
        )
        complete = Signal()
        m.d.comb += [
            go.eq(~self.o.valid | self.o.ready),
            self.i.ready.eq(go & (~held | feeder.done)),
            accept.eq(self.i.valid & self.i.ready),
            complete.eq(held & feeder.done),
            self.o.valid.eq(finished),
            mode_in.eq(mode_held),
        ]
        if len(spec.modes) > 1:
            with m.If(fresh):
                m.d.comb += mode_in.eq(beat.mode)
        with m.If(accept):
            m.d.sync += [
                fresh.eq(beat.last),
                held_first.eq(fresh),
                held_last.eq(beat.last),
                mode_held.eq(mode_in),
            ]
        with m.If(go):
            m.d.sync += [
                held.eq(accept | (held & ~feeder.done)),
                multiplied.eq(complete),
                finished.eq(multiplied & multiplied_last),
            ]
            with m.If(complete):
                m.d.sync += [
                    multiplied_first.eq(held_first),
                    multiplied_last.eq(held_last),
                    mode_multiplied.eq(mode_held),
                ]
            with m.If(multiplied):
                m.d.sync += mode_finished.eq(mode_multiplied)

        m.d.comb += [
            feeder.load.eq(accept),
            feeder.advance.eq(held & go),
            feeder.mode.eq(mode_held),
            core.act.eq(feeder.act),
            core.weight.eq(feeder.weight),
            core.first.eq(multiplied_first),
        ]
        if spec.step_names:
            m.d.comb += core.step.eq(feeder.step)

        def member_bits(sets: list[frozenset[Mode]], mode: Mode) -> int:
            return sum((mode in modes) << bit for bit, modes in enumerate(sets))

        product_sets = [group.modes for group in spec.product_groups]
        acc_sets = [group.modes for group in spec.acc_groups]
        product_live, acc_live = Signal(len(product_sets)), Signal(len(acc_sets))
        decoded = [
            (mode_held, product_live, product_sets),
            (mode_multiplied, acc_live, acc_sets),
        ]
        if spec.control_sets:
            decoded.append((mode_held, core.control, list(spec.control_sets)))
        if spec.acc_control_sets:
            decoded.append((mode_multiplied, core.acc_control, list(spec.acc_control_sets)))
        for mode, target, sets in decoded:
            by_mode(m, spec, mode, target, lambda choice, sets=sets: member_bits(sets, choice))
        m.d.comb += [
            core.product_en.eq(product_live & (held & go).replicate(len(product_live))),
            core.acc_en.eq(acc_live & (multiplied & go).replicate(len(acc_live))),
        ]

        by_mode(
            m, spec, mode_in, feeder.act_in,
            lambda mode: Cat(routed(beat.a, spec.act_source(mode))),
        )  # fmt: skip
        by_mode(
            m, spec, mode_in, feeder.weight_in,
            lambda mode: Cat(routed(beat.w, spec.weight_source(mode))),
        )  # fmt: skip
        by_mode(m, spec, mode_finished, self.o.payload, lambda mode: self._packed(mode))
        return m

    def _packed(self, mode: Mode):
        """Return the result of a mode, extended to the port's width."""
        sources = list(self.spec.acc_source(mode))
        missing = self.spec.result_width - len(sources)
        filler = [sources[-1] if self.spec.result_signed else None] * missing
        return Cat(routed(self.core.acc, (*sources, *filler)))

"""Operand registers of a MAC unit, and for serial styles the sequencer that reads them."""

from amaranth import Module, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from macsmith.mac.spec import MacSpec


class Feeder(wiring.Component):
    """Holds the operands of one beat and hands them to the core, step by step.

    Parameters
    ----------
    spec:
        The unit.
    element_widths:
        Bits of an element's activation and weight that the core takes in a step.

    Members
    -------
    load : In(1)
        Take ``act_in`` and ``weight_in``; the next cycle is step 0.
    advance : In(1)
        Go on to the next step, unless ``load`` starts anew.
    act_in, weight_in : In
        Operands as `MacSpec.act_source` and `MacSpec.weight_source` arrange them.
    mode : In(len(spec.modes))
        The mode of the beat that is held, one line for each.
    act, weight, step : Out
        As the core's ports of these names.
    acc_step : Out
        As the core's port of this name, but a step earlier.
    digit_done : Out(1)
        The present step ends a digit of a serial product; else without meaning.
    done : Out(1)
        The present step is the last of its beat.
    """

    load: Signal
    advance: Signal
    act_in: Signal
    weight_in: Signal
    mode: Signal
    act: Signal
    weight: Signal
    step: data.View
    acc_step: data.View
    digit_done: Signal
    done: Signal

    def __init__(self, spec: MacSpec, element_widths: tuple[int, int]) -> None:
        self.spec = spec
        act_width, weight_width = element_widths
        super().__init__(
            {
                "load": In(1),
                "advance": In(1),
                "act_in": In(len(spec.act_source(spec.modes[0]))),
                "weight_in": In(len(spec.weight_source(spec.modes[0]))),
                "mode": In(len(spec.modes)),
                "act": Out(spec.length * act_width),
                "weight": Out(spec.rows * spec.length * weight_width),
                "step": Out(data.StructLayout(dict.fromkeys(spec.step_names, 1))),
                "acc_step": Out(data.StructLayout(dict.fromkeys(spec.acc_step_names, 1))),
                "digit_done": Out(1),
                "done": Out(1),
            }
        )


def split(word: Value, width: int) -> list[Value]:
    """Return the pieces of ``width`` bits that a word consists of, the lowest first."""
    return [word[low : low + width] for low in range(0, len(word), width)]


class ParallelFeeder(Feeder):
    """Operand registers of a style that takes a whole beat at once."""

    def kept_weight(self, m: Module) -> Value:
        """Return what the weight register takes."""
        return self.weight_in

    def elaborate(self, platform: object) -> Module:
        m = Module()
        act = Signal(len(self.act), reset_less=True)
        weight = Signal(len(self.weight), reset_less=True)
        with m.If(self.load):
            m.d.sync += [act.eq(self.act_in), weight.eq(self.kept_weight(m))]
        m.d.comb += [
            self.act.eq(act),
            self.weight.eq(weight),
            self.digit_done.eq(1),
            self.done.eq(1),
        ]
        return m

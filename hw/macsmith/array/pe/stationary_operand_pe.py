"""The PE of the weight-stationary and of the input-stationary array: an operand that is held."""

from typing import Any

from amaranth import Module, Signal
from amaranth.lib import data

from macsmith.array.pe.tensor_pe import Pe
from macsmith.array.spec import SystolicSpec
from macsmith.mac.operand_registers import split


class ChainedPe(Pe):
    """``sum_out = sum_in + moving * held``: one operand moves right, the other stays, sums go down.

        moving_in -> [moving] -> moving_out
        held_in -> [coming] -> held_out,  [coming] -> [held]
        sum_in + [moving] * [held] -> [sum] -> sum_out

    Weights are held if the array is weight stationary, activations if it is input stationary.
    ``coming`` takes what comes from above while ``shift`` is up, and ``held`` takes ``coming``
    over when ``swap`` comes along with the first operands that are to meet it, so that the next
    tile's operands come in while this one's are at work. The sum register is the accumulator of
    the MAC. A sum is ``stages`` cycles later than the operands that enter it.
    """

    bottom = ("sum",)

    def __init__(self, spec: SystolicSpec) -> None:
        self.moving, self.held = spec.movement.moving, spec.movement.held
        self.right = (self.moving, "control")
        self.down = (self.held, "sum")
        super().__init__(spec)

    @property
    def control_layout(self) -> data.StructLayout:
        """Layout of what travels along: when held operands change, and when they move down."""
        return data.StructLayout({"swap": 1, "shift": 1})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        element = {"act": self.act_element, "weight": self.weight_element}
        moving_in, held_in = getattr(self, f"{self.moving}_in"), getattr(self, f"{self.held}_in")
        moving = Signal.like(moving_in, name=self.moving, reset_less=True)
        coming = Signal.like(held_in, name="coming", reset_less=True)
        held = Signal.like(held_in, name=self.held, reset_less=True)
        control: Any = Signal(self.control_layout)
        self.operands.load(m, moving, moving_in, element[self.moving])
        with m.If(self.control_in.shift):
            self.operands.load(m, coming, held_in, element[self.held])
        with m.If(self.control_in.swap):
            self.operands.load(m, held, coming, element[self.held])
        m.d.sync += control.eq(self.control_in)
        m.d.comb += [
            getattr(self, f"{self.moving}_out").eq(moving),
            getattr(self, f"{self.held}_out").eq(coming),
            self.control_out.eq(control),
        ]
        of = {self.moving: moving, self.held: held}
        sums = split(self.sum_in, self.spec.acc_width)
        accs = self.dots(m, of["act"], of["weight"], lambda k: {"sum_in": sums[k]})
        m.d.comb += self.sum_out.eq(accs)
        return m

"""A linear-feedback shift register that leaps several bits a clock."""

from amaranth import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .stimulus import LfsrSpec


class Lfsr(wiring.Component):
    """The bits of a shift register sequence, ``spec.width`` fresh ones each time it advances.

    It takes ``degree`` flip-flops and ``width`` two-input gates.

    Parameters
    ----------
    spec:
        The sequence and the bits a step.

    Members
    -------
    advance : In(1)
        Step to the next bits.
    bits : Out(width)
        Bits ``b[width * n]`` to ``b[width * (n + 1) - 1]`` after ``n`` steps.
    """

    def __init__(self, spec: LfsrSpec) -> None:
        self.spec = spec
        super().__init__({"advance": In(1), "bits": Out(spec.width)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        width, tap = self.spec.width, self.spec.tap
        state = Signal(self.spec.degree, init=self.spec.seed)
        fresh = Signal(width)
        m.d.comb += [
            self.bits.eq(state[:width]),
            fresh.eq(state[:width] ^ state[tap : tap + width]),
        ]
        with m.If(self.advance):
            m.d.sync += state.eq(Cat(state[width:], fresh))
        return m

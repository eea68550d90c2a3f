"""Small designs for the flow, and their RTLIL."""

from amaranth.back import rtlil
from amaranth.hdl import Cat, Elaboratable, Instance, Module, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class MultiplyAccumulate(wiring.Component):
    """``acc += a * w`` with an enable: unsigned 8 bits by signed 8 bits into 24."""

    a: In(8)
    w: In(signed(8))
    en: In(1)
    acc: Out(signed(24))

    def elaborate(self, platform: object) -> Module:
        m = Module()
        product = Signal(signed(17))
        with m.If(self.en):
            m.d.sync += [product.eq(self.a * self.w), self.acc.eq(self.acc + product)]
        return m


class FullAdder(wiring.Component):
    """Gate body of the leaf module macsmith_fa."""

    a: In(1)
    b: In(1)
    c: In(1)
    s: Out(1)
    co: Out(1)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        half = Signal()
        m.d.comb += [
            half.eq(self.a ^ self.b),
            self.s.eq(half ^ self.c),
            self.co.eq((self.a & self.b) | (half & self.c)),
        ]
        return m


class HalfAdder(wiring.Component):
    """Gate body of the leaf module macsmith_ha."""

    a: In(1)
    b: In(1)
    s: Out(1)
    co: Out(1)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.d.comb += [self.s.eq(self.a ^ self.b), self.co.eq(self.a & self.b)]
        return m


class RippleAccumulator(wiring.Component):
    """``acc += a`` over a chain of leaf modules: a half adder, then full adders."""

    a: In(8)
    acc: Out(8)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        total, carry = Signal(8), Signal(9)
        for k in range(8):
            ports = {"i_a": self.a[k], "i_b": self.acc[k], "o_s": total[k], "o_co": carry[k + 1]}
            if k == 0:
                m.submodules.ha_0 = Instance("macsmith_ha", **ports)
            else:
                m.submodules[f"fa_{k}"] = Instance("macsmith_fa", i_c=carry[k], **ports)
        m.d.sync += self.acc.eq(total)
        return m


class Chain(wiring.Component):
    """An 8-bit register to another through a hand-countable function."""

    a: In(2)
    q: Out(1)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        held = Signal(2)
        m.d.sync += [held.eq(self.a), self.q.eq(~(held[0] & held[1]))]
        return m


def rtlil_of(component: Elaboratable, name: str = "top") -> str:
    """Return the RTLIL of ``component`` and of the leaf modules that it may use."""
    leaves = [(FullAdder(), "macsmith_fa"), (HalfAdder(), "macsmith_ha")]
    parts = [(component, name), *leaves]
    return "\n".join(rtlil.convert(part, name=label, emit_src=False) for part, label in parts)

"""Small designs for the flow."""

from amaranth.hdl import Cat, Instance, Module, Signal, signed
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


class RippleAdder(wiring.Component):
    """``s = a + b`` of 8 bits: a half adder, then seven full adders, all leaf modules."""

    a: In(8)
    b: In(8)
    s: Out(9)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        carry = Signal(9)
        for k in range(8):
            ports = {
                "i_a": self.a[k],
                "i_b": self.b[k],
                "o_s": self.s[k],
                "o_co": carry[k + 1],
            }
            if k == 0:
                m.submodules.ha_0 = Instance("macsmith_ha", **ports)
            else:
                m.submodules[f"fa_{k}"] = Instance("macsmith_fa", i_c=carry[k], **ports)
        m.d.comb += self.s[8].eq(carry[8])
        return m


class CountOnes(wiring.Component):
    """``ones`` is how many of five bits are set: one 4:2 compressor, and gates for its carries."""

    bits: In(5)
    ones: Out(3)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        early, late = Signal(), Signal()
        inputs = {f"i_{port}": bit for port, bit in zip("abcde", self.bits, strict=True)}
        m.submodules.c42 = Instance(
            "macsmith_c42", **inputs, o_s=self.ones[0], o_co=late, o_cx=early
        )
        m.d.comb += self.ones[1:].eq(Cat(early ^ late, early & late))
        return m


class Nand(wiring.Component):
    """``q = !(a & b)`` between registers: one gate to time by hand."""

    a: In(1)
    b: In(1)
    q: Out(1)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        held = Signal(2, reset_less=True)
        result = Signal(reset_less=True)
        m.d.sync += [held.eq(Cat(self.a, self.b)), result.eq(~held.all())]
        m.d.comb += self.q.eq(result)
        return m

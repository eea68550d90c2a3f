"""Units with a fault on purpose: the benches must see each one."""

from amaranth import Cat, Module, Signal, Value

from macsmith.mac.data_gated import DataGated
from macsmith.mac.unit import MacUnit


class LosesCarry(DataGated):
    """The accumulator drops the carry from bit 9 to bit 10."""

    def accumulate(self, m: Module, product: Value, kept: Value) -> Value:
        low = Signal(10)
        m.d.comb += low.eq(product[:10] + kept[:10])
        sign = product[-1].replicate(4)
        return Cat(low, (Cat(product[10:], sign) + kept[10:])[:10])


class LosesSign(DataGated):
    """One partial product of the signed row is not inverted."""

    def multiply(self, m: Module, product: Signal) -> Value:
        right = super().multiply(m, product)
        wrong = self.act[6] & self.weight[7] & self.act[0] & ~self.act[1] & self.weight[0]
        return right ^ Cat(*[0] * 15, wrong)


class NeverFirst(MacUnit):
    """An accumulation goes on from the one before."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.comb += self.core.first.eq(0)
        return m


class LosesLast(MacUnit):
    """Results that follow one another come out once."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        before = Signal()
        m.d.sync += before.eq(self.o.valid & self.o.ready)
        with m.If(before):
            m.d.comb += self.o.valid.eq(0)
        return m


class AlwaysReady(MacUnit):
    """Beats are taken while the last one is still at work, or while a result waits."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.comb += self.i.ready.eq(1)
        return m


class ChangesResult(MacUnit):
    """A result that waits changes."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        toggle = Signal()
        m.d.sync += toggle.eq(~toggle)
        with m.If(~self.o.ready & toggle):
            m.d.comb += self.o.payload.eq(0)
        return m


class ReadyBeforeValid(MacUnit):
    """`o.valid` waits for `o.ready`."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        with m.If(~self.o.ready):
            m.d.comb += self.o.valid.eq(0)
        return m

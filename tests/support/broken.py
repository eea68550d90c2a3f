"""Units with a fault on purpose: the benches must see each one."""

from amaranth import Cat, Module, Signal, Value

from macsmith.arith.bit_heap import Rows
from macsmith.arith.compressor_tree import Bit
from macsmith.mac.parallel.data_gated import DataGated
from macsmith.mac.parallel.subword_st import SubwordSt
from macsmith.mac.unit import MacUnit


class LosesCarry(DataGated):
    """The accumulator drops the carry from bit 9 to bit 10."""

    def accumulate(self, m: Module, product: Rows, kept: Value) -> Value:
        low = self.heap(m, 10, "low")
        low.add_rows(Rows(product.columns[:10]))
        low.add_word(kept[:10])
        high = self.heap(m, 10, "high")
        high.add_rows(Rows(product.columns[10:], product.constant >> 10))
        high.add_word(kept[10:])
        return Cat(low.sum(), high.sum())


class LosesSign(DataGated):
    """One partial product of the signed row is not inverted."""

    def multiply(self, m: Module) -> Rows:
        right = super().multiply(m)
        wrong = self.act[6] & self.weight[7] & self.act[0] & ~self.act[1] & self.weight[0]
        return Rows((*right.columns[:-1], (*right.columns[-1], Bit(0, wrong))), right.constant)


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


class NeverGates(MacUnit):
    """Registers are clocked in every mode, whenever there is a beat."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        for enables in (self.core.product_en, self.core.acc_en):
            m.d.comb += enables.eq(self.i.valid.replicate(len(enables)))
        return m


class Wastes(SubwordSt):
    """Two operand bits that meet at full precision only are multiplied in every mode.

    The product, which then reaches an idle register bit alone, is lost there.
    """

    def multiply(self, m: Module) -> Rows:
        right = super().multiply(m)
        wasted = Signal()
        m.d.comb += wasted.eq(self.act[0] & self.weight[0])
        lowest = (Bit(0, right.columns[0][0].value ^ (wasted & ~self.act[0])),)
        return Rows((lowest, *right.columns[1:]), right.constant)


class RefusesOdd(MacUnit):
    """`i.ready` depends on an operand: an odd activation is taken in every other cycle."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        toggle = Signal()
        m.d.sync += toggle.eq(~toggle)
        with m.If(self.i.payload.a[0] & toggle):
            m.d.comb += self.i.ready.eq(0)
        return m


class StartsAwake(MacUnit):
    """A register that nothing resets, of which FPGAs load 1, holds the handshakes open."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        awake = Signal(init=1, reset_less=True)
        m.d.sync += awake.eq(awake)
        m.d.comb += self.i.ready.eq((~self.o.valid | self.o.ready) & awake)
        return m


class StartsAtZero(MacUnit):
    """The accumulator begins at what FPGAs load, rather than at a first product."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        begun = Signal(reset_less=True)
        with m.If(self.o.valid & self.o.ready):
            m.d.sync += begun.eq(1)
        m.d.comb += self.core.first.eq(begun)
        return m

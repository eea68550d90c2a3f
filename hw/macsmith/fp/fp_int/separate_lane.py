"""A lane whose integers have multipliers, an adder and an accumulator of their own.

    fp  ─▶ gate ─▶ significands ─▶ [products] ─▶ aligned ─▶ [sum] ─▶ + acc, rounded ─▶ [acc] ─┐
    int ─▶ gate ─▶ bricks, one heap ─▶ [sum] ─────────────▶ [sum] ─▶ + acc ──────────▶ [acc] ─┴▶

Registers of the pipeline that has nothing to do are not clocked, and nothing behind them toggles.
"""

from collections.abc import Mapping
from typing import Any

from amaranth import Const, Module, Mux, Signal, Value, signed

from macsmith.arith.chosen_heap import heap_of
from macsmith.arith.onehot_mux import select
from macsmith.fp.dot.accumulator import LateSum
from macsmith.fp.dot.lane import Lane
from macsmith.fp.dot.operands import LANE
from macsmith.fp.dot.stage import Held
from macsmith.fp.fp_int.int_bricks import BrickMode, SignedSum, exchanged
from macsmith.fp.fp_int.pe_lane import PeLane
from macsmith.fp.fp_int.spec import ACC_BITS, FpIntSpec
from macsmith.rtl.named_signal import wired


class SeparateLane(PeLane):
    """See `PeLane`."""

    def __init__(self, spec: FpIntSpec) -> None:
        super().__init__(spec)
        self.multiplier = Lane(spec.dot)

    @property
    def parts(self) -> Mapping[str, Any]:
        return {LANE: self.multiplier}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        fp, whole = self.is_fp(m), self.is_whole(m)
        code = self._floating(m, fp)
        number = self._integer(m, whole)
        now_whole = self.whole[2]
        m.d.comb += self.sum.eq(select([~now_whole, now_whole], [list(code), list(number)]))
        return m

    def _floating(self, m: Module, fp: Value) -> Signal:
        """Return the accumulator of floating point."""
        products = self.multiplier.connected(
            m, LANE, "multiplier", line=self.line[:2], a=self.isolated(m, "fp_a", fp),
            b=self.isolated(m, "fp_b", fp),
        )  # fmt: skip
        first = Held(m, "fp_multiplied", self.take[0] & fp)
        second = Held(m, "fp_added", self.take[1] & ~self.whole[0])
        third = Held(m, "fp", self.take[2] & ~self.whole[1])
        multiplied = self.held_products(m, products, first, first)
        added = self.held_sum(m, multiplied, second, second)
        acc = Signal(ACC_BITS, name="fp_acc", reset_less=True)
        total = LateSum(added.total, added.lsb)
        begins = self.opens & ~self.whole[1]
        following = self.accumulated(m, acc, begins, added, total)
        with m.If(third.go):
            m.d.sync += acc.eq(following)
        return acc

    def _integer(self, m: Module, whole: Value) -> Signal:
        """Return the accumulator of integers."""
        spec, pairs = self.spec, self.line[3]
        a, b = (self.isolated(m, name, whole) for name in ("int_a", "int_b"))
        mode = BrickMode(Const(1, 1), wired(m, "single", ~pairs), pairs)
        sums = SignedSum(heap_of(m, spec.dot, spec.sum_bits, "int_sum"), mode)
        sums.add_bricks(a, exchanged(m, "int_b_paired", b, pairs), range(spec.bricks))
        total = Signal(signed(spec.sum_bits), name="int_total")
        placed = Signal(signed(spec.sum_bits), name="int_placed")
        m.d.comb += [total.eq(sums.sum()), placed.eq(Mux(pairs, total >> 2, total))]
        one = Held(m, "int_multiplied", self.take[0] & whole).register("sum", placed)
        two = Held(m, "int_added", self.take[1] & self.whole[0]).register("sum", one)
        acc = Signal(ACC_BITS, name="int_acc", reset_less=True)
        both = heap_of(m, spec.dot, ACC_BITS, "int_next", leaves=False)
        both.add_word(two)
        both.add_word(self.from_nothing(m, acc, Const(1, 1)))
        following = both.sum()
        with m.If(self.take[2] & self.whole[1]):
            m.d.sync += acc.eq(following)
        return acc

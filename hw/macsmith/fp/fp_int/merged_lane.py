"""A lane whose integers go where floating point does: one multiplier, one adder, one accumulator.

    fp  ─▶ gate ─┐                                               ┌▶ rounded ─┐
                 ├▶ array ─▶ [products] ─▶ aligned ─▶ [sum] ─▶ + ┤           ├▶ [acc]
    int ─▶ gate ─┘                                             ▲ └───────────┘     │
                                                               └───────────────────┘

Exponents are zero with integers, so that aligners move nothing. Rounding sees zeros meanwhile, and
registers that are floating point's alone take zeros at the first beat and are not clocked further.
"""

from collections.abc import Mapping
from typing import Any

from amaranth import Cat, Const, Module, Signal, Value, signed

from macsmith.arith.onehot_mux import select
from macsmith.fp.dot.operands import LANE
from macsmith.fp.dot.spec import FpDotSpec
from macsmith.fp.dot.stage import Held
from macsmith.fp.fp_int.int_bricks import exchanged
from macsmith.fp.fp_int.merged_array import MergedArray
from macsmith.fp.fp_int.pe_lane import Added, PeLane
from macsmith.fp.fp_int.spec import ACC_BITS, FpIntSpec
from macsmith.fp.number.exponent import Exponent
from macsmith.fp.number.late_addend import added_late, places_below
from macsmith.fp.number.unpack import Unpacked


class MergedLane(PeLane):
    """See `PeLane`."""

    def __init__(self, spec: FpIntSpec) -> None:
        super().__init__(spec)
        self.multiplier = MergedArray(spec)

    @property
    def parts(self) -> Mapping[str, Any]:
        return {LANE: self.multiplier}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        fp, whole = self.is_fp(m), self.is_whole(m)
        products = self.multiplier.connected(
            m, LANE, "multiplier", line=self.line[:2], a=self.isolated(m, "fp_a", fp),
            b=self.isolated(m, "fp_b", fp), int_line=self.line[2:],
            int_a=self.isolated(m, "int_a", whole),
            int_b=exchanged(m, "int_b_paired", self.isolated(m, "int_b", whole), self.line[3]),
        )  # fmt: skip
        # What the aligners see of integers is zero from the first beat on.
        first = Held(m, "fp_multiplied", self.take[0] & (fp | self.fresh))
        second = Held(m, "fp_added", self.take[1] & ~self.whole[0])
        multiplied = self.held_products(m, products, first, Held(m, "multiplied", self.take[0]))
        added = self.held_sum(m, multiplied, second, Held(m, "added", self.take[1]))
        acc = Signal(ACC_BITS, name="acc", reset_less=True)
        now_fp = Signal(name="now_fp")
        m.d.comb += now_fp.eq(~self.whole[1])
        joined = _Joined(self, added, self.from_nothing(m, acc, self.whole[1]), now_fp)
        held = Signal(ACC_BITS, name="fp_before")
        m.d.comb += held.eq(acc & now_fp.replicate(ACC_BITS))
        code = self.accumulated(m, held, self.opens & now_fp, added, joined)
        following = select([now_fp, self.whole[1]], [list(code), list(joined.number)])
        with m.If(self.take[2]):
            m.d.sync += acc.eq(following)
        m.d.comb += self.sum.eq(acc)
        return m


class _Joined:
    """The sum of a beat and the accumulator, of floating point or of integers.

    Members
    -------
    number
        That of integers, once the sum is made.
    """

    number: Value

    def __init__(self, lane: PeLane, added: Added, acc: Value, fp: Value) -> None:
        self.added, self.acc, self.fp = added, acc, fp
        dot = lane.spec.dot
        width = dot.fraction_bits + 2
        word = 2 * dot.a_significand
        self.place = width - word + lane.multiplier.int_place

    def __call__(self, m: Module, spec: FpDotSpec, acc: Unpacked) -> tuple[Signal, Exponent]:
        fmt = spec.acc_format
        assert fmt is not None
        beside = Cat(Const(0, self.place), self.acc)
        total, lsb = added_late(m, "late", spec, self.added.total, self.added.lsb, acc, fmt, beside)
        place = places_below(fmt) + self.place
        self.number = total[place : place + ACC_BITS]
        alone = Signal(signed(len(total)), name="fp_total")
        m.d.comb += alone.eq(total & self.fp.replicate(len(total)))
        return alone, lsb

"""The hyperbolic tangent: its argument times a ratio that is one at zero.

    tanh x = x g(|x|)        g(z) = tanh(z) / z

The product is exact, so results near zero have all their bits, and the function is odd to the bit.
"""

from collections.abc import Sequence

from amaranth import Const, Module, Mux, Signal, Value

from macsmith.arith.chosen_heap import heap_of
from macsmith.arith.partial_products import add_product
from macsmith.fp.dot.stage import Stage
from macsmith.fp.number.exponent import Exponent
from macsmith.fp.number.rounding import overflow, rounded_magnitude
from macsmith.fp.number.unpack import unpack
from macsmith.functions.activations.range_argument import range_argument, top_of
from macsmith.functions.activations.spec import TanhSpec
from macsmith.functions.exponentials import kept_significand
from macsmith.functions.polynomial import evaluated
from macsmith.functions.result_code import Special, gradual, packed
from macsmith.functions.unit import FunctionUnit, carried


class TanhUnit(FunctionUnit):
    """A hyperbolic tangent.

    code ─▶ [x, range] ─▶ table ─▶ steps ─▶ [g] ─▶ x g ─▶ [product] ─▶ round ─▶ [code]
    """

    def lane(
        self, m: Module, name: str, code: Value, stages: Sequence[Stage]
    ) -> tuple[Value, Value]:
        spec: TanhSpec = self.spec
        fmt = spec.fmt
        taken, *steps, multiplied, _ = stages
        one = unpack(m, f"{name}_x", code, fmt)
        significand, top = kept_significand(spec, one), top_of(m, name, spec, one)
        word, beyond = range_argument(m, name, spec, significand, top)
        none = Const(0, 1)
        special = Special(none, one.nan, none, none, one.negative)
        most = (1 << spec.range_bits) - 1
        exponent = Signal(range(top.low - most, top.high + 1), name=f"{name}_lowered")
        m.d.comb += exponent.eq(top.value - spec.ratio.raised(word[-spec.range_bits :]))
        facts = {"size": significand, "top": exponent, "beyond": beyond | one.inf}
        facts = carried(name, {**facts, **special.flags}, [taken, *steps])
        value = evaluated(m, name, spec, spec.table, taken.register(f"{name}_word", word), steps)
        ratio = value[spec.table.steps.guard :]
        heap = heap_of(m, spec, len(ratio) + len(significand), f"{name}_product")
        add_product(heap, facts["size"], ratio)
        product = multiplied.register(f"{name}_product", heap.sum())
        facts = carried(f"{name}_p", {k: v for k, v in facts.items() if k != "size"}, [multiplied])
        lsb = Exponent(facts["top"], top.low - most, top.high).plus(
            m, f"{name}_lsb", -fmt.fraction_bits - spec.bits
        )
        number = rounded_magnitude(
            m, f"{name}_rounded", product, none, lsb, fmt, "nearest-even", overflow(fmt)
        )
        size = Mux(facts["beyond"], fmt.bias << fmt.fraction_bits, gradual(spec, number.code))
        return packed(m, name, spec, size, special.held(facts))

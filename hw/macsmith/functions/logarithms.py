"""Logarithms: the exponent of an argument, and a ratio that is smooth where the result is zero.

    log(m 2^e) = e log 2 + x (log(1 + x) / x)        x = m - 1, or m / 2 - 1 with e + 1 from 3/2 up

The product is exact, so that results near zero have all their bits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from amaranth import Cat, Const, Module, Mux, Signal, Value, signed

from macsmith.arith.chosen_heap import heap_of
from macsmith.arith.partial_products import add_product
from macsmith.fp.dot.stage import Stage
from macsmith.fp.number.exponent import Exponent
from macsmith.fp.number.rounding import rounded
from macsmith.functions.argument import argument
from macsmith.functions.constant_multiple import add_multiple
from macsmith.functions.fit.exact_values import constant
from macsmith.functions.fit.targets import LogarithmRatio, Target
from macsmith.functions.polynomial import evaluated
from macsmith.functions.result_code import Special, gradual, packed
from macsmith.functions.spec import FunctionSpec
from macsmith.functions.unit import FunctionUnit, carried


class LogarithmSpec(FunctionSpec):
    """One of them."""

    natural: ClassVar[bool]
    """Whether it is natural, or of two."""

    @property
    def stages_beside(self) -> int:
        return 4

    @property
    def target(self) -> Target:
        return LogarithmRatio(self.fmt.fraction_bits, self.natural)

    @property
    def point(self) -> int:
        """Bits below the point of the sum: those of ``x`` and those of the ratio."""
        return 2 * self.fmt.fraction_bits + 1 + self.table.steps.guard

    @property
    def unit(self) -> int:
        """The logarithm of two, in units of ``2^-unit_bits``."""
        return constant("ln2", self.unit_bits) if self.natural else 1

    @property
    def unit_bits(self) -> int:
        """Bits of it below the point: its error is a 64th of that of rounding."""
        return min(self.point, self.fmt.fraction_bits + 8) if self.natural else 0


@dataclass(frozen=True, kw_only=True)
class Log2Spec(LogarithmSpec):
    __doc__ = FunctionSpec.__doc__

    summary: ClassVar[str] = "logarithm of two, faithful, by piecewise polynomials"
    function = "log2"
    natural = False


@dataclass(frozen=True, kw_only=True)
class LnSpec(LogarithmSpec):
    __doc__ = FunctionSpec.__doc__

    summary: ClassVar[str] = "natural logarithm, faithful, by piecewise polynomials"
    function = "ln"
    natural = True


class LogarithmUnit(FunctionUnit):
    """A logarithm.

    code ─▶ [x, e] ─▶ table ─▶ steps ─▶ [ratio] ─▶ x ratio + e log 2 ─▶ [sum] ─▶ round ─▶ [code]
    """

    def lane(
        self, m: Module, name: str, code: Value, stages: Sequence[Stage]
    ) -> tuple[Value, Value]:
        spec: LogarithmSpec = self.spec
        fmt = spec.fmt
        taken, *steps, added, _ = stages
        one = argument(m, f"{name}_x", code, fmt, spec.keeps_subnormals)
        upper = one.fraction[-1]
        low, high = one.exponent.low, one.exponent.high + 1
        exponent = Signal(range(low, high + 1), name=f"{name}_exponent")
        m.d.comb += exponent.eq(one.exponent.value + upper)
        offset = Signal(signed(fmt.significand_bits), name=f"{name}_offset")
        m.d.comb += offset.eq(
            Mux(upper, Cat(one.fraction, Const(1, 1)), Cat(Const(0, 1), one.fraction))
        )
        invalid = one.negative & ~one.nan & ~one.zero
        none = Const(0, 1)
        special = Special(invalid, one.nan, one.zero | one.inf, none, none, one.zero)
        word = taken.register(f"{name}_argument", one.fraction)
        facts = {"offset": offset, "exponent": exponent, **special.flags}
        facts = carried(name, facts, [taken, *steps])
        ratio = evaluated(m, name, spec, spec.table, word, steps)
        width = spec.point + max(abs(low), high).bit_length() + 2
        heap = heap_of(m, spec, width, f"{name}_total")
        add_product(heap, facts["offset"], ratio, act_sign=True, weight_sign=ratio.shape().signed)
        add_multiple(
            heap, f"{name}_unit", facts["exponent"], spec.unit, spec.point - spec.unit_bits
        )
        total = added.register(f"{name}_total", heap.sum().as_signed())
        facts = carried(name, {what: facts[what] for what in special.flags}, [added])
        number = rounded(
            m, f"{name}_rounded", total, Exponent.constant(-spec.point), fmt, "nearest-even"
        )
        size = gradual(spec, number.code)
        held = special.held(facts)
        negative = held.pole | (number.negative & ~held.infinite)
        return packed(m, name, spec, size, replace(held, negative=negative))

"""Powers: the whole part of an argument is the exponent of the result.

2^x = 2^n 2^f        n = floor x, f = x - n
e^x = 2^(x log2 e)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from amaranth import Cat, Const, Module, Mux, Signal, Value, signed

from macsmith.arith.barrel_shift import shifted_right
from macsmith.arith.chosen_heap import heap_of
from macsmith.arith.conditional_negate import negated
from macsmith.fp.dot.stage import Stage
from macsmith.fp.number.exponent import Exponent
from macsmith.fp.number.unpack import Unpacked, first_exponent, unpack
from macsmith.functions.constant_multiple import add_multiple
from macsmith.functions.fit.exact_values import constant
from macsmith.functions.fit.targets import Power, Target
from macsmith.functions.polynomial import evaluated
from macsmith.functions.result_code import Special, code_of, packed
from macsmith.functions.spec import FunctionSpec
from macsmith.functions.unit import FunctionUnit, carried


class ExponentialSpec(FunctionSpec):
    """One of them."""

    natural: ClassVar[bool]
    """Whether the argument is multiplied by a constant first."""

    @property
    def stages_beside(self) -> int:
        return 4

    @property
    def fraction(self) -> int:
        """Bits of the fraction ``f``."""
        return self.fmt.fraction_bits + (3 if self.natural else 2)

    @property
    def target(self) -> Target:
        return Power(self.fmt.fraction_bits, self.fraction, self.natural)

    @property
    def integer(self) -> int:
        """Arguments of ``2^integer`` and more in magnitude overflow, or give zero."""
        fmt = self.fmt
        top = fmt.lsb + fmt.fraction_bits + fmt.span
        return max(top + 1, 1 - fmt.lsb, 2).bit_length()

    @property
    def factor(self) -> int:
        """What arguments are multiplied by, in units of ``2^-factor_bits``."""
        return constant("log2e", self.factor_bits) if self.natural else 1

    @property
    def factor_bits(self) -> int:
        """Bits of it below the point: an argument's last bit is good to an eighth."""
        return self.fraction + self.integer + 2 if self.natural else 0

    @property
    def aligned(self) -> int:
        """How far up a significand times the factor moves at the greatest exponent."""
        return self.integer - 1 - self.fmt.fraction_bits - self.factor_bits + self.fraction


@dataclass(frozen=True, kw_only=True)
class Exp2Spec(ExponentialSpec):
    __doc__ = FunctionSpec.__doc__

    summary: ClassVar[str] = "2^x, faithful, by piecewise polynomials"
    function = "exp2"
    natural = False


@dataclass(frozen=True, kw_only=True)
class ExpSpec(ExponentialSpec):
    __doc__ = FunctionSpec.__doc__

    summary: ClassVar[str] = "e^x, faithful, by piecewise polynomials"
    function = "exp"
    natural = True


class ExponentialUnit(FunctionUnit):
    """A power.

    code ─▶ [x log2 e] ─▶ shift, negate ─▶ [n, f] ─▶ table ─▶ steps ─▶ [code]
    """

    def lane(
        self, m: Module, name: str, code: Value, stages: Sequence[Stage]
    ) -> tuple[Value, Value]:
        spec: ExponentialSpec = self.spec
        taken, fixed, *steps, _ = stages
        one = unpack(m, f"{name}_x", code, spec.fmt)
        word, places, big = self._scaled(m, name, one)
        special = Special(
            Const(0, 1), one.nan, (one.inf | big) & ~one.negative, (one.inf | big) & one.negative,
            Const(0, 1),
        )  # fmt: skip
        facts = carried(
            name, {"word": word, "places": places, "minus": one.negative, **special.flags}, [taken]
        )
        moved, _ = shifted_right(m, f"{name}_moved", facts["word"], facts["places"])
        wide = Signal(signed(len(moved) + 1), name=f"{name}_wide")
        m.d.comb += wide.eq(moved)
        number = negated(m, f"{name}_fixed", wide, facts["minus"])
        whole = number[spec.fraction :].as_signed()
        argument = fixed.register(f"{name}_argument", number[: spec.fraction])
        flags = {what: facts[what] for what in special.flags}
        facts = carried(name, {"whole": whole, **flags}, [fixed, *steps])
        value = evaluated(m, name, spec, spec.table, argument, steps)
        limit = 1 << len(whole) - 1
        exponent = Exponent(facts["whole"], -limit, limit - 1)
        size = code_of(m, name, spec, value[spec.table.steps.guard :], exponent)
        return packed(m, name, spec, size, special.held(facts))

    def _scaled(self, m: Module, name: str, one: Unpacked) -> tuple[Value, Value, Value]:
        """Return a magnitude at the greatest exponent, how far it is below, and whether above."""
        spec: ExponentialSpec = self.spec
        fmt = spec.fmt
        significand = one.significand
        if fmt.subnormal and not spec.keeps_subnormals:
            significand = significand & significand[-1].replicate(len(significand))
        offset = fmt.lsb - first_exponent(fmt) + fmt.fraction_bits
        distance = Signal(
            range(spec.integer - 1 - offset - (1 << fmt.exponent_bits), spec.integer - offset),
            name=f"{name}_distance",
        )
        big = Signal(name=f"{name}_big")
        m.d.comb += [distance.eq(spec.integer - 1 - offset - one.exponent), big.eq(distance < 0)]
        if spec.natural:
            width = fmt.significand_bits + spec.factor.bit_length()
            heap = heap_of(m, spec, width, f"{name}_scaled")
            add_multiple(heap, f"{name}_scaled", significand, spec.factor)
            product: Value = heap.sum()
        else:
            product = significand
        up = max(0, spec.aligned)
        word = Cat(Const(0, up), product)[max(0, -spec.aligned) :]
        places = Signal(range(len(word) + 1), name=f"{name}_places")
        m.d.comb += places.eq(Mux(distance > len(word), len(word), distance))
        return word, places, big

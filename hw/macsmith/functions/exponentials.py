"""Powers: the whole part of an argument is the exponent of the result.

2^x = 2^n 2^f        n = floor x, f = x - n
e^x = 2^(x log2 e)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from amaranth import Cat, Const, Module, Mux, Signal, Value, signed

from macsmith.arith.barrel_shift import shifted_right
from macsmith.arith.chosen_heap import Adding, heap_of
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


@dataclass(frozen=True)
class Factor:
    """What arguments are multiplied by to become exponents of two in fixed point.

    Members
    -------
    constant, bits
        It, in units of ``2^-bits``; 1 and 0 if nothing is multiplied.
    integer
        Arguments of ``2^integer`` and more in magnitude are beyond.
    fraction
        Bits of exponents below the point.
    """

    constant: int
    bits: int
    integer: int
    fraction: int


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
    def factor(self) -> Factor:
        """The logarithm of e, by which an argument's last bit is good to an eighth, or one."""
        bits = self.fraction + self.integer + 2 if self.natural else 0
        number = constant("log2e", bits) if self.natural else 1
        return Factor(number, bits, self.integer, self.fraction)


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
        significand = kept_significand(spec, one)
        field, offset = exponent_of(spec, one)
        word, places, big = scaled(m, name, spec, spec.factor, significand, field, offset)
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


def kept_significand(spec: FunctionSpec, one: Unpacked) -> Value:
    """Return a significand, zero for numbers below the first binade if they do not count."""
    significand = one.significand
    if spec.fmt.subnormal and not spec.keeps_subnormals:
        return significand & significand[-1].replicate(len(significand))
    return significand


def exponent_of(spec: FunctionSpec, one: Unpacked) -> tuple[Exponent, int]:
    """Return the exponent field of a number, and what the top place's exponent is greater by."""
    fmt = spec.fmt
    field = Exponent(one.exponent, 0, (1 << fmt.exponent_bits) - 1)
    return field, fmt.lsb - first_exponent(fmt) + fmt.fraction_bits


def scaled(
    m: Module, name: str, how: Adding, factor: Factor, word: Value, field: Exponent, offset: int = 0
) -> tuple[Value, Value, Value]:
    """Return a magnitude times a factor at the greatest exponent, and how far it is below.

    And whether it is beyond.

    Parameters
    ----------
    word, field, offset:
        The magnitude, and the exponent of its top place, less the offset.
    """
    most = factor.integer - 1 - offset
    distance = Signal(range(most - 1 - field.high, most - field.low + 1), name=f"{name}_distance")
    big = Signal(name=f"{name}_big")
    m.d.comb += [distance.eq(most - field.value), big.eq(distance < 0)]
    product = word
    if factor.constant != 1:
        heap = heap_of(m, how, len(word) + factor.constant.bit_length(), f"{name}_scaled")
        add_multiple(heap, f"{name}_scaled", word, factor.constant)
        product = heap.sum()
    aligned = factor.integer - len(word) - factor.bits + factor.fraction
    found = Cat(Const(0, max(0, aligned)), product)[max(0, -aligned) :]
    places = Signal(range(len(found) + 1), name=f"{name}_places")
    m.d.comb += places.eq(Mux(distance > len(found), len(found), distance))
    return found, places, big

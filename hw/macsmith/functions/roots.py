"""Reciprocals and square roots: the exponent of a result follows from that of its argument.

1 / (m 2^e)       = (2 / m) 2^(-e - 1)            m from 1 up to 2
sqrt(m 2^2h)      = sqrt(m) 2^h                   m from 1 up to 4
1 / sqrt(m 2^2h)  = (2 / sqrt m) 2^(-h - 1)
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from amaranth import Cat, Const, Module, Signal, Value

from macsmith.fp.dot.stage import Stage
from macsmith.fp.number.exponent import Exponent
from macsmith.functions.argument import Argument, argument
from macsmith.functions.fit.targets import Reciprocal, ReciprocalRoot, SquareRoot, Target
from macsmith.functions.polynomial import evaluated
from macsmith.functions.result_code import Special, code_of, packed
from macsmith.functions.spec import FunctionSpec
from macsmith.functions.unit import FunctionUnit, carried


class RootSpec(FunctionSpec):
    """One of them."""

    halves: ClassVar[bool]
    """Whether a result's exponent is half its argument's."""

    inverts: ClassVar[bool]
    """Whether it falls where its argument rises."""

    @abstractmethod
    def special(self, one: Argument) -> Special:
        """Return what becomes of arguments that are not positive numbers."""

    def exponent(self, m: Module, name: str, given: Exponent) -> Exponent:
        """Return that of a result, whose argument has an exponent."""
        value, low, high = given.value, given.low, given.high
        if self.halves:
            value, low, high = value >> 1, low >> 1, high >> 1
        if self.inverts:
            # One less than the negative is the complement.
            value, low, high = -1 - value, -1 - high, -1 - low
        found = Signal(range(low, high + 1), name=f"{name}_exponent")
        m.d.comb += found.eq(value)
        return Exponent(found, low, high)


@dataclass(frozen=True, kw_only=True)
class ReciprocalSpec(RootSpec):
    __doc__ = FunctionSpec.__doc__

    summary: ClassVar[str] = "1 / x, faithful, by piecewise polynomials"
    function = "reciprocal"
    halves, inverts = False, True

    @property
    def target(self) -> Target:
        return Reciprocal(self.fmt.fraction_bits)

    def special(self, one: Argument) -> Special:
        """Zeros are poles; infinities give zeros."""
        return Special(Const(0, 1), one.nan, one.zero, one.inf, one.negative, one.zero)


@dataclass(frozen=True, kw_only=True)
class SqrtSpec(RootSpec):
    __doc__ = FunctionSpec.__doc__

    summary: ClassVar[str] = "square root, faithful, by piecewise polynomials"
    function = "sqrt"
    halves, inverts = True, False

    @property
    def target(self) -> Target:
        return SquareRoot(self.fmt.fraction_bits)

    def special(self, one: Argument) -> Special:
        """Numbers below zero have none; zeros give themselves."""
        invalid = one.negative & ~one.nan & ~one.zero
        return Special(invalid, one.nan, one.inf, one.zero, one.negative)


@dataclass(frozen=True, kw_only=True)
class RsqrtSpec(RootSpec):
    __doc__ = FunctionSpec.__doc__

    summary: ClassVar[str] = "1 / sqrt x, faithful, by piecewise polynomials"
    function = "rsqrt"
    halves, inverts = True, True

    @property
    def target(self) -> Target:
        return ReciprocalRoot(self.fmt.fraction_bits)

    def special(self, one: Argument) -> Special:
        """Numbers below zero have none; zeros are poles; infinity gives zero."""
        invalid = one.negative & ~one.nan & ~one.zero
        return Special(invalid, one.nan, one.zero, one.inf, one.negative, one.zero)


class RootUnit(FunctionUnit):
    """A reciprocal or a square root.

    code ─▶ [1.fraction, exponent] ─▶ table ─▶ steps ─▶ significand, exponent ─▶ [code]
    """

    def lane(
        self, m: Module, name: str, code: Value, stages: Sequence[Stage]
    ) -> tuple[Value, Value]:
        spec: RootSpec = self.spec
        taken, *steps, _ = stages
        one = argument(m, f"{name}_x", code, spec.fmt, spec.keeps_subnormals)
        exponent = spec.exponent(m, name, one.exponent)
        odd = one.exponent.value[:1] if spec.halves else ()
        word = taken.register(f"{name}_argument", Cat(one.fraction, odd))
        value = evaluated(m, name, spec, spec.table, word, steps)
        special = spec.special(one)
        facts = {"exponent": exponent.value, **special.flags}
        facts = carried(name, facts, [taken, *steps])
        size = code_of(
            m, name, spec, value[spec.table.steps.guard :],
            Exponent(facts["exponent"], exponent.low, exponent.high),
        )  # fmt: skip
        return packed(m, name, spec, size, special.held(facts))

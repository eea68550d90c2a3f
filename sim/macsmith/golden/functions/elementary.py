"""Models of elementary functions: tables read at whole numbers, results in float64 and rounded."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.formats.number_codes import Floats, decode, encode
from macsmith.formats.number_parts import Numbers
from macsmith.golden.functions.long_words import float_of, scaled_down
from macsmith.host.int64s import Int64s

Flags = NDArray[np.bool_]


def table_values(table: Any, arguments: Int64s) -> Int64s:
    """Return what the polynomials of a table give at its arguments."""
    bits, units, dropped = table.steps.bits, table.steps.units, table.steps.dropped
    coefficients = np.array(table.coefficients, np.int64)[arguments >> bits]
    within = arguments & (1 << bits) - 1
    total = coefficients[..., -1]
    for step in range(len(units) - 1, 0, -1):
        # A coefficient counts units of its own; the value counts ones.
        target = units[step - 1] if step > 1 else 0
        product = total * (within >> dropped[step - 1])
        total = product >> bits - dropped[step - 1] - units[step] + target
        total = total + (coefficients[..., step - 1] << units[step - 1] - target)
    return total


def in_fixed_point(factor: Any, size: Int64s, lsb: Int64s, within: Flags) -> Int64s:
    """Return magnitudes times a factor, cut to its fraction bits, of those within its range."""
    move = lsb - factor.bits + factor.fraction
    found = scaled_down(np.where(within, size, 0), factor.constant, np.maximum(-move, 0))
    return found << np.where(within, np.clip(move, 0, 62), 0)


class ElementaryModel(ABC):
    """Bit-exact model of a function unit.

    Parameters
    ----------
    spec:
        Any object with its parameters, its format and its table.
    """

    def __init__(self, spec: Any) -> None:
        self.spec, self.fmt = spec, spec.fmt
        self.bits: int = spec.fmt.fraction_bits
        self.saturate = True if spec.overflow == "saturate" else None
        self.least = np.ldexp(1.0, 1 - spec.fmt.bias)
        self.flushes = spec.subnormals == "flushed" and spec.fmt.first == "subnormal"

    def respond(self, point: Any, fields: Mapping[str, Int64s]) -> dict[str, Int64s]:
        """See `macsmith.golden.catalog.GoldenModel`."""
        codes = fields["x"][:, 0]
        x = self.flushed(decode(self.fmt, codes))
        number = np.isfinite(x)
        values, invalid, pole = self.of(codes, x, number)
        found = encode(self.fmt, self.flushed(values), "nearest-even", self.saturate)
        found = found.astype(np.int64)
        found[np.isnan(x)] = self.fmt.nan or 0
        zero = self.spec.undefined == "zero" or self.fmt.nan is None
        found[invalid] = 0 if zero else self.fmt.nan
        return {"y": found, "undefined": (invalid | pole).astype(np.int64)}

    def flushed(self, values: Floats) -> Floats:
        """Return values, zeros for those below the first binade if they do not count."""
        if not self.flushes:
            return values
        return np.where(np.abs(values) < self.least, np.copysign(0.0, values), values)

    @abstractmethod
    def of(self, codes: Int64s, x: Floats, number: Flags) -> tuple[Floats, Flags, Flags]:
        """Return results, rounded, but exact below the first binade where that gives more.

        Where there is none, and where there is a pole.

        Parameters
        ----------
        codes, x:
            Arguments, as codes and as values; flushed ones are zero among the values alone.
        number:
            Which are neither infinite nor NaN.
        """

    def significand(self, arguments: Int64s) -> Int64s:
        """Return what the table gives without its guard bits."""
        return table_values(self.spec.table, arguments) >> self.spec.table.steps.guard

    def parts(self, x: Floats, number: Flags) -> tuple[Int64s, Int64s]:
        """Return fractions and exponents of magnitudes; of what is no number or zero those of 1."""
        size = np.abs(np.where(number & (x != 0), x, 1.0))
        half, exponent = np.frexp(size)
        fraction = np.ldexp(half * 2 - 1, self.bits).astype(np.int64)
        return fraction, exponent.astype(np.int64) - 1


class ReciprocalModel(ElementaryModel):
    """That of 1 / x."""

    def of(self, codes: Int64s, x: Floats, number: Flags) -> tuple[Floats, Flags, Flags]:
        fraction, exponent = self.parts(x, number)
        values = np.ldexp(self.significand(fraction).astype(np.float64), -exponent - 1 - self.bits)
        values = np.where(x == 0, np.inf, np.where(np.isinf(x), 0.0, values))
        return np.copysign(values, x), np.zeros(x.shape, np.bool_), x == 0


class _RootModel(ElementaryModel):
    """What square roots have in common."""

    def halved(self, x: Floats, number: Flags) -> tuple[Int64s, Int64s]:
        """Return significands, and exponents halved."""
        fraction, exponent = self.parts(x, number)
        odd = exponent % 2
        return self.significand(odd << self.bits | fraction), (exponent - odd) // 2


class SqrtModel(_RootModel):
    """That of the square root."""

    def of(self, codes: Int64s, x: Floats, number: Flags) -> tuple[Floats, Flags, Flags]:
        significand, half = self.halved(x, number)
        values = np.ldexp(significand.astype(np.float64), half - self.bits)
        values = np.where((x == 0) | np.isinf(x), x, values)
        return values, x < 0, np.zeros(x.shape, np.bool_)


class RsqrtModel(_RootModel):
    """That of 1 / sqrt x."""

    def of(self, codes: Int64s, x: Floats, number: Flags) -> tuple[Floats, Flags, Flags]:
        significand, half = self.halved(x, number)
        values = np.ldexp(significand.astype(np.float64), -half - 1 - self.bits)
        values = np.where(np.isinf(x), 0.0, values)
        return np.where(x == 0, np.copysign(np.inf, x), values), x < 0, x == 0


class ExpModel(ElementaryModel):
    """That of e^x and, with a factor of one, of 2^x."""

    def of(self, codes: Int64s, x: Floats, number: Flags) -> tuple[Floats, Flags, Flags]:
        spec, none = self.spec, np.zeros(x.shape, np.bool_)
        parts = Numbers.of(self.fmt, codes)
        within = number & (np.abs(x) < 2.0**spec.integer) & (x != 0)
        fixed = in_fixed_point(spec.factor, parts.size, parts.lsb, within)
        fixed = np.where(x < 0, -fixed, fixed)
        significand = self.significand(fixed & (1 << spec.fraction) - 1)
        whole = fixed >> spec.fraction
        values = np.ldexp(significand.astype(np.float64), whole - self.bits)
        beyond = ~within & ~np.isnan(x) & (x != 0)
        return np.where(beyond, np.where(x > 0, np.inf, 0.0), values), none, none


class LnModel(ElementaryModel):
    """That of logarithms."""

    def of(self, codes: Int64s, x: Floats, number: Flags) -> tuple[Floats, Flags, Flags]:
        spec = self.spec
        fraction, exponent = self.parts(x, number)
        upper = fraction >= 1 << self.bits - 1
        offset = np.where(upper, fraction - (1 << self.bits), 2 * fraction)
        point = 2 * self.bits + 1 + spec.table.steps.guard
        unit = spec.unit << point - spec.unit_bits
        total = offset * table_values(spec.table, fraction) + (exponent + upper) * unit
        values = float_of(total, -point)
        # Whether a result is below the first binade is seen when it is rounded.
        values = decode(self.fmt, encode(self.fmt, values))
        values = np.where(x == 0, -np.inf, np.where(np.isinf(x), np.inf, values))
        return values, x < 0, x == 0

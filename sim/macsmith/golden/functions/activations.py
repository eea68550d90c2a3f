"""Models of activations: tables over ranges of magnitudes, results in float64 and rounded."""

from typing import Any

import numpy as np

from macsmith.formats.number_codes import Floats, decode, encode
from macsmith.formats.number_parts import Numbers
from macsmith.golden.functions.elementary import (
    ElementaryModel,
    Flags,
    in_fixed_point,
    table_values,
)
from macsmith.golden.functions.long_words import float_of
from macsmith.host.int64s import Int64s


class ActivationModel(ElementaryModel):
    """That of one of them."""

    def ratios(self, z: Floats) -> tuple[Int64s, Int64s]:
        """Return what the table gives at magnitudes without its guard bits, and their ranges."""
        spec: Any = self.spec
        bits = spec.target.bits
        number = np.maximum(np.frexp(z)[1].astype(np.int64) - spec.first, 0)
        number = np.where(z == 0, 0, number)
        start = np.where(number > 0, np.ldexp(1.0, number + spec.first - 1), 0.0)
        unit = np.ldexp(1.0, bits - spec.first - np.maximum(number - 1, 0))
        within = np.floor((z - start) * unit).astype(np.int64)
        last = (1 << bits + spec.range_bits) - 1
        argument = np.where(number >> spec.range_bits > 0, last, (number << bits) + within)
        return table_values(spec.table, argument) >> spec.table.steps.guard, argument >> bits

    def ended(self, values: Floats) -> tuple[Floats, Flags, Flags]:
        """Return results, which are there for all arguments.

        Whether one is below the first binade is seen when it is rounded.
        """
        none = np.zeros(values.shape, np.bool_)
        return decode(self.fmt, encode(self.fmt, values)), none, none


class TanhModel(ActivationModel):
    """That of the hyperbolic tangent."""

    def of(self, codes: Int64s, x: Floats, number: Flags) -> tuple[Floats, Flags, Flags]:
        z = np.abs(np.where(number, x, 0.0))
        ratio, ranges = self.ratios(z)
        found = np.ldexp(ratio * z, -self.spec.bits - self.spec.target.raised(ranges))
        found = np.where(np.isinf(x) | (z >= 2.0**self.spec.limit), 1.0, found)
        return self.ended(np.copysign(found, x))


class TailModel(ActivationModel):
    """That of sigmoids and GELU."""

    def of(self, codes: Int64s, x: Floats, number: Flags) -> tuple[Floats, Flags, Flags]:
        spec: Any = self.spec
        factor = spec.factor
        z = np.abs(np.where(number, x, 0.0))
        parts = Numbers.of(self.fmt, codes)
        size, unit = parts.size, parts.lsb
        if spec.squares:
            size, unit = size * size, 2 * unit
        within = number & ((z * z if spec.squares else z) < 2.0**factor.integer) & (x != 0)
        fixed = -in_fixed_point(factor, size, unit, within)
        whole = fixed >> factor.fraction
        fraction = fixed & (1 << factor.fraction) - 1
        power = table_values(spec.powers, fraction) >> spec.powers.steps.guard
        ratio, ranges = self.ratios(z)
        share = power * ratio >> spec.bits - 2
        whole = whole - spec.target.raised(ranges)
        one = 1 << spec.shared_bits
        share = np.where(within, share, np.where(x == 0, one >> 1, 0))
        rest = one - (share >> np.minimum(-whole, 62))
        negative = np.signbit(x)
        word = np.where(negative, share, rest)
        lsb = np.where(negative, whole, 0) - spec.shared_bits
        if not spec.squares:
            return self.ended(float_of(word, lsb))
        found = float_of(word * np.where(x != 0, parts.size, 0), lsb + parts.lsb)
        found = np.copysign(np.where(np.isposinf(x), x, found), x)
        return self.ended(found)


def upper_share(z: Floats) -> Floats:
    """Return the share of a normal distribution beyond magnitudes, in float64.

    Below 3 by a series, from there by a continued fraction (Handbook of Mathematical Functions,
    26.2.11 and 26.2.14).
    """
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    near, far = np.minimum(z, 3.0), np.maximum(z, 3.0)
    term = total = near
    for count in range(3, 90, 2):
        term = term * near * near / count
        total = total + term
    fraction = far
    for level in range(80, 0, -1):
        fraction = far + level / fraction
    return np.where(z < 3, 0.5 - density * total, density / fraction)


def exact_gelu(x: Floats) -> Floats:
    """Return x times the share of a normal distribution below it, in float64."""
    inside = np.where(np.isinf(x), 0.0, x)
    share = upper_share(np.abs(inside))
    found = np.where(x < 0, inside * share, inside - inside * share)
    return np.where(np.isneginf(x), -0.0, np.where(np.isposinf(x), x, found))

"""Fixed point with error compensation: numbers to codes and lists of terms, and back.

>>> form = Fpec(integer_bits=3, fraction_bits=0)
>>> parts = form.quantised([3.3, 2.95, 3.45, 2.75])
>>> parts.number.tolist(), form.errors(parts).tolist()
([3, 3, 3, 3], [0.5, 0.0, 0.5, -0.5])
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from macsmith.formats.compact.real_values import Floats, away_from_zero, checked
from macsmith.host.int64s import Int64s


@dataclass(frozen=True, eq=False)
class Parts:
    """The fields of codes.

    Members
    -------
    number
        Quantised numbers, in units of the format.
    zero, minus, magnitude
        EZ, ED and EM.
    """

    number: Int64s
    zero: Int64s
    minus: Int64s
    magnitude: Int64s


@dataclass(frozen=True, kw_only=True)
class Fpec:
    """A format of fixed point with error compensation.

    Parameters
    ----------
    integer_bits, fraction_bits:
        Of the quantised number, its sign not counted.
    signed:
        Whether it has a sign.
    magnitude_bits:
        Of the error's size.
    """

    integer_bits: int
    fraction_bits: int
    signed: bool = True
    magnitude_bits: int = 0

    @property
    def ends(self) -> tuple[int, int]:
        """The least and the greatest quantised number, in units."""
        top = 1 << self.integer_bits + self.fraction_bits
        return (-top if self.signed else 0), top - 1

    def quantised(self, values: Any) -> Parts:
        """Return the nearest levels, and of what each is off the nearest estimate.

        Estimates are multiples of half a unit over ``2^magnitude_bits``, as far as half a unit. A
        tie, of levels as of estimates, goes away from zero.

        Raises
        ------
        UserError
            If there are no values, or one is no number.
        """
        units = np.ldexp(checked(values), self.fraction_bits)
        number = away_from_zero(units).clip(*self.ends)
        off = units - number
        size = np.floor(np.ldexp(np.abs(off), self.magnitude_bits + 1) + 0.5)
        size = size.clip(0, 1 << self.magnitude_bits).astype(np.int64)
        minus = ((off < 0) & (size > 0)).astype(np.int64)
        zero = (size == 0).astype(np.int64)
        return Parts(number.astype(np.int64), zero, minus, (size - 1).clip(0))

    def codes(self, parts: Parts) -> Int64s:
        """Return codes: from the top the number, EZ, ED, EM."""
        em = self.magnitude_bits
        width = self.integer_bits + self.fraction_bits + self.signed
        number = parts.number & (1 << width) - 1
        return number << em + 2 | parts.zero << em + 1 | parts.minus << em | parts.magnitude

    def parts(self, codes: Int64s) -> Parts:
        """Return the fields of codes."""
        em = self.magnitude_bits
        number = codes >> em + 2
        if self.signed:
            half = 1 << self.integer_bits + self.fraction_bits
            number = (number ^ half) - half
        magnitude = codes & (1 << em) - 1
        return Parts(number, codes >> em + 1 & 1, codes >> em & 1, magnitude)

    def error_units(self, parts: Parts) -> Int64s:
        """Return errors in units of the least one."""
        size = np.where(parts.zero == 1, 0, parts.magnitude + 1)
        return np.where(parts.minus == 1, -size, size)

    def errors(self, parts: Parts) -> Floats:
        """Return what is added to the levels."""
        return np.ldexp(
            self.error_units(parts).astype(float), -self.fraction_bits - self.magnitude_bits - 1
        )

    def values(self, parts: Parts) -> Floats:
        """Return what codes stand for."""
        return np.ldexp(parts.number.astype(float), -self.fraction_bits) + self.errors(parts)


def needed_terms(act: Parts, weight: Parts) -> tuple[Any, Any]:
    """Return which errors count: those of weights, and of activations.

    An error is left out if it is zero, or if the number that it is multiplied by is.
    """
    of_weight = (weight.zero == 0) & (act.number != 0)
    of_act = (act.zero == 0) & (weight.number != 0)
    return of_weight, of_act

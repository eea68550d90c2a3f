"""What a table must give: the bounds of its value at each argument, for results under one ulp.

A table's value counts units of ``2^-guard`` of a result's last place. The result is the value
without its guard bits, so a table that is half a unit too high rounds to nearest. With ``v`` the
true value in last places, any of

    floor(v) 2^guard  <=  value  <  (ceil(v) + 1) 2^guard

gives one of the two numbers next to ``v``. Where arguments are too many to look at each, the bounds
are those of an error of half a place: ``v 2^guard <= value < (v + 1) 2^guard``.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cache

from macsmith.functions.fit.exact_values import (
    POINT,
    constant,
    logarithm_ratio,
    power_of_two,
    quotient,
    root,
)

Bounds = tuple[int, int]
"""Least and greatest value that is right."""


@dataclass(frozen=True)
class Target(ABC):
    """A function on the fractions of a format, as a table holds it.

    Members
    -------
    fraction_bits
        Of a result.
    """

    fraction_bits: int

    @property
    def argument_bits(self) -> int:
        """Bits of an argument; the highest ones choose a segment."""
        return self.fraction_bits

    @property
    def least_index_bits(self) -> int:
        """Bits of an argument that always choose a segment, as no polynomial crosses them."""
        return 0

    @property
    def range_bits(self) -> int:
        """Those of them that choose a range, each of which is as long as all before it."""
        return 0

    @property
    def steepest(self) -> int:
        """An argument near which values change as fast as anywhere."""
        return 0

    @abstractmethod
    def bounds(self, argument: int, guard: int, each: bool) -> Bounds:
        """Return the bounds of the value at an argument.

        Parameters
        ----------
        each:
            Whether this is asked of every argument; if not, what lies between must be right too.
        """


class Rounded(Target):
    """One whose value without its guard bits is the significand of the result."""

    @abstractmethod
    def true(self, argument: int) -> tuple[int, int]:
        """Return the least and the greatest true value, in units of 2^-64 of a last place."""

    def bounds(self, argument: int, guard: int, each: bool) -> Bounds:
        least, most = _true(self, argument)
        if each:
            return most >> POINT << guard, (-(-least >> POINT) + 1 << guard) - 1
        return -(-(most << guard) >> POINT), ((least + (1 << POINT)) << guard >> POINT) - 1


@cache
def _true(target: Rounded, argument: int) -> tuple[int, int]:
    return target.true(argument)


class Reciprocal(Rounded):
    """``2 / m`` of a significand ``m``, which is 2 at 1."""

    def true(self, argument: int) -> tuple[int, int]:
        bits = self.fraction_bits
        value = quotient(1 << 2 * bits + 1, (1 << bits) + argument)
        return value, value


class SquareRoot(Rounded):
    """``sqrt m`` of ``m`` from 1 up to 4: an argument's highest bit is the exponent's lowest."""

    @property
    def argument_bits(self) -> int:
        return self.fraction_bits + 1

    @property
    def least_index_bits(self) -> int:
        return 1

    def square(self, argument: int) -> tuple[int, int]:
        """Return the value's square as a fraction."""
        odd, fraction = divmod(argument, 1 << self.fraction_bits)
        return (1 << self.fraction_bits) + fraction << self.fraction_bits + odd, 1

    def true(self, argument: int) -> tuple[int, int]:
        value = root(*self.square(argument))
        return value, value


class ReciprocalRoot(SquareRoot):
    """``2 / sqrt m`` of the same."""

    def square(self, argument: int) -> tuple[int, int]:
        odd, fraction = divmod(argument, 1 << self.fraction_bits)
        return 1 << 3 * self.fraction_bits + 2, (1 << self.fraction_bits) + fraction << odd


@dataclass(frozen=True)
class Power(Rounded):
    """``2^f`` of a fraction ``f``, which was cut from an argument of either sign.

    Members
    -------
    bits
        Of the fraction.
    inexact
        Whether arguments were multiplied by a constant first. If not, those from a half up are
        whole numbers of ``2^-bits``, and others lose what lies below that.
    """

    bits: int
    inexact: bool

    @property
    def argument_bits(self) -> int:
        return self.bits

    def true(self, argument: int) -> tuple[int, int]:
        half, one = 1 << self.bits - 1, 1 << self.bits
        below = self._lost(one - argument) if argument >= half or argument == 0 else 0
        above = self._lost(argument) if argument < half else 0
        if self.inexact:
            below = above = _FINE + _FINE // _CONSTANT
        return self._power(argument * _FINE - below), self._power(argument * _FINE + above)

    def _power(self, fine: int) -> int:
        return power_of_two(fine, self.bits + _FINE.bit_length() - 1, self.fraction_bits)

    def _lost(self, size: int) -> int:
        """Return the greatest part that is lost of a magnitude, in units of ``2^-bits / _FINE``."""
        binade = size.bit_length() - 1 if 0 < size < 1 << self.bits else -_FINE
        dropped = self.fraction_bits - binade
        return 0 if dropped <= 0 else _FINE - (_FINE >> min(dropped, _FINE.bit_length() - 1))


_FINE = 1 << 16
"""Parts of a unit of an argument of `Power`."""

_CONSTANT = 8
"""The constant that arguments are multiplied by costs less than this part of a unit."""


@dataclass(frozen=True)
class LogarithmRatio(Target):
    """``log(1 + x) / x``, of two or natural, by the fraction of a significand ``m``.

    Below 3/2 ``x = m - 1``, else ``x = m / 2 - 1``. The result is ``e log 2 + x value``, rounded to
    nearest; its own last place says how far the value may be off, the worst of all exponents.
    Values count units of ``2^-(fraction_bits + guard)``.

    Members
    -------
    natural
        Whether the logarithm is natural.
    """

    natural: bool

    @property
    def least_index_bits(self) -> int:
        return 1

    def x(self, argument: int) -> int:
        """Return ``x`` in units of ``2^-(fraction_bits + 1)``."""
        one = 1 << self.fraction_bits
        return 2 * argument if 2 * argument < one else argument - one

    def bounds(self, argument: int, guard: int, each: bool) -> Bounds:
        value, allowed = _ratio(self, argument)
        return -(-(value - allowed << guard) >> POINT), value + allowed << guard >> POINT

    def true(self, x: int) -> int:
        """Return the ratio at ``x``, in units of 2^-64 of a last place."""
        # Near zero it is as good as constant.
        bits = self.fraction_bits + 1 if x else POINT
        return logarithm_ratio(x or 1, bits, self.natural, self.fraction_bits)

    def allowed(self, value: int, x: int, exponent: int) -> int:
        """Return how far a value may be off for a result of an exponent."""
        one = self.fraction_bits + POINT
        unit = constant("ln2", one) if self.natural else 1 << one
        result = abs(exponent * unit + (value * x >> self.fraction_bits + 1))
        binade = result.bit_length() - 1
        place = 1 << max(0, binade - self.fraction_bits)
        # A number just above a power of two must not become one of the finer ones below it.
        room = min(place // 2, result - (1 << binade) + place // 4)
        return (room - (room >> _CAUTION) << self.fraction_bits + 1) // abs(x)


_CAUTION = 5
"""What is cut elsewhere, such as a constant, costs less than this power of a half of a place."""


@cache
def _ratio(target: LogarithmRatio, argument: int) -> tuple[int, int]:
    """Return a value and how far it may be off."""
    x = target.x(argument)
    value = target.true(x)
    if x == 0:
        return value, 1 << POINT
    return value, min(target.allowed(value, x, exponent) for exponent in range(-2, 3))

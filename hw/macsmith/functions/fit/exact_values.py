"""Values of functions in units of 2^-64, exact or cut below that: what fits are held against.

Whole numbers, and Python's decimal numbers where a function is no root of one. A value that is a
whole number of 2^-64 is exact; another is cut, and lies less than a unit below the true one.
"""

from collections.abc import Callable
from decimal import Context, Decimal
from functools import cache
from math import isqrt

POINT = 64
"""Bits below the point."""

_DECIMAL = Context(prec=50)


def quotient(above: int, below: int) -> int:
    """Return ``above / below``."""
    return (above << POINT) // below


def root(above: int, below: int = 1) -> int:
    """Return ``sqrt(above / below)``."""
    return isqrt((above << 2 * POINT) // below)


def power_of_two(above: int, bits: int, scale: int) -> int:
    """Return ``2^scale * 2^(above / 2^bits)``."""
    whole, part = divmod(above, 1 << bits)
    if part == 0:
        return 1 << scale + whole + POINT
    exponent = _DECIMAL.multiply(_DECIMAL.divide(Decimal(part), Decimal(1 << bits)), ln2())
    return _scaled(_DECIMAL.exp(exponent), scale + whole)


def logarithm_ratio(f: int, bits: int, natural: bool, scale: int) -> int:
    """Return ``2^scale * log(1 + x) / x`` for ``x = f / 2^bits``, not zero; natural, or of two."""
    x = _DECIMAL.divide(Decimal(f), Decimal(1 << bits))
    found = _DECIMAL.divide(_DECIMAL.ln(1 + x), x)
    return _scaled(found if natural else _DECIMAL.divide(found, ln2()), scale)


def scaled_by(function: Callable[[Decimal], Decimal], z: int, exponent: int, scale: int) -> int:
    """Return ``2^scale * function(z 2^exponent)``, of a function below."""
    argument = _DECIMAL.multiply(Decimal(z), _DECIMAL.power(Decimal(2), Decimal(exponent)))
    return _scaled(function(argument), scale)


def sigmoid(z: Decimal) -> Decimal:
    """Return ``1 / (1 + e^-z)``."""
    return _DECIMAL.divide(Decimal(1), _DECIMAL.add(Decimal(1), _DECIMAL.exp(-z)))


def tanh_ratio(z: Decimal) -> Decimal:
    """Return ``tanh(z) / z`` of what is not negative, which is 1 at zero."""
    if z < _SMALL:
        return Decimal(1)
    above = _DECIMAL.exp(-2 * z)
    return _DECIMAL.divide(1 - above, _DECIMAL.multiply(1 + above, z))


def tail_ratio(z: Decimal) -> Decimal:
    """Return the share of a normal distribution beyond ``z``, not negative, times ``e^(z^2 / 2)``.

    Up to 4 by the series of the other share (Handbook of Mathematical Functions, 26.2.11), from
    there by the continued fraction of Laplace (26.2.14).
    """
    root = _DECIMAL.sqrt(_DECIMAL.multiply(2, _pi()))
    if z >= 4:
        fraction = z
        for level in range(_LEVELS, 0, -1):
            fraction = _DECIMAL.add(z, _DECIMAL.divide(level, fraction))
        return _DECIMAL.divide(1, _DECIMAL.multiply(fraction, root))
    term = total = z
    count = 1
    while term > _SMALL:
        count += 2
        term = _DECIMAL.divide(_DECIMAL.multiply(term, z * z), count)
        total = _DECIMAL.add(total, term)
    half = _DECIMAL.divide(_DECIMAL.exp(z * z / 2), 2)
    return _DECIMAL.subtract(half, _DECIMAL.divide(total, root))


_SMALL = Decimal(1).scaleb(-45)
"""What is less is lost beside 1."""

_LEVELS = 200
"""Of the continued fraction: more than 45 digits from 4 on."""


@cache
def _pi() -> Decimal:
    """Return pi, by Machin's formula."""
    return 4 * (4 * _arctangent(5) - _arctangent(239))


def _arctangent(inverse: int) -> Decimal:
    """Return the arc tangent of ``1 / inverse``."""
    power = total = _DECIMAL.divide(1, inverse)
    count = 1
    while abs(power) > _SMALL:
        count += 2
        power = _DECIMAL.divide(-power, inverse * inverse)
        total = _DECIMAL.add(total, _DECIMAL.divide(power, count))
    return total


@cache
def ln2() -> Decimal:
    """Return the natural logarithm of two."""
    return _DECIMAL.ln(Decimal(2))


@cache
def constant(name: str, bits: int) -> int:
    """Return ``ln2`` or ``log2e`` in units of ``2^-bits``, rounded to nearest."""
    value = {"ln2": ln2(), "log2e": _DECIMAL.divide(Decimal(1), ln2())}[name]
    return int(_DECIMAL.to_integral_value(_DECIMAL.multiply(value, Decimal(1 << bits))))


def _scaled(value: Decimal, scale: int) -> int:
    return int(_DECIMAL.multiply(value, Decimal(1 << scale + POINT)))

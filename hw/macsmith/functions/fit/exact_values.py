"""Values of functions in units of 2^-64, exact or cut below that: what fits are held against.

Whole numbers, and Python's decimal numbers where a function is no root of one. A value that is a
whole number of 2^-64 is exact; another is cut, and lies less than a unit below the true one.
"""

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

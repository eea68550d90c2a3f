"""Numbers of a format taken apart: whole numbers and the exponents of their units."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.contract.number_format import NumberFormat
from macsmith.formats.number_codes import decode
from macsmith.host.int64s import Int64s

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Numbers:
    """Numbers taken apart, ``(-1)^negative * size * 2^lsb``; all arrays have one shape.

    Members
    -------
    size, lsb
        A whole number, and the exponent of its unit; a subnormal number has the least.
    top
        The exponent of the significand's leading place.
    nan, inf
        What is no number.
    """

    negative: Flags
    size: Int64s
    lsb: Int64s
    top: Int64s
    nan: Flags
    inf: Flags

    @classmethod
    def of(cls, fmt: NumberFormat, codes: Int64s) -> "Numbers":
        """Return what codes mean."""
        if fmt.width <= 16:
            return cls(*(part[codes] for part in _table(fmt)))
        return cls(*_taken_apart(fmt, codes))


@cache
def _table(fmt: NumberFormat) -> tuple[Any, ...]:
    return _taken_apart(fmt, np.arange(1 << fmt.width))


def _taken_apart(fmt: NumberFormat, codes: Int64s) -> tuple[Any, ...]:
    values = decode(fmt, codes)
    finite = np.isfinite(values)
    size = np.abs(np.where(finite, values, 0.0))
    least = 1 - fmt.bias if fmt.subnormal else -fmt.bias
    if fmt.integer:
        least = fmt.fraction_bits - fmt.bias
    top = np.maximum(np.frexp(size)[1].astype(np.int64) - 1, least)
    lsb = top - fmt.fraction_bits
    whole = np.ldexp(size, -lsb).astype(np.int64)
    return np.signbit(values), whole, lsb, top, np.isnan(values), np.isinf(values)

"""Sums and scales at which a requantiser may round or saturate wrongly."""

from collections.abc import Iterator

import numpy as np

from macsmith.formats.stream_words import operand_range
from macsmith.host.int64s import Int64s

MULT_BITS, MAX_SHIFT = 16, 47
"""Bits of a multiplier, and the greatest shift."""

_PRIMES = (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 257)
"""What odd products are divided by to find a multiplier."""


def directed_scales(
    out_width: int, out_signed: bool, least: int, most: int
) -> tuple[Int64s, Int64s, Int64s]:
    """Return sums, multipliers and shifts, shape (cases,) each.

    For each shift and for floors that are small, of both signs, odd and even, and those about each
    limit of a result: fractions of 0, 1/4, 1/2 and 3/4, and a half less and more by one unit of the
    product, or by as little as a multiplier can make.

    Parameters
    ----------
    out_width, out_signed:
        Of a result.
    least, most:
        Range of a sum.
    """
    low, high = operand_range(out_width, out_signed)
    floors = sorted({*range(-4, 4), *range(low - 2, low + 2), *range(high - 2, high + 2)})
    found = {
        (total, mult, shift)
        for shift in range(MAX_SHIFT + 1)
        for floor in floors
        for value in _about(floor, shift)
        for total, mult in _factors(value)
        if least <= total <= most
    }
    sums, mults, shifts = np.array(sorted(found), np.int64).T
    return sums, mults, shifts


def _about(floor: int, shift: int) -> Iterator[int]:
    """Yield products that have a floor and the fractions in question."""
    one = 1 << shift
    parts = {0, one // 4, one // 2 - 1, one // 2, one // 2 + 1, 3 * one // 4}
    for part in parts:
        if 0 <= part < one:
            yield floor * one + part


def _factors(value: int) -> Iterator[tuple[int, int]]:
    """Yield sums and multipliers whose product is a value, or nearly."""
    limit = 1 << MULT_BITS
    yield value, 1
    mult, rest = 1, value
    for prime in (*[2] * (MULT_BITS - 1), *_PRIMES):
        if rest % prime == 0 and mult * prime < limit:
            mult, rest = mult * prime, rest // prime
    yield rest, mult
    yield value // (limit - 1), limit - 1
    yield value // (limit - 1) + 1, limit - 1

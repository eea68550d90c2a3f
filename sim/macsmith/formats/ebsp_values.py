"""The values that an EBSP weight may have, and the nearest of them.

A weight of ``bits`` N has a sign and M = N - 1 magnitude bits. Its pattern length is L:

    w = (-1)^s * p * 2^e      0 <= p < 2^L,   |w| < 2^M

so all ones of ``|w|`` lie inside a window of L adjacent bits. There are ``2^L - 1 + (M-L) 2^(L-1)``
such magnitudes above 0; -2^M is none. N = 6, L = 3:

    1 2 3 4 5 6 7    8 10 12 14    16 20 24 28        11 = 1011 needs a window of 4

Liu et al., "EBSP", DAC 2022, pp. 259-264, say "at most 3 consecutive ones". The window is our
reading of it, because it is what a leading-one detector and a multiplexer extract. ``run`` is a
stricter one: the ones are a single run of L at most, so 5 = 101 is out.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.contract.checks import check_choice
from macsmith.contract.errors import UserError
from macsmith.host.int64s import Int64s

READINGS = ("window", "run")
"""What the ones of a magnitude may look like."""


def check_format(bits: int, pattern: int, reading: str = "window") -> None:
    """Raise a sentence if there are no such weights."""
    if not 3 <= bits <= 16:
        raise UserError(f"weight bits must be from 3 to 16, not {bits}")
    if not 1 <= pattern < bits:
        raise UserError(
            f"pattern length must be from 1 to {bits - 1}, the magnitude bits of a weight of "
            f"{bits} bits, not {pattern}"
        )
    check_choice("reading", reading, READINGS)


def real(name: str, values: Any) -> NDArray[Any]:
    """Return numbers as an array, or raise a sentence if they are no real ones."""
    array = np.asarray(values)
    if not np.issubdtype(array.dtype, np.integer) and not np.issubdtype(array.dtype, np.floating):
        raise UserError(f"{name} must be real numbers, not {array.dtype}")
    return array


@cache
def legal_magnitudes(bits: int, pattern: int, reading: str = "window") -> Int64s:
    """Return all legal magnitudes above 0, rising; the array is read-only.

    Raises
    ------
    UserError
        If there are no such weights.
    """
    check_format(bits, pattern, reading)
    magnitude_bits = bits - 1
    if reading == "window":
        patterns = {
            p << shift for shift in range(magnitude_bits - pattern + 1) for p in range(1 << pattern)
        }
    else:
        patterns = {
            ((1 << ones) - 1) << shift
            for ones in range(pattern + 1)
            for shift in range(magnitude_bits - ones + 1)
        }
    magnitudes = np.array(sorted(patterns - {0}), np.int64)
    magnitudes.flags.writeable = False
    return magnitudes


def legal_weights(bits: int, pattern: int, reading: str = "window") -> Int64s:
    """Return all legal weights, rising, 0 once."""
    magnitudes = legal_magnitudes(bits, pattern, reading)
    return np.concatenate([-magnitudes[::-1], [0], magnitudes])


def project(values: NDArray[Any], bits: int, pattern: int, reading: str = "window") -> Int64s:
    """Return the nearest legal weight of each value, in whole numbers or floats.

    Number the legal magnitudes 0, 1, 2, ... from 0 up. Of two equally near the even-numbered is
    taken: round half to even, as in IEEE 754. Beyond the largest the largest is taken.

    >>> project(np.array([11, 13, -31, 0.5]), bits=6, pattern=3)
    array([ 12,  12, -28,   0])
    """
    values = real("values", values)
    if np.issubdtype(values.dtype, np.integer):
        # The least of a type has no magnitude in it.
        values = values.astype(np.float64)
    if np.isnan(values).any():
        raise UserError("values must be numbers, not nan")
    magnitudes = np.concatenate([[0], legal_magnitudes(bits, pattern, reading)])
    # Sums of two magnitudes are below 2^16: exact in float32 too.
    middles = ((magnitudes[:-1] + magnitudes[1:]) / 2).astype(np.float32)
    size = np.abs(values)
    rank = np.searchsorted(middles, size)
    # A value on a middle got the lower rank.
    tied = size == middles[np.minimum(rank, len(middles) - 1)]
    rank = rank + (tied & (rank % 2 == 1))
    return np.where(values < 0, -magnitudes[rank], magnitudes[rank])

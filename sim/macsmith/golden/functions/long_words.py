"""Whole numbers beside what holds them: products longer than int64, sums longer than float64."""

from typing import Any

import numpy as np

from macsmith.formats.number_codes import Floats
from macsmith.host.int64s import Int64s

_PART = 16
_PARTS = (1 << _PART) - 1


def scaled_down(size: Int64s, constant: int, down: Any) -> Int64s:
    """Return ``floor(size * constant / 2^down)``, which must fit; the product need not.

    Parameters
    ----------
    size:
        Not negative, below 2^50.
    constant:
        Below 2^45.
    """
    low = (size & _PARTS) * constant
    middle = (size >> _PART & _PARTS) * constant + (low >> _PART)
    high = (size >> 2 * _PART) * constant + (middle >> _PART)
    below = (middle & _PARTS) << _PART | (low & _PARTS)
    left = 2 * _PART - np.asarray(down)
    upper = np.where(left >= 0, high << np.maximum(left, 0), high >> np.clip(-left, 0, 63))
    return upper + (below >> np.clip(down, 0, 63))


def float_of(total: Int64s, lsb: Any) -> Floats:
    """Return ``total * 2^lsb``, right wherever it is rounded to 50 bits or fewer.

    float64 holds fewer bits than a word: what lies below is one bit that says whether it is any.
    """
    low = 12
    cut = (total >> low) << 1 | ((total & (1 << low) - 1) != 0)
    small = np.abs(total) < 1 << 52
    exact = np.where(small, total, cut).astype(np.float64)
    return np.ldexp(exact, lsb + np.where(small, 0, low - 1))


def leading_place(size: Int64s) -> Int64s:
    """Return the place of the highest one of positive numbers; -1 of zero."""
    half = 32
    upper = size >> half
    part = np.where(upper > 0, upper, size & (1 << half) - 1).astype(np.float64)
    return np.frexp(part)[1].astype(np.int64) - 1 + np.where(upper > 0, half, 0)

"""Matrices of codes of a number format: numbers that meet in sums, and a few that are none."""

import numpy as np

from macsmith.contract.number_format import NumberFormat
from macsmith.host.int64s import Int64s

SPREAD = 6
"""Binades from which most matrices are drawn."""

ANYTHING = 1 / 8
"""Share of rows with codes that may be no number."""


def random_codes(rng: np.random.Generator, fmt: NumberFormat, shape: tuple[int, int]) -> Int64s:
    """Return random codes, shape (rows, K): half of the matrices from a few binades.

    Some rows have any codes at all, so that sums are NaN and infinite too.
    """
    codes = rng.integers(0, 1 << fmt.width, shape)
    if fmt.integer:
        return codes
    span = min(SPREAD << fmt.fraction_bits, fmt.greatest)
    low = int(rng.integers(0, fmt.greatest - span, endpoint=True))
    if fmt.exponent_bits > 5:
        # Products of numbers from anywhere would all be beyond, or nothing.
        low = (fmt.greatest - span) // 2
    elif rng.random() < 1 / 2:
        low, span = 0, fmt.greatest
    magnitudes = low + rng.integers(0, span, shape, endpoint=True)
    negative = rng.integers(2, size=shape)
    if fmt.negative_zero == "nan":
        negative &= magnitudes > 0
    numbers = magnitudes + negative * fmt.magnitudes
    return np.where(rng.random((shape[0], 1)) < ANYTHING, codes, numbers)

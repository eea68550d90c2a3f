"""Real values that are to be quantised: checks, and rounding to whole numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.contract.errors import UserError

Floats = NDArray[np.float64]


def checked(values: Any) -> Floats:
    """Return values as an array.

    Raises
    ------
    UserError
        If there are none, or one is no number.
    """
    found = np.asarray(values, np.float64)
    if found.size == 0:
        raise UserError("a tensor must have at least one value to be quantised, not none")
    if not np.isfinite(found).all():
        raise UserError("a tensor must have finite values to be quantised, not infinity or NaN")
    return found


def away_from_zero(values: Floats) -> Floats:
    """Return the nearest whole numbers, of two the one that is farther from zero."""
    return np.trunc(values + np.copysign(0.5, values))

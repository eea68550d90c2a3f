"""Real scales as the requantiser has them: a multiplier of 16 bits and a shift."""

import numpy as np
from numpy.typing import NDArray

from macsmith.contract.errors import UserError
from macsmith.golden.requantiser import requantise
from macsmith.host.int64s import Int64s

MULT_BITS, MAX_SHIFT = 16, 47
"""What the requantiser takes."""


def mult_and_shift(factor: NDArray[np.float64]) -> tuple[Int64s, Int64s]:
    """Return multipliers and shifts, ``mult / 2 ** shift`` nearest to factors, with all 16 bits.

    Raises
    ------
    UserError
        If a factor is no positive number that 16 bits reach.
    """
    factor = np.asarray(factor, np.float64)
    if not (np.isfinite(factor) & (factor >= 0)).all() or (factor >= 1 << MULT_BITS).any():
        raise UserError(
            f"scales must make multipliers from 0 to below {1 << MULT_BITS}, not {factor.max():g}"
        )
    exponents = np.frexp(factor)[1]
    shift = np.clip(MULT_BITS - exponents, 0, MAX_SHIFT)
    mult = np.rint(np.ldexp(factor, shift)).astype(np.int64)
    over = mult >> MULT_BITS > 0
    shift = np.where(over, shift - 1, shift)
    mult = np.where(over, np.rint(np.ldexp(factor, shift)), mult).astype(np.int64)
    return np.minimum(mult, (1 << MULT_BITS) - 1), shift.astype(np.int64)


def requantised(
    ints: Int64s, factor: NDArray[np.float64], zero: Int64s | int, limits: tuple[int, int]
) -> Int64s:
    """Return codes of sums: scaled, rounded half to even, the zero point added, saturated."""
    mult, shift = mult_and_shift(factor)
    near = requantise(ints, np.broadcast_to(mult, ints.shape), np.broadcast_to(shift, ints.shape),
                      40, signed=True)  # fmt: skip
    return np.clip(near + zero, *limits)

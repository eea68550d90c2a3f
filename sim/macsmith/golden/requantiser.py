"""Model of the requantisers: accumulators to results of few bits."""

import numpy as np

from macsmith.golden.model import Int64s


def requantise(
    acc: Int64s, mult: Int64s, shift: Int64s, bits: int, *, bias: Int64s | int = 0,
    signed: bool = False,
) -> Int64s:  # fmt: skip
    """Return ``saturate(round_half_even((acc + bias) * mult / 2^shift))``.

    Parameters
    ----------
    acc:
        Accumulators, shape (..., n).
    mult, shift, bias:
        Of each channel, shape (n,), or one for all.
    bits, signed:
        Of a result.
    """
    # Python's integers, as a product of 64 and 16 bits leaves int64.
    product = (acc.astype(object) + np.asarray(bias, object)) * np.asarray(mult, object)
    one = 2 ** np.asarray(shift, object)
    floor = product // one
    twice = 2 * (product - floor * one)
    up = (twice > one) | ((twice == one) & (floor % 2 == 1))
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    return np.clip(floor + up.astype(object), low, high).astype(np.int64)

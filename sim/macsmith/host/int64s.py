"""Whole numbers of golden models: numpy arrays of int64, and how words wrap."""

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]


def wrap(values: Int64s, bits: int, signed: bool) -> Int64s:
    """Return ``values`` modulo ``2 ** bits``, in two's complement if ``signed``.

    Accumulators of 63 bits and more are never filled by sums that fit int64.
    """
    if bits >= 63:
        return values
    offset = np.int64(1) << np.int64(bits - 1) if signed else np.int64(0)
    return (values + offset) % (np.int64(1) << np.int64(bits)) - offset

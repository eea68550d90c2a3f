"""Whole numbers of golden models: numpy arrays of int64, and how words wrap."""

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]


def wrap(values: Int64s, bits: int, signed: bool) -> Int64s:
    """Return ``values`` modulo ``2 ** bits``, in two's complement if ``signed``.

    Those of 64 bits and more stay as they are: sums are kept modulo ``2 ** 64`` anyway, and a
    longer accumulator must not be filled by sums that do not fit.
    """
    if bits >= 64:
        return values
    if bits == 63:
        raised = values << np.int64(1)
        return raised >> np.int64(1) if signed else (raised.view(np.uint64) >> 1).view(np.int64)
    offset = np.int64(1) << np.int64(bits - 1) if signed else np.int64(0)
    return (values + offset) % (np.int64(1) << np.int64(bits)) - offset

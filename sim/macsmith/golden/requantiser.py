"""Model of the requantisers: accumulators to results of few bits."""

import numpy as np

from macsmith.host.int64s import Int64s


def requantise(
    acc: Int64s, mult: Int64s, shift: Int64s | int, bits: int, *, bias: Int64s | int = 0,
    signed: bool = False,
) -> Int64s:  # fmt: skip
    """Return ``saturate(round_half_even((acc + bias) * mult / 2^shift))``, exactly.

    Parameters
    ----------
    acc:
        Accumulators, shape (..., n).
    mult, shift, bias:
        Of each channel, shape (n,), or one for all.
    bits, signed:
        Of a result.
    """
    # Python's integers where a product might leave int64; they are slow.
    most = (_most(acc) + _most(bias)) * _most(mult)
    kind = np.int64 if most < 1 << 61 and _most(shift) < 61 else object
    product = (acc.astype(kind) + np.asarray(bias, kind)) * np.asarray(mult, kind)
    one = np.asarray(2, kind) ** np.asarray(shift, kind)
    floor = product // one
    twice = 2 * (product - floor * one)
    up = (twice > one) | ((twice == one) & (floor % 2 == 1))
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    return np.clip(floor + up.astype(kind), low, high).astype(np.int64)


def _most(values: Int64s | int) -> int:
    """Return the greatest magnitude, 0 if there are no values."""
    return max(-int(np.min(values, initial=0)), int(np.max(values, initial=0)))

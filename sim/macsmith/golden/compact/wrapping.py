"""Sums that wrap, as accumulators of so many bits do."""

from typing import Any

import numpy as np

from macsmith.host.int64s import Int64s


def wrapped(values: Int64s, bits: int, signed: bool) -> Int64s:
    """Return whole numbers modulo ``2^bits``, those of accumulators with a sign around zero."""
    if bits >= 64:
        return values
    raw = values & (1 << bits) - 1
    return np.where(raw >> bits - 1 == 1, raw - (1 << bits), raw) if signed else raw


def as_total(spec: Any, name: str, values: Int64s) -> Int64s:
    """Return sums as the accumulator of that name has them."""
    shape = spec.totals[name].shape
    return wrapped(values, shape.width, shape.signed)

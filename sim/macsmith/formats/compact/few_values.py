"""Binary and ternary weights: quantisers with their scales, packing, and folded normalisation."""

from math import ceil, floor
from typing import Any

import numpy as np

from macsmith.contract.errors import UserError
from macsmith.formats.compact.real_values import Floats, checked
from macsmith.host.int64s import Int64s

TRITS = 5
"""Ternary numbers of a byte."""


def binary(values: Any) -> tuple[Int64s, float]:
    """Return bits, 1 for what is not negative, and the scale, the mean magnitude.

    Rastegari et al., "XNOR-Net" (ECCV 2016).
    """
    found = checked(values)
    return (found >= 0).astype(np.int64), float(np.abs(found).mean())


def ternary(values: Any, share: float = 0.7) -> tuple[Int64s, float]:
    """Return -1, 0 or 1, and the scale.

    Kept is what is past ``share`` of the mean magnitude; the scale is the mean magnitude of what is
    kept. Li et al., "Ternary weight networks" (2016).
    """
    found = checked(values)
    sizes = np.abs(found)
    kept = sizes > share * sizes.mean()
    scale = float(sizes[kept].mean()) if kept.any() else 0.0
    return (np.sign(found) * kept).astype(np.int64), scale


def two_scales(values: Any, share: float = 0.05) -> tuple[Int64s, float, float]:
    """Return -1, 0 or 1, and a scale for 1 and one for -1, the means of what is kept.

    Kept is what is past ``share`` of the greatest magnitude. In the paper both scales are trained
    from there. Zhu et al., "Trained ternary quantization" (ICLR 2017).
    """
    found = checked(values)
    kept = np.abs(found) > share * np.abs(found).max()
    scales = [
        float(np.abs(found[some]).mean()) if some.any() else 0.0
        for some in (kept & (found > 0), kept & (found < 0))
    ]
    return (np.sign(found) * kept).astype(np.int64), scales[0], scales[1]


def two_bit_codes(trits: Int64s) -> Int64s:
    """Return codes of two bits of -1, 0 and 1."""
    return trits & 3


def bytes_of(trits: Int64s) -> Int64s:
    """Return bytes of five numbers each, ``sum of (t_i + 1) 3^i``, along the last axis.

    Raises
    ------
    UserError
        If five do not divide them.
    """
    if trits.shape[-1] % TRITS:
        raise UserError(f"trits must be a multiple of {TRITS} to fill bytes, not {trits.shape[-1]}")
    groups = trits.reshape(*trits.shape[:-1], -1, TRITS) + 1
    return np.asarray((groups * 3 ** np.arange(TRITS)).sum(axis=-1))


def folded(
    gain: Floats, offset: Floats, mean: Floats, deviation: Floats, ends: tuple[int, int]
) -> tuple[Int64s, Int64s]:
    """Return threshold and flip of each channel: the sign of a batch normalisation of a sum s.

    ``gain (s - mean) / deviation + offset >= 0`` is ``(s >= threshold) XOR flip``.

    Parameters
    ----------
    ends:
        The least and the greatest threshold that the unit takes.
    """
    thresholds, flips = [], []
    for g, b, m, d in zip(gain, offset, mean, deviation, strict=True):
        if g == 0:
            threshold, flip = ends[0], b < 0
        elif g > 0:
            threshold, flip = ceil(m - b * d / g), False
        else:
            threshold, flip = floor(m - b * d / g) + 1, True
        thresholds.append(min(max(threshold, ends[0]), ends[1]))
        flips.append(int(flip))
    return np.array(thresholds), np.array(flips)

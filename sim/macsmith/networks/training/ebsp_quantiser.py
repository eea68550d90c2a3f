"""Quantiser for EBSP weights: real numbers to legal codes and a scale.

    w ~ step * code        code legal for N bits and pattern length L

The nearest code is taken (``windows.project``). A step belongs to a tensor or to a row of it (an
output channel). It is the one of least square error among those that put the largest legal code at
1/40 to 40/40 of the row's largest magnitude, or, by ``max``, the last of these, which clips
nothing.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.contract.errors import UserError, nearest
from macsmith.formats.ebsp_values import check_format, legal_magnitudes, project, real
from macsmith.host.int64s import Int64s
from macsmith.networks.training.qat import Floats, Rounded, initial_log_step

GRANULARITIES = ("tensor", "channel")
SCALES = ("error", "max")


@dataclass(frozen=True, kw_only=True, eq=False)
class Quantised:
    """Weights as legal codes in rows, shape (channels, K), and steps (channels, 1) or (1, 1)."""

    codes: Int64s
    steps: NDArray[np.float64]

    @property
    def values(self) -> NDArray[np.float64]:
        """The weights that the codes stand for."""
        return self.codes * self.steps


@dataclass(frozen=True)
class Windowed:
    """Rounding to legal weights, for training."""

    bits: int
    pattern: int
    reading: str = "window"

    def __post_init__(self) -> None:
        check_format(self.bits, self.pattern, self.reading)

    @property
    def high(self) -> int:
        """Largest legal weight, 2^(N-1) - 2^(N-1-L)."""
        return int(legal_magnitudes(self.bits, self.pattern, self.reading)[-1])

    def __call__(self, values: Floats, log_step: Floats) -> Rounded:
        """Round to the nearest; a gradient passes up to half a place beyond the largest."""
        step = np.exp(log_step)
        scaled = values / step
        codes = project(scaled, self.bits, self.pattern, self.reading).astype(np.float32)
        place = 1 << (self.bits - 1 - self.pattern)
        inside = np.abs(scaled) < self.high + place / 2
        return Rounded(codes, codes * step, inside, (codes - np.where(inside, scaled, 0)) * step)


def quantise(
    weights: NDArray[Any],
    bits: int,
    pattern: int,
    *,
    per: str = "channel",
    scale: str = "error",
    reading: str = "window",
) -> Quantised:
    """Quantise a matrix (channels, K).

    A row of zeros gets the step of one whose largest magnitude is 1.

    Raises
    ------
    UserError
        If the matrix is empty, has no rows or is not finite, or a word is unknown.
    """
    check_format(bits, pattern, reading)
    for name, word, known in (("per", per, GRANULARITIES), ("scale", scale, SCALES)):
        if word not in known:
            raise UserError(f"{name} must not be {word!r}: {nearest(word, known)}")
    matrix = real("weights", weights).astype(np.float64)
    if matrix.ndim != 2 or not matrix.size:
        raise UserError(
            f"weights must be a matrix of one weight at least, for a scale, not of shape "
            f"{matrix.shape}"
        )
    wrong = np.argwhere(~np.isfinite(matrix))
    if len(wrong):
        place = wrong[0].tolist()
        raise UserError(f"weight {place} must be finite, not {matrix[tuple(place)]}")
    rows = matrix if per == "channel" else matrix.reshape(1, -1)
    largest = np.abs(rows).max(axis=1, keepdims=True)
    largest = np.where(largest == 0, 1, largest)
    least = np.finfo(np.float64).tiny * (1 << bits)
    if largest.min() < least:
        raise UserError(
            f"weights must have a magnitude of {least:.1e} in each row that is not 0, for a step, "
            f"not {largest.min():.1e} at most"
        )
    rounding = Windowed(bits, pattern, reading)
    if scale == "max":
        steps = largest / rounding.high
    else:
        log_steps = initial_log_step((rows / largest).astype(np.float32), rounding)
        steps = np.exp(log_steps.astype(np.float64)) * largest
    return Quantised(codes=project(matrix / steps, bits, pattern, reading), steps=steps)

"""Uniform quantisers that clip: activations at a learnt level, weights at one from statistics.

>>> codes = pact([0.2, 1.5, 9.0, -1.0], alpha=6.0, bits=2)
>>> codes.tolist()
[0, 1, 3, 0]
"""

from typing import Any

import numpy as np

from macsmith.contract.checks import check_choice, check_int
from macsmith.contract.errors import UserError
from macsmith.formats.compact.real_values import Floats, checked
from macsmith.host.int64s import Int64s

SAWB = {
    "2": (3.12, 2.064), "2-symmetric": (2.6, 1.71), "3": (7.509, 6.892), "4": (12.68, 12.80),
    "4-symmetric": (12.035, 12.03), "5": (17.74, 18.64), "7": (28.24, 30.81), "8": (31.76, 35.04),
}  # fmt: skip
"""Coefficients c1 and c2 by kind, those of IBM's package fms-model-optimizer."""

LEVELS = {
    "2": 4, "2-symmetric": 3, "3": 8, "4": 16, "4-symmetric": 15, "5": 32, "7": 127, "8": 255,
}  # fmt: skip
"""Levels of each kind. Where they are odd in number one of them is zero."""


def pact(values: Any, alpha: float, bits: int) -> Int64s:
    """Return codes 0 to ``2^bits - 1`` of activations; a code counts ``alpha / (2^bits - 1)``.

    ``round(clip(x, 0, alpha) (2^bits - 1) / alpha)``, ties to even. Choi et al., "PACT" (2018).

    Parameters
    ----------
    alpha:
        The clipping level, which is trained: its gradient is 1 where a value is at least alpha,
        else 0 (`pact_gradient`).

    Raises
    ------
    UserError
        If alpha is not above zero, or bits are not 2 to 8.
    """
    found, top = _checked_clip(values, alpha), _top(bits)
    return np.rint(found.clip(0, alpha) * (top / alpha)).astype(np.int64)


def pact_gradient(values: Any, alpha: float) -> Floats:
    """Return the derivative of each quantised activation by alpha."""
    return (_checked_clip(values, alpha) >= alpha).astype(float)


def sawb_clip(weights: Any, kind: str) -> float:
    """Return the clipping level of weights, ``c1 sqrt(E w^2) - c2 E|w|``.

    The largest magnitude where that is not above zero. Choi et al., "Accurate and efficient 2-bit
    quantized neural networks" (MLSys 2019).

    Parameters
    ----------
    kind:
        Of `SAWB`: bits, ``2-symmetric`` with 3 levels, or ``4-symmetric`` with 15.

    Raises
    ------
    UserError
        If there is no such kind.
    """
    check_choice("kind", kind, tuple(SAWB))
    found = checked(weights)
    first, second = SAWB[kind]
    alpha = first * float(np.sqrt(np.mean(found**2))) - second * float(np.abs(found).mean())
    return alpha if alpha > 0 else float(np.abs(found).max())


def sawb(weights: Any, kind: str) -> tuple[Int64s, float]:
    """Return codes of weights, and what a code counts.

    Levels lie evenly from ``-alpha`` to alpha, both included. Where they are odd in number zero is
    one, and codes count steps. Where they are even there is no zero: codes are odd numbers, and
    count half steps.

    Raises
    ------
    UserError
        If there is no such kind.
    """
    alpha, found = sawb_clip(weights, kind), checked(weights)
    levels = LEVELS[kind]
    if alpha == 0:
        return np.full(found.shape, 1 - levels % 2, np.int64), 0.0
    index = np.rint((found.clip(-alpha, alpha) / alpha + 1) * ((levels - 1) / 2)).astype(np.int64)
    if levels % 2:
        return index - levels // 2, 2 * alpha / (levels - 1)
    return 2 * index - (levels - 1), alpha / (levels - 1)


def _top(bits: int) -> int:
    check_int("bits", bits, range(2, 9))
    return int((1 << bits) - 1)


def _checked_clip(values: Any, alpha: float) -> Floats:
    if not alpha > 0:
        raise UserError(f"alpha must be above 0, not {alpha}")
    return checked(values)

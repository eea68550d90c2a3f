"""Zero flags: one bit an operand stops registers and multipliers, in dense timing.

Moons et al., "Envision", ISSCC 2017: guard flags.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from macsmith.host.int64s import Int64s


@dataclass(frozen=True, kw_only=True)
class Gating:
    """What zero flags save of a product A (M, K) by W (K, N), as shares from 0 to 1."""

    act_zeros: float
    """Activations that are zero: as often an activation register keeps what it has."""
    weight_zeros: float
    """Weights that are zero."""
    idle_products: float
    """Products with a zero among their operands, out of M K N."""


def zero_flags(operands: Int64s) -> NDArray[np.bool_]:
    """Return the flag of each operand: whether it is zero."""
    return operands == 0


def gating(acts: Int64s, weights: Int64s) -> Gating:
    """Return what zero flags save of ``acts @ weights``."""
    act_flags, weight_flags = zero_flags(acts), zero_flags(weights)
    # A product works where both operands do: for each k, every such row meets every such column.
    working = np.sum((~act_flags).sum(axis=0) * (~weight_flags).sum(axis=1))
    products = acts.shape[0] * weights.size
    return Gating(
        act_zeros=float(act_flags.mean()),
        weight_zeros=float(weight_flags.mean()),
        idle_products=1 - float(working) / products,
    )


def flagged_bits(operands: Int64s, width: int) -> int:
    """Return the bits of operands that are stored as one flag each, and a word where not zero."""
    return operands.size + int(np.count_nonzero(operands)) * width

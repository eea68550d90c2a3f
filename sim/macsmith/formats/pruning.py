"""Pruning to a density bound: each block keeps its largest magnitudes.

Weights are pruned once and trained on. Activations are pruned as they come, so that a block with
more non-zeros loses some: dynamic activation pruning of Liu, Whatmough, Zhu and Mattina, "S2TA",
HPCA 2022.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from macsmith.formats.density_bound import check_bound, in_blocks
from macsmith.host.int64s import Int64s

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, kw_only=True)
class PruningLoss:
    """What a matrix loses, as shares from 0 to 1."""

    blocks: float
    """Blocks that lose a non-zero."""
    nonzeros: float
    """Non-zeros that are lost."""
    magnitude: float
    """Lost sum of magnitudes, out of that of the matrix."""
    rms: float
    """Root of the lost sum of squares, out of that of the matrix."""


def keep_largest(matrix: NDArray[Scalar], block: int, nonzeros: int) -> NDArray[Scalar]:
    """Return a matrix (rows, K) with the largest magnitudes of each block along K, else zeros.

    Of equal magnitudes the lower place is kept, as a cascade of maximum selectors does it. The last
    block is filled up with zeros.
    """
    check_bound(block, nonzeros)
    blocks = in_blocks(matrix.T, block)
    order = np.argsort(-np.abs(blocks), axis=-1, kind="stable")
    kept = np.zeros_like(blocks)
    first = order[..., :nonzeros]
    np.put_along_axis(kept, first, np.take_along_axis(blocks, first, axis=-1), axis=-1)
    return kept.reshape(len(matrix), -1)[:, : matrix.shape[1]]


def pruning_loss(acts: Int64s, block: int, nonzeros: int) -> PruningLoss:
    """Return what `keep_largest` costs a matrix A (M, K)."""
    lost = acts - keep_largest(acts, block, nonzeros)
    return PruningLoss(
        blocks=float(in_blocks(lost.T, block).any(axis=-1).mean()),
        nonzeros=_share(np.sum(lost != 0), np.sum(acts != 0)),
        magnitude=_share(np.abs(lost).sum(), np.abs(acts).sum()),
        rms=_share(np.sum(lost**2), np.sum(acts**2)) ** 0.5,
    )


def _share(part: np.int64, whole: np.int64) -> float:
    return float(part) / max(1.0, float(whole))

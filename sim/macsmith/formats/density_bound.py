"""Density-bound blocks: of every ``block`` weights along the reduction axis few are not zero.

    weights of a block   0  7  0  0 -3  0  0  5      block 8, nonzeros 4
    values               0  7 -3  5
    places               0  1  4  7

A matrix W (K, N) is cut column by column into blocks of K. A block keeps ``nonzeros`` of its
weights, slot by slot at rising places. Where fewer are not zero, zeros at the lowest other places
fill it up, so that slot s lies at ``s`` at least and at ``block - nonzeros + s`` at most: it needs
an activation multiplexer of ``block - nonzeros + 1`` inputs.

A block with more non-zeros takes several passes, each a block of its own over the same activations:
``W = sum of passes``. One non-zero a pass is the time-unrolled form: Liu, Whatmough and Mattina,
arXiv 2009.02381; blocks are theirs of IEEE CAL 2020.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from macsmith.contract.errors import UserError
from macsmith.host.int64s import Int64s

Scalar = TypeVar("Scalar", bound=np.generic)

BLOCKS = (2, 4, 8, 16)
"""Weights of a block; 2 only serves the 1:2 format."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DensityBound:
    """A matrix (K, N) in density-bound blocks.

    Parameters
    ----------
    block, nonzeros:
        Weights of a block, and how many of them are kept.
    rows:
        K; the last block of a column is filled up with zeros.
    values, places:
        Kept weights and where in their blocks they lie, shape (passes, N, blocks, nonzeros).

    Raises
    ------
    UserError
        If the places of a block do not rise from 0 to ``block - 1``.
    """

    block: int
    nonzeros: int
    rows: int
    values: Int64s
    places: Int64s

    def __post_init__(self) -> None:
        check_bound(self.block, self.nonzeros)
        blocks = -(-self.rows // self.block)
        if self.values.shape != self.places.shape or self.places.shape[2:] != (
            blocks, self.nonzeros,
        ):  # fmt: skip
            raise UserError(
                f"values and places must have {blocks} blocks of {self.nonzeros} in each column, "
                f"not {self.values.shape[2:]} and {self.places.shape[2:]}"
            )
        steps = np.diff(self.places, prepend=-1, append=self.block, axis=-1)
        wrong = np.argwhere((steps < 1).any(axis=-1))
        if len(wrong):
            where = tuple(wrong[0])
            raise UserError(
                f"places of block {where[2]} of column {where[1]} must rise from 0 to "
                f"{self.block - 1}, not {self.places[where].tolist()}"
            )

    @property
    def passes(self) -> int:
        """How often the activations are read."""
        return self.values.shape[0]

    @property
    def columns(self) -> int:
        """N."""
        return self.values.shape[1]

    @property
    def offsets(self) -> Int64s:
        """Places relative to the lowest that a slot can have, 0 to ``block - nonzeros``."""
        return self.places - np.arange(self.nonzeros)

    def decode(self) -> Int64s:
        """Return the matrix (K, N)."""
        passes, columns, blocks, _ = self.values.shape
        dense = np.zeros((passes, columns, blocks, self.block), np.int64)
        np.put_along_axis(dense, self.places, self.values, axis=-1)
        return dense.sum(axis=0).reshape(columns, -1)[:, : self.rows].T


def check_bound(block: int, nonzeros: int) -> None:
    """Raise a sentence if there are no such blocks."""
    if block not in BLOCKS:
        raise UserError(f"block must be one of {', '.join(map(str, BLOCKS))}, not {block}")
    if not 1 <= nonzeros <= block:
        raise UserError(f"nonzeros must be from 1 to block = {block}, not {nonzeros}")


def in_blocks(matrix: NDArray[Scalar], block: int) -> NDArray[Scalar]:
    """Return a matrix (K, N) as blocks along K, filled up with zeros: (N, blocks, block)."""
    rows, columns = matrix.shape
    filled = np.pad(matrix, ((0, -rows % block), (0, 0)))
    return filled.T.reshape(columns, -1, block)


def needed_passes(matrix: Int64s, block: int, nonzeros: int) -> int:
    """Return the passes that the densest block of a matrix (K, N) needs, 1 at least."""
    check_bound(block, nonzeros)
    most = int((in_blocks(matrix, block) != 0).sum(axis=-1).max(initial=0))
    return max(1, -(-most // nonzeros))


def encode(matrix: Int64s, block: int, nonzeros: int, passes: int | None = 1) -> DensityBound:
    """Encode a matrix (K, N); ``decode`` gives it back.

    Parameters
    ----------
    passes:
        Most passes that are allowed; None for as many as the densest block needs.

    Raises
    ------
    UserError
        If a block has more non-zeros than the passes hold, or the matrix is none.
    """
    if matrix.ndim != 2 or not matrix.size or not np.issubdtype(matrix.dtype, np.integer):
        raise UserError(
            "matrix must be whole numbers in rows and columns, not "
            f"{matrix.dtype} of shape {matrix.shape}"
        )
    matrix = matrix.astype(np.int64)
    needed = needed_passes(matrix, block, nonzeros)
    dense = in_blocks(matrix, block)
    taken = dense != 0
    if passes is not None and needed > passes:
        counts = taken.sum(axis=-1)
        column, place = np.argwhere(counts > passes * nonzeros)[0]
        bound = f"{nonzeros}" if passes == 1 else f"{passes} x {nonzeros}"
        raise UserError(
            f"block {place} of column {column} must have at most {bound} non-zeros, "
            f"not {counts[column, place]}"
        )
    turn = (np.cumsum(taken, axis=-1) - 1) // nonzeros
    values, places = [], []
    for number in range(needed):
        kept = taken & (turn == number)
        # The kept weights come first, then all others, each in rising order.
        first = np.argsort(~kept, axis=-1, kind="stable")[..., :nonzeros]
        places.append(np.sort(first, axis=-1))
        chosen = np.where(kept, dense, 0)
        values.append(np.take_along_axis(chosen, places[-1], axis=-1))
    return DensityBound(
        block=block, nonzeros=nonzeros, rows=len(matrix), values=np.stack(values),
        places=np.stack(places),
    )  # fmt: skip


def random_mask(
    rng: np.random.Generator, shape: tuple[int, ...], block: int, nonzeros: int
) -> NDArray[np.bool_]:
    """Return where a matrix (K, N) may be other than zero: random places of each block along K."""
    k, n = shape
    rank = rng.random((-(-k // block), block, n)).argsort(axis=1)
    return (rank < nonzeros).reshape(-1, n)[:k]

"""NVIDIA's 2:4 format: values and metadata as PTX ``mma.sp`` takes them.

Of each four weights along K two are kept. Their places, two bits each and rising, make a nibble,
the first place lowest; eight nibbles make a word of 32 bits, the first group lowest:

    places    0 1   0 2   0 3   1 2   1 3   2 3
    nibble    0x4   0x8   0xC   0x9   0xD   0xE

Groups with fewer non-zeros keep zeros at any of these pairs; `write` takes the lowest free places.
TF32 keeps one of two: a nibble names the 16-bit halves of the kept element, 0x4 or 0xE.

This is the order of the instruction's operands. Libraries may shuffle the words of a matrix
afterwards for their loads; that is no part of the format.

A row of NVIDIA's sparse operand is a column of W here. K is filled up with zeros to whole words.
"""

import numpy as np
from numpy.typing import NDArray

from macsmith.contract.errors import UserError
from macsmith.formats.density_bound import DensityBound
from macsmith.host.int64s import Int64s

GROUPS = 8
"""Groups of a metadata word."""

Metadata = NDArray[np.uint32]


def write(encoded: DensityBound) -> tuple[Int64s, Metadata]:
    """Return values (N, kept) and metadata (N, words) of a matrix in blocks 2:4, or 1:2 of TF32.

    Raises
    ------
    UserError
        If the blocks are others, or there are several passes.
    """
    bound = encoded.nonzeros, encoded.block
    if bound not in ((2, 4), (1, 2)) or encoded.passes > 1:
        raise UserError(
            "the 2:4 format must have blocks 2:4, or 1:2 for TF32, in one pass, not "
            f"{bound[0]}:{bound[1]} in {encoded.passes}"
        )
    values, places = encoded.values[0], encoded.places[0]
    missing = -places.shape[1] % GROUPS
    filler = np.broadcast_to(np.arange(encoded.nonzeros), (len(places), missing, encoded.nonzeros))
    places = np.concatenate([places, filler], axis=1)
    values = np.pad(values, ((0, 0), (0, missing), (0, 0)))
    pairs = places if encoded.block == 4 else 2 * places + np.arange(2)
    nibbles = pairs[..., 0] | pairs[..., 1] << 2
    words = nibbles.reshape(len(nibbles), -1, GROUPS) << 4 * np.arange(GROUPS)
    return values.reshape(len(values), -1), words.sum(axis=-1).astype(np.uint32)


def read(values: Int64s, metadata: Metadata, rows: int, block: int = 4) -> DensityBound:
    """Return the matrix (rows, N) of values and metadata; block 2 stands for TF32's 1:2.

    Raises
    ------
    UserError
        If a nibble is none of the format's, shapes do not fit, or a value lies beyond ``rows``.
    """
    if block not in (2, 4):
        raise UserError(f"block must be 4, or 2 for TF32, not {block}")
    nonzeros = block // 2
    columns, words = metadata.shape
    groups = words * GROUPS
    if values.shape != (columns, groups * nonzeros) or rows > groups * block:
        raise UserError(
            f"metadata of {columns} x {words} words must come with {groups * nonzeros} values a "
            f"column for {groups * block} rows at most, not {values.shape} for {rows}"
        )
    nibbles = (metadata[..., np.newaxis].astype(np.int64) >> 4 * np.arange(GROUPS)) & 15
    nibbles = nibbles.reshape(columns, groups)
    pairs = np.stack([nibbles & 3, nibbles >> 2], axis=-1)
    legal = pairs[..., 0] < pairs[..., 1]
    if block == 2:
        legal &= (pairs[..., 0] % 2 == 0) & (pairs[..., 1] == pairs[..., 0] + 1)
    if not legal.all():
        column, group = np.argwhere(~legal)[0]
        allowed = "0x4, 0x8, 0xC, 0x9, 0xD, 0xE" if block == 4 else "0x4, 0xE"
        raise UserError(
            f"metadata nibble of group {group} of column {column} must be one of {allowed}, "
            f"not 0x{nibbles[column, group]:X}"
        )
    places = pairs if block == 4 else pairs[..., :1] // 2
    kept = values.reshape(columns, groups, nonzeros).astype(np.int64)
    used = -(-rows // block)
    whole = DensityBound(
        block=block, nonzeros=nonzeros, rows=groups * block, values=kept[np.newaxis],
        places=places[np.newaxis],
    )  # fmt: skip
    beyond = np.argwhere(whole.decode()[rows:])
    if len(beyond):
        row, column = beyond[0]
        raise UserError(
            f"values beyond row {rows} must be zero, not that of row {rows + row} of column "
            f"{column}"
        )
    return DensityBound(
        block=block, nonzeros=nonzeros, rows=rows, values=whole.values[:, :, :used],
        places=whole.places[:, :, :used],
    )  # fmt: skip

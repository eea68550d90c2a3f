"""Density-bound blocks as bytes: bitmask form and index form.

A block takes ``k`` values of ``w`` bits and, below them,

    bitmask    a word of B bits, bit i set where place i is kept    k w + B bits
    index      k places of log2 B bits, slot 0 lowest               k (w + log2 B) bits

Blocks follow one another without gaps, lowest bit first: pass by pass, column by column, block by
block. Zeros fill up the last byte.
"""

import numpy as np
from numpy.typing import NDArray

from macsmith.contract.errors import UserError
from macsmith.formats.density_bound import DensityBound, check_bound
from macsmith.formats.stream_words import operand_range
from macsmith.host.int64s import Int64s

FORMS = ("bitmask", "index")

Bits = NDArray[np.uint8]


def place_bits(form: str, block: int, nonzeros: int) -> int:
    """Return the bits of a block that say where its values lie."""
    if form not in FORMS:
        raise UserError(f"form must be {' or '.join(FORMS)}, not {form!r}")
    check_bound(block, nonzeros)
    return block if form == "bitmask" else nonzeros * (block.bit_length() - 1)


def block_bits(form: str, block: int, nonzeros: int, width: int) -> int:
    """Return the bits of a block of weights of ``width`` bits."""
    return nonzeros * width + place_bits(form, block, nonzeros)


def stored_bits(encoded: DensityBound, form: str, width: int) -> int:
    """Return the bits of a matrix, without those that fill up the last byte."""
    blocks = encoded.values[..., 0].size
    return blocks * block_bits(form, encoded.block, encoded.nonzeros, width)


def pack(encoded: DensityBound, form: str, width: int, signed: bool = True) -> bytes:
    """Return a matrix as bytes.

    Raises
    ------
    UserError
        If a value does not fit ``width`` bits.
    """
    low, high = operand_range(width, signed)
    wrong = encoded.values[(encoded.values < low) | (encoded.values > high)]
    if wrong.size:
        raise UserError(f"weights of {width} bits must be from {low} to {high}, not {wrong[0]}")
    width_of_place = place_bits(form, encoded.block, encoded.nonzeros)
    if form == "bitmask":
        where = _bits((1 << encoded.places).sum(axis=-1, keepdims=True), width_of_place)
    else:
        where = _bits(encoded.places, width_of_place // encoded.nonzeros)
    blocks = np.concatenate([where, _bits(encoded.values, width)], axis=-1)
    return np.packbits(blocks.reshape(-1), bitorder="little").tobytes()


def unpack(
    data: bytes, form: str, width: int, signed: bool = True, *, block: int, nonzeros: int,
    rows: int, columns: int, passes: int = 1,
) -> DensityBound:  # fmt: skip
    """Return the matrix that `pack` gave as bytes.

    Raises
    ------
    UserError
        If the bytes are too few or too many, or a block's bitmask has not ``nonzeros`` ones.
    """
    each = block_bits(form, block, nonzeros, width)
    shape = (passes, columns, -(-rows // block))
    total = int(np.prod(shape)) * each
    if len(data) != -(-total // 8):
        raise UserError(f"data must have {-(-total // 8)} bytes, not {len(data)}")
    bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
    if bits[total:].any():
        raise UserError("bits after the last block must be zero, not one")
    blocks = bits[:total].reshape(*shape, each)
    places_end = place_bits(form, block, nonzeros)
    if form == "bitmask":
        mask = blocks[..., :places_end]
        ones = mask.sum(axis=-1, dtype=np.int64)
        wrong = np.argwhere(ones != nonzeros)
        if len(wrong):
            _, column, place = wrong[0]
            raise UserError(
                f"bitmask of block {place} of column {column} must have {nonzeros} ones, "
                f"not {ones[tuple(wrong[0])]}"
            )
        places = np.nonzero(mask)[-1].reshape(*shape, nonzeros)
    else:
        places = _numbers(blocks[..., :places_end], nonzeros)
    values = _numbers(blocks[..., places_end:], nonzeros)
    if signed:
        values -= (values >> (width - 1)) << width
    return DensityBound(block=block, nonzeros=nonzeros, rows=rows, values=values, places=places)


def _bits(numbers: Int64s, width: int) -> Bits:
    """Return the lowest ``width`` bits of each number, lowest first: (..., n * width)."""
    bits = (numbers[..., np.newaxis] >> np.arange(width)) & 1
    return bits.astype(np.uint8).reshape(*numbers.shape[:-1], -1)


def _numbers(bits: Bits, count: int) -> Int64s:
    """Return the ``count`` numbers of equal width that bits (..., count * width) stand for."""
    fields = bits.reshape(*bits.shape[:-1], count, -1).astype(np.int64)
    return (fields << np.arange(fields.shape[-1])).sum(axis=-1)

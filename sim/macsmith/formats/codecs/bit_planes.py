"""Bit planes of differences: blocks of values that are not zero, and where the zeros were.

Cavigelli et al., "EBPC: Extended Bit-Plane Compression for Deep Neural Network Inference and
Training Accelerators" (IEEE JETCAS 2019). Zeros leave in a string of their own: a 1 for each value
that is not zero, and for up to 16 zeros a 0 and their number less one in four bits. What is not
zero follows in blocks: the first value as it is, then the planes of the differences between
neighbours, from the lowest bit up, each exclusive or the one before it, the first difference's bit
highest. A last block that is not whole is filled up with zeros.

| plane | code |
|---|---|
| zero: one, or 2 and more in a row | 01, or 001 and their number less two |
| all ones | 00000 |
| zero before the exclusive or | 00001 |
| two neighbouring ones, or one | 00010, or 00011, and the place of the first from the left |
| any other | 1 and the plane |
"""

from collections.abc import Iterator

import numpy as np

from macsmith.formats.codecs.bit_string import BitReader, Bits, MalformedError, joined
from macsmith.formats.codecs.code import runs_before
from macsmith.host.int64s import Int64s

RUN_BITS = 4
"""Bits of a number of zeros."""


def zero_string(values: Int64s) -> Bits:
    """Return where the zeros are.

    >>> zeros = zero_string(np.array([3, 0, 0, 4, 5, 7, 0, 7, 6, 0, 0, 0, 4, 2]))
    >>> "".join(map(str, zeros))
    '10000111100000110001011'
    """
    most = 1 << RUN_BITS
    kept = np.flatnonzero(values)
    runs = np.append(runs_before(kept), len(values) - (kept[-1] + 1 if len(kept) else 0))
    fields: list[int] = []
    lengths: list[int] = []
    for number, run in enumerate(runs.tolist()):
        for left in range(run, 0, -most):
            fields.append(min(left, most) - 1)
            lengths.append(1 + RUN_BITS)
        if number < len(kept):
            fields.append(1)
            lengths.append(1)
    return joined(fields, lengths)


def planes(block: Int64s, width: int) -> Int64s:
    """Return the planes of a block's differences before the exclusive or, the lowest bit's first.

    Of n values they have n - 1 bits each, of width + 1 planes.
    """
    deltas = np.diff(block) & (1 << width + 1) - 1
    places = 1 << np.arange(len(deltas))[::-1]
    return np.array([((deltas >> bit & 1) * places).sum() for bit in range(width + 1)])


def block_string(block: Int64s, width: int) -> Bits:
    """Return the code of a block of a power of two of values, of ``width`` bits each.

    >>> "".join(map(str, block_string(np.array([3, 4, 5, 7, 7, 6, 4, 2]), 8)))
    '00000011111001001111001100011010001100'
    """
    size = len(block)
    plain = planes(block, width)
    changed = plain ^ np.append(0, plain[:-1])
    fields, lengths = [int(block[0])], [width]
    at = 0
    while at < len(changed):
        run = 0
        while at + run < len(changed) and not changed[at + run]:
            run += 1
        if run:
            code = (1, 2) if run == 1 else (1 << _bits(width) | run - 2, 3 + _bits(width))
            at += run
        else:
            code = _plane(int(changed[at]), int(plain[at]), size)
            at += 1
        fields.append(code[0])
        lengths.append(code[1])
    return joined(fields, lengths)


def _bits(width: int) -> int:
    """Return the bits of a number of planes of zeros, less two."""
    return (width - 1).bit_length()


def _plane(changed: int, plain: int, size: int) -> tuple[int, int]:
    """Return the code of a plane that is not zero, and its bits."""
    ones, place_bits = size - 1, (size - 1).bit_length()
    place = ones - changed.bit_length()
    low = changed & -changed
    if changed == (1 << ones) - 1:
        return 0b00000, 5
    if plain == 0:
        return 0b00001, 5
    if changed == 3 * low:
        return 0b00010 << place_bits | place, 5 + place_bits
    if changed == low:
        return 0b00011 << place_bits | place, 5 + place_bits
    return 1 << ones | changed, size


def blocks(values: Int64s, size: int) -> Iterator[Int64s]:
    """Yield what is not zero in blocks, the last one filled up with zeros."""
    kept = values[values != 0]
    filled = np.pad(kept, (0, -len(kept) % size))
    yield from filled.reshape(-1, size)


def encode(values: Int64s, width: int, size: int = 8) -> tuple[Bits, Bits]:
    """Return the string of zeros and that of blocks."""
    codes = [block_string(block, width) for block in blocks(values, size)]
    return zero_string(values), np.concatenate([np.zeros(0, np.uint8), *codes])


def decode(zeros: Bits, codes: Bits, count: int, width: int, size: int = 8) -> Int64s:
    """Return so many values.

    Raises
    ------
    MalformedError
        If a string ends before the values do, or holds what `encode` does not write.
    """
    flags, reader = BitReader(zeros, 1), BitReader(codes, 1)
    found: list[int] = []
    block: list[int] = []
    while len(found) < count:
        if not flags.take(1):
            found += [0] * (flags.take(RUN_BITS) + 1)
            continue
        block = block or _block(reader, width, size)
        found.append(block.pop(0))
    if len(found) > count or any(block) or flags.at < len(zeros) or reader.at < len(codes):
        raise MalformedError("strings that no encoder writes for so many values")
    return np.array(found, np.int64)


def _block(reader: BitReader, width: int, size: int) -> list[int]:
    """Return the next block."""
    values = [reader.take(width)]
    plain: list[int] = []
    while len(plain) < width + 1:
        before = plain[-1] if plain else 0
        plain += [before ^ one if one >= 0 else 0 for one in _read(reader, width, size, before)]
    if len(plain) > width + 1:
        raise MalformedError("more planes of zeros than a block has")
    for place in range(size - 2, -1, -1):
        delta = sum((one >> place & 1) << bit for bit, one in enumerate(plain))
        values.append((values[-1] + delta) & (1 << width) - 1)
    return values


def _read(reader: BitReader, width: int, size: int, before: int) -> list[int]:
    """Return the next planes after the exclusive or, -1 for one that is zero before it."""
    ones, place_bits = size - 1, (size - 1).bit_length()
    if reader.take(1):
        return [reader.take(ones)]
    if reader.take(1):
        return [0]
    if reader.take(1):
        return [0] * (reader.take(_bits(width)) + 2)
    kind = reader.take(2)
    if kind == 0:
        return [(1 << ones) - 1]
    if kind == 1:
        return [-1]
    place = reader.take(place_bits)
    bits = 3 if kind == 2 else 1
    shift = ones - place - bits.bit_length()
    if shift < 0:
        raise MalformedError("a one beyond the plane")
    return [bits << shift]

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
from dataclasses import dataclass
from typing import Any

import numpy as np

from macsmith.formats.codecs.bit_string import BitReader, Bits, MalformedError, joined
from macsmith.host.int64s import Int64s

RUN_BITS = 4
"""Bits of a number of zeros."""


@dataclass(frozen=True, eq=False)
class Coded:
    """A string, and where it was written.

    Members
    -------
    bits:
        The string.
    lengths:
        Bits by element, or by block, shape (elements,) or (blocks,).
    """

    bits: Bits
    lengths: Int64s


class BitPlaneCode:
    """The code of values of ``width`` bits in blocks of ``block``, a power of two.

    >>> code = BitPlaneCode(8, 8)
    >>> "".join(map(str, code.zeros(np.array([3, 0, 0, 4, 5, 7, 0, 7, 6, 0, 0, 0, 4, 2])).bits))
    '10000111100000110001011'
    >>> "".join(map(str, code.blocks(np.array([3, 4, 5, 7, 7, 6, 4, 2])).bits))
    '00000011111001001111001100011010001100'
    """

    def __init__(self, width: int, block: int) -> None:
        self.width, self.block = width, block
        self.run_bits = (width - 1).bit_length()
        self.place_bits = (block - 1).bit_length()

    # Encoding.

    def zeros(self, values: Int64s) -> Coded:
        """Return the string that tells where zeros are, bit lengths by element."""
        most = 1 << RUN_BITS
        place, kept = np.arange(len(values)), values != 0
        # Zeros up to an element since the last that is none, and the place in a run of 16.
        before = place - np.maximum.accumulate(np.where(kept, place + 1, 0))
        before = np.append(0, before[:-1] + 1) * np.append(False, ~kept[:-1])
        waiting = before % most
        ends = ~kept & ((waiting == most - 1) | (place == len(values) - 1))
        runs = np.where(kept, np.where(waiting > 0, waiting - 1, 0), waiting)
        told = ends | (kept & (waiting > 0))
        lengths = np.stack([told * (1 + RUN_BITS), kept.astype(np.int64)], axis=1)
        fields = np.stack([runs, np.ones_like(runs)], axis=1)
        return Coded(joined(fields.reshape(-1), lengths.reshape(-1)), lengths.sum(axis=1))

    def blocks(self, values: Int64s) -> Coded:
        """Return the string of the values that are not zero, bit lengths by block."""
        kept = values[values != 0]
        filled = np.pad(kept, (0, -len(kept) % self.block)).reshape(-1, self.block)
        deltas = np.diff(filled, axis=1) & (1 << self.width + 1) - 1
        shifts = np.arange(self.width + 1)
        places = 1 << np.arange(self.block - 1)[::-1]
        plain = ((deltas[:, np.newaxis] >> shifts[:, np.newaxis] & 1) * places).sum(axis=2)
        fields, lengths = self.plane_fields(plain)
        first = np.full((len(filled), 1), self.width)
        fields = np.concatenate([filled[:, :1], fields], axis=1)
        lengths = np.concatenate([first, lengths], axis=1)
        return Coded(joined(fields.reshape(-1), lengths.reshape(-1)), lengths.sum(axis=1))

    def plane_fields(self, plain: Int64s) -> tuple[Int64s, Int64s]:
        """Return the codes of blocks' planes and their bits, those of a run with its last plane.

        Parameters
        ----------
        plain:
            Planes before the exclusive or, the lowest bit's first, shape (blocks, planes).
        """
        ones, places = self.block - 1, self.place_bits
        changed = plain ^ np.pad(plain, ((0, 0), (1, 0)))[:, :-1]
        zero, at = changed == 0, np.arange(plain.shape[1])
        run = at - np.maximum.accumulate(np.where(zero, -1, at), axis=1)
        ends = zero & np.pad(~zero, ((0, 0), (0, 1)), constant_values=True)[:, 1:]
        low = changed & -changed
        top = np.zeros_like(changed)
        for bit in range(ones):
            top[changed >> bit != 0] = bit
        place = ones - 1 - top
        cases: list[tuple[Any, Any, int]] = [
            (zero & ~ends, 0, 0), (ends & (run == 1), 1, 2),
            (ends, 1 << self.run_bits | run - 2, 3 + self.run_bits),
            (changed == (1 << ones) - 1, 0b00000, 5), (plain == 0, 0b00001, 5),
            (changed == 3 * low, 0b00010 << places | place, 5 + places),
            (changed == low, 0b00011 << places | place, 5 + places),
        ]  # fmt: skip
        when = [one[0] for one in cases]
        fields = np.select(when, [one[1] + 0 * run for one in cases], 1 << ones | changed)
        return fields, np.select(when, [one[2] + 0 * run for one in cases], 1 + ones)

    # Decoding.

    def decode(self, zeros: Bits, codes: Bits, count: int, word: int) -> tuple[Int64s, bool]:
        """Return the values of a packet whose strings are whole words, and if it is malformed.

        Of a malformed one they end with the last that there should be, or, if it is not known what
        that is, with a zero after the last that is right.
        """
        flags, reader = BitReader(zeros, word), BitReader(codes, word)
        found: list[int] = []
        # What is left of a block; None in place of a value that no encoder would write.
        block: list[int | None] = []
        try:
            if not count:
                raise MalformedError("a packet has at least one element")
            for value in self._elements(flags, reader, block, count):
                found.append(value)
            bad = any(one != 0 for one in block) or not (flags.padded and reader.padded)
        except MalformedError:
            found.append(0)
            bad = True
        return np.array(found, np.int64), bad

    def _elements(
        self, flags: BitReader, reader: BitReader, block: list[int | None], count: int
    ) -> Iterator[int]:
        left, short = count, False
        while left:
            if flags.take(1):
                if not block:
                    block += self._block(reader)
                value = block.pop(0)
                if not value:
                    raise MalformedError("a value that no encoder writes")
                left, short = left - 1, False
                yield value
                continue
            run = flags.take(RUN_BITS) + 1
            if short or run > left:
                raise MalformedError("a run of zeros that no encoder writes")
            left, short = left - run, run < 1 << RUN_BITS
            yield from [0] * run

    def _block(self, reader: BitReader) -> list[int | None]:
        """Return the next block."""
        value: int | None = reader.take(self.width)
        values, start = [value], reader.at
        plain: list[int] = []
        while len(plain) < self.width + 1:
            before = plain[-1] if plain else 0
            for one in self._planes(reader):
                plain.append(before := before ^ one if one >= 0 else 0)
        fields, lengths = self.plane_fields(np.array([plain[: self.width + 1]]))
        written = joined(fields[0], lengths[0])
        if len(plain) > self.width + 1 or not np.array_equal(
            written, reader.bits[start : reader.at]
        ):
            raise MalformedError("codes of planes that no encoder writes")
        for place in range(self.block - 2, -1, -1):
            delta = sum((one >> place & 1) << bit for bit, one in enumerate(plain))
            delta -= (delta >> self.width) << self.width + 1
            if value is not None:
                value += delta
                value = value if 0 <= value < 1 << self.width else None
            values.append(value)
        return values

    def _planes(self, reader: BitReader) -> list[int]:
        """Return the next planes after the exclusive or, -1 for one that is zero before it."""
        ones = self.block - 1
        if reader.take(1):
            return [reader.take(ones)]
        if reader.take(1):
            return [0]
        if reader.take(1):
            return [0] * (reader.take(self.run_bits) + 2)
        kind = reader.take(2)
        if kind < 2:
            return [-1 if kind else (1 << ones) - 1]
        place = reader.take(self.place_bits)
        bits = 3 if kind == 2 else 1
        shift = ones - place - bits.bit_length()
        if shift < 0:
            raise MalformedError("a one beyond the plane")
        return [bits << shift]

"""A packet as one string of bits, the first bit of a word in its highest place."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.host.int64s import Int64s

Bits = NDArray[np.uint8]
"""Zeros and ones in order, shape (bits,)."""


class MalformedError(ValueError):
    """Bits that no encoder writes, or too few of them."""


def joined(values: Any, lengths: Any) -> Bits:
    """Return fields as one string of bits, each from its highest bit down.

    >>> joined([5, 1], [3, 2]).tolist()
    [1, 0, 1, 0, 1]

    Parameters
    ----------
    values, lengths:
        Shape (fields,), lengths from 0 to 64.
    """
    lengths = np.asarray(lengths, np.int64)
    ends = np.repeat(np.cumsum(lengths), lengths)
    places = (ends - 1 - np.arange(len(ends))).astype(np.uint64)
    repeated = np.repeat(np.asarray(values).astype(np.uint64), lengths)
    return (repeated >> places & np.uint64(1)).astype(np.uint8)


def words_of(bits: Bits, width: int) -> Int64s:
    """Return a string of bits in words, zeros in the last; no bits are one word of zeros.

    Words of 64 bits are in two's complement.
    """
    count = max(1, -(-len(bits) // width))
    filled = np.zeros((count, width), np.uint64)
    filled.reshape(-1)[: len(bits)] = bits
    places = np.arange(width - 1, -1, -1).astype(np.uint64)
    return (filled << places).sum(axis=1, dtype=np.uint64).view(np.int64)


def bits_of(words: Int64s, width: int) -> Bits:
    """Return the bits of words."""
    places = np.arange(width - 1, -1, -1)
    return (words[:, np.newaxis] >> places & 1).astype(np.uint8).reshape(-1)


@dataclass
class BitReader:
    """Reads a string of bits from its beginning.

    Members
    -------
    bits, word:
        The string, and the bits of a word of it.
    at:
        Bits that have been read.
    """

    bits: Bits
    word: int
    at: int = 0

    def take(self, count: int) -> int:
        """Return the next bits as a number.

        Raises
        ------
        MalformedError
            If there are fewer.
        """
        if self.at + count > len(self.bits):
            raise MalformedError("the packet ends before its elements do")
        number = 0
        for bit in self.bits[self.at : self.at + count]:
            number = number << 1 | int(bit)
        self.at += count
        return number

    @property
    def padded(self) -> bool:
        """Whether nothing is left but zeros that fill up a word."""
        left = len(self.bits) - self.at
        return not self.bits[self.at :].any() and (left < self.word + (self.at == 0))

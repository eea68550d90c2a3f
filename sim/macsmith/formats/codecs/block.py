"""Structured blocks: a bit a block, and all values of the blocks that are not zero."""

from collections.abc import Iterator, Sequence

import numpy as np

from macsmith.formats.codecs.bit_string import BitReader, MalformedError
from macsmith.formats.codecs.code import Code, Fields
from macsmith.host.int64s import Int64s


class BlockCode(Code):
    """A bit for each block of ``block`` values, and after a one the values, the first first.

    >>> BlockCode(4, 2).encode(np.array([[0, 0], [9, 0]])).tolist()
    [0, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    """

    def __init__(self, width: int, block: int) -> None:
        self.width, self.lanes = width, block

    def fields(self, values: Int64s) -> Fields:
        kept = (values != 0).max(axis=1, keepdims=True)
        words = np.concatenate([kept, values], axis=1)
        written = np.broadcast_to(kept, words.shape).copy()
        written[:, 0] = True
        lengths = np.full(words.shape, self.width)
        lengths[:, 0] = 1
        return words[written], lengths[written]

    def elements(self, reader: BitReader, count: int) -> Iterator[Sequence[int]]:
        for _ in range(count):
            kept = reader.take(1)
            values = [reader.take(self.width) if kept else 0 for _ in range(self.lanes)]
            if kept and not any(values):
                raise MalformedError("a block of zeros is stored")
            yield values

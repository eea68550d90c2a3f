"""Bit masks: flags of the elements of a block, then those that are not zero."""

from collections.abc import Iterator, Sequence

import numpy as np

from macsmith.formats.codecs.bit_string import BitReader, MalformedError
from macsmith.formats.codecs.code import Code, Fields
from macsmith.host.int64s import Int64s


class BitmaskCode(Code):
    """Flags of ``block`` elements, the first highest, and then the values that are not zero.

    >>> BitmaskCode(4, 3).fields(np.array([[0], [9], [2], [5]]))[0].tolist()
    [3, 9, 2, 4, 5]
    """

    def __init__(self, width: int, block: int) -> None:
        self.width, self.block = width, block

    def fields(self, values: Int64s) -> Fields:
        count = -(-len(values) // self.block)
        blocks = np.zeros((count, self.block), np.int64)
        blocks.reshape(-1)[: len(values)] = values[:, 0]
        flags = ((blocks != 0) << np.arange(self.block - 1, -1, -1)).sum(axis=1)
        words = np.concatenate([flags[:, np.newaxis], blocks], axis=1)
        kept = np.concatenate([np.ones((count, 1), np.bool_), blocks != 0], axis=1)
        lengths = np.full(words.shape, self.width)
        lengths[:, 0] = self.block
        return words[kept], lengths[kept]

    def elements(self, reader: BitReader, count: int) -> Iterator[Sequence[int]]:
        for start in range(0, count, self.block):
            flags = reader.take(self.block)
            if flags & (1 << max(0, start + self.block - count)) - 1:
                raise MalformedError("a flag beyond the last element")
            for at in range(start, min(count, start + self.block)):
                kept = flags >> self.block - 1 - (at - start) & 1
                value = reader.take(self.width) if kept else 0
                if kept and not value:
                    raise MalformedError("a zero is stored")
                yield [value]

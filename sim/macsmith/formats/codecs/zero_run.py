"""Zero run-length: a run of zeros is a zero and how many there are."""

from collections.abc import Iterator, Sequence

import numpy as np

from macsmith.formats.codecs.bit_string import BitReader, MalformedError
from macsmith.formats.codecs.code import Code, Fields
from macsmith.host.int64s import Int64s


class ZeroRunCode(Code):
    """Words of ``width`` bits; a run longer than the greatest number is several.

    >>> values = np.array([17, 8, 54, 0, 0, 0, 87, 5, 16, 0, 45, 23, 0, 0, 0, 0, 3, 67, 0, 0, 8])
    >>> ZeroRunCode(8).fields(values[:, None])[0].tolist()
    [17, 8, 54, 0, 3, 87, 5, 16, 0, 1, 45, 23, 0, 4, 3, 67, 0, 2, 8]
    """

    def __init__(self, width: int) -> None:
        self.width, self.most = width, 2**width - 1

    def fields(self, values: Int64s) -> Fields:
        flat = values[:, 0]
        place = np.arange(len(flat))
        # Zeros by their place in a run of zeros.
        inside = place - np.maximum.accumulate(np.where(flat != 0, place + 1, 0))
        zero = flat == 0
        first = zero & (inside % self.most == 0)
        last = zero & (np.append(~zero[1:], True) | (inside % self.most == self.most - 1))
        words = np.stack([np.where(zero, 0, flat), inside % self.most + 1], axis=1)
        written = np.stack([~zero | first, last], axis=1)
        kept = words[written]
        return kept, np.full(len(kept), self.width)

    def elements(self, reader: BitReader, count: int) -> Iterator[Sequence[int]]:
        left, short = count, False
        while left:
            value = reader.take(self.width)
            if value:
                run, short = 1, False
            else:
                run = reader.take(self.width)
                if short or not 0 < run <= left:
                    raise MalformedError("a run of zeros that no encoder writes")
                short = run < self.most
            left -= run
            for _ in range(run):
                yield [value]

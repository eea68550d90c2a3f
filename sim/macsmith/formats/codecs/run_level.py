"""Pairs of zeros and a value: run-length coding, and entries of compressed sparse columns."""

from collections.abc import Iterator, Sequence

import numpy as np

from macsmith.formats.codecs.bit_string import BitReader, MalformedError
from macsmith.formats.codecs.code import Code, Fields, runs_before
from macsmith.host.int64s import Int64s


class PairCode(Code):
    """Pairs of a run of zeros, of ``index`` bits, and the value after it, of ``width`` bits.

    >>> values = np.array([[0], [0], [12], [0], [0], [0], [0], [53], [0], [0], [22]])
    >>> PairCode(16, 5, trailing=True).fields(values)[0].tolist() == [
    ...     2 << 16 | 12, 4 << 16 | 53, 2 << 16 | 22]
    True

    Parameters
    ----------
    trailing:
        Whether zeros at the end are stored, the last of them as a value.
    """

    def __init__(self, width: int, index: int, *, trailing: bool) -> None:
        self.width, self.index, self.trailing = width, index, trailing
        self.longest = 2**index - 1

    def fields(self, values: Int64s) -> Fields:
        flat = values[:, 0]
        place = np.arange(len(flat))
        inside = place - np.maximum.accumulate(np.where(flat != 0, place + 1, 0))
        # Each run of zeros is cut wherever its length no longer fits.
        kept = (flat != 0) | (inside % (self.longest + 1) == self.longest)
        if self.trailing:
            kept[-1] = True
        places = np.flatnonzero(kept)
        pairs = runs_before(places) << self.width | flat[places]
        return pairs, np.full(len(pairs), self.width + self.index)

    def elements(self, reader: BitReader, count: int) -> Iterator[Sequence[int]]:
        left = count
        while left:
            if not self.trailing and reader.padded and left <= self.longest:
                yield from [[0]] * left
                return
            pair = reader.take(self.width + self.index)
            run, level = pair >> self.width, pair & 2**self.width - 1
            ends = self.trailing and run + 1 == left
            if run >= left or not (level or run == self.longest or ends):
                raise MalformedError("a pair that no encoder writes")
            yield from [[0]] * run
            yield [level]
            left -= run + 1

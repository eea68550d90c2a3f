"""What a code states, and the packets that follow from it."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

import numpy as np

from macsmith.formats.codecs.bit_string import BitReader, Bits, MalformedError, joined
from macsmith.host.int64s import Int64s

Fields = tuple[Int64s, Int64s]
"""Values and lengths of fields in order, shape (fields,)."""


class Code(ABC):
    """A way to write elements as bits."""

    lanes = 1
    """Elements that come together."""

    @abstractmethod
    def fields(self, values: Int64s) -> Fields:
        """Return what a packet is written as.

        Parameters
        ----------
        values:
            Elements, not negative, shape (beats, lanes).
        """

    @abstractmethod
    def elements(self, reader: BitReader, count: int) -> Iterator[Sequence[int]]:
        """Yield the elements of so many beats.

        Raises
        ------
        MalformedError
            At the first beat of which `fields` writes nothing like it.
        """

    def encode(self, values: Int64s) -> Bits:
        """Return the bits of a packet."""
        return joined(*self.fields(values))

    def decode(self, bits: Bits, count: int, word: int) -> tuple[Int64s, bool]:
        """Return the elements of a packet in whole words, and whether it is malformed.

        Of a malformed one they end with the last that there should be, or, if it is not known what
        that is, with zeros after the last that is right.
        """
        reader = BitReader(bits, word)
        found: list[Sequence[int]] = []
        try:
            if not count:
                raise MalformedError("a packet has at least one element")
            for beat in self.elements(reader, count):
                found.append(beat)
            bad = not reader.padded
        except MalformedError:
            found.append([0] * self.lanes)
            bad = True
        return np.array(found, np.int64), bad


class PlainCode(Code):
    """Elements of ``width`` bits as they are."""

    def __init__(self, width: int) -> None:
        self.width = width

    def fields(self, values: Int64s) -> Fields:
        return values[:, 0], np.full(len(values), self.width)

    def elements(self, reader: BitReader, count: int) -> Iterator[Sequence[int]]:
        for _ in range(count):
            yield [reader.take(self.width)]


def runs_before(kept: Int64s) -> Int64s:
    """Return how many elements lie between each place that is kept and the one before it.

    >>> runs_before(np.array([2, 3, 7])).tolist()
    [2, 0, 3]
    """
    return np.diff(kept, prepend=-1) - 1

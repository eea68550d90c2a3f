"""Canonical Huffman codes: lengths say all."""

from collections.abc import Iterator, Sequence

import numpy as np

from macsmith.formats.codecs.bit_string import BitReader, MalformedError
from macsmith.formats.codecs.code import Code, Fields
from macsmith.host.int64s import Int64s


def complete(lengths: Int64s) -> bool:
    """Return whether lengths, 0 for a symbol without one, are those of a complete prefix code."""
    used = lengths[lengths > 0]
    return bool(used.size) and int((2 ** (64 - used.astype(object))).sum()) == 2**64


def canonical(lengths: Int64s) -> Int64s:
    """Return the codes: those of a length follow the shorter ones and rise with the symbol.

    >>> canonical(np.array([1, 3, 2, 3])).tolist()
    [0, 6, 2, 7]
    """
    codes, code, before = np.zeros(len(lengths), np.int64), 0, 0
    for symbol in np.lexsort((np.arange(len(lengths)), lengths)):
        length = int(lengths[symbol])
        if length:
            code <<= length - before
            codes[symbol], before = code, length
            code += 1
    return codes


class HuffmanCode(Code):
    """A code by the lengths of all symbols; None before a table is loaded.

    >>> code = HuffmanCode(np.array([1, 3, 2, 3]))
    >>> "".join(map(str, code.encode(np.array([[0], [0], [1], [0], [2], [2], [3]]))))
    '0011001010111'
    """

    def __init__(self, lengths: Int64s | None) -> None:
        self.lengths = lengths
        if lengths is not None:
            self.codes = canonical(lengths)
            pairs = zip(lengths.tolist(), self.codes.tolist(), strict=True)
            self.symbols = {pair: symbol for symbol, pair in enumerate(pairs) if pair[0]}

    def fields(self, values: Int64s) -> Fields:
        if self.lengths is None:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        return self.codes[values[:, 0]], self.lengths[values[:, 0]]

    def lacks(self, values: Int64s) -> bool:
        """Return whether one of some symbols has no code."""
        return self.lengths is None or bool((self.lengths[values[:, 0]] == 0).any())

    def elements(self, reader: BitReader, count: int) -> Iterator[Sequence[int]]:
        if self.lengths is None:
            raise MalformedError("there is no table")
        for _ in range(count):
            length, code = 1, reader.take(1)
            while (length, code) not in self.symbols:
                length, code = length + 1, code << 1 | reader.take(1)
            yield [self.symbols[length, code]]


def optimal(counts: Int64s, longest: int) -> Int64s:
    """Return the lengths of the best code no longer than ``longest`` for so many of each symbol.

    Package-merge (Larmore and Hirschberg 1990); symbols that do not occur get no code, unless there
    are fewer than two others.
    """
    used = [int(symbol) for symbol in np.flatnonzero(counts)]
    for symbol in range(len(counts)):
        if len(used) < 2 and symbol not in used:
            used.append(symbol)
    coins: list[tuple[int, tuple[int, ...]]] = sorted(
        (int(counts[symbol]), (symbol,)) for symbol in used
    )
    packages = list(coins)
    for _ in range(longest - 1):
        pairs = zip(packages[::2], packages[1::2], strict=False)
        merged = [(one[0] + other[0], one[1] + other[1]) for one, other in pairs]
        packages = sorted([*coins, *merged])
    lengths = np.zeros(len(counts), np.int64)
    for _, symbols in packages[: 2 * len(used) - 2]:
        np.add.at(lengths, list(symbols), 1)
    return lengths

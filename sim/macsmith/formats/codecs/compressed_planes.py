"""Channels of activations, and of a group's weights, in vectors of entries with runs of zeros.

Parashar et al., "SCNN" (ISCA 2017): of each entry its value and the zeros before it; where there
are as many zeros as the index can tell and one more, an entry of value 0 stands for the last. Each
channel begins a vector; what a channel's last vector lacks is filled up with entries of zeros.
"""

from dataclasses import dataclass

import numpy as np

from macsmith.formats.codecs.run_level import PairCode
from macsmith.host.int64s import Int64s, wrap

VALUE = 32
"""Bits that hold any value."""


@dataclass(frozen=True, eq=False)
class Vectors:
    """Compressed channels.

    Members
    -------
    values, zeros:
        Of each entry, shape (vectors, lanes).
    ends:
        Where each channel ends, counted in vectors.
    """

    values: Int64s
    zeros: Int64s
    ends: Int64s


def compress(channels: Int64s, lanes: int, index: int) -> Vectors:
    """Return channels compressed.

    >>> compress(np.array([[0, 7, 0, 0, 0, 5], [0] * 6, [0, 0, 0, 0, 1, 0]]), 2, 1).zeros.tolist()
    [[1, 1], [1, 0], [1, 1], [0, 0]]

    Parameters
    ----------
    channels:
        Shape (channels, places); what is not zero is kept.
    lanes:
        Entries of a vector.
    index:
        Bits of the zeros before an entry.
    """
    code = PairCode(VALUE, index, trailing=False)
    found, counts = [], []
    for channel in channels & (1 << VALUE) - 1:
        pairs, _ = code.fields(channel[:, np.newaxis])
        vectors = -(-len(pairs) // lanes)
        found.append(np.pad(pairs, (0, vectors * lanes - len(pairs))))
        counts.append(vectors)
    entries = np.concatenate(found).reshape(-1, lanes)
    return Vectors(wrap(entries, VALUE, True), entries >> VALUE, np.cumsum(counts))


def expand(words: Int64s, ends: Int64s, width: int, places: int) -> Int64s:
    """Return channels of entries, shape (channels, places).

    Parameters
    ----------
    words:
        Entries, the value in the low ``width`` bits, in two's complement; shape (vectors, lanes).
    ends:
        Where each channel ends, counted in vectors.
    """
    channels = np.zeros((len(ends), places), np.int64)
    values, zeros = wrap(words, width, True), words >> width
    for number, (begin, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
        at = np.cumsum(zeros[begin:end].reshape(-1) + 1) - 1
        some = values[begin:end].reshape(-1)
        channels[number, at[some != 0]] = some[some != 0]
    return channels


def tiles(acts: Int64s, rows: int, cols: int, tile: tuple[int, int]) -> Int64s:
    """Return the tile of each PE, shape (rows * cols, channels, places), zeros around the planes.

    Parameters
    ----------
    acts:
        Shape (height, width, channels).
    """
    tall, wide = tile
    height, width, channels = acts.shape
    filled = np.zeros((rows * tall, cols * wide, channels), np.int64)
    filled[:height, :width] = acts
    parts = filled.reshape(rows, tall, cols, wide, channels).transpose(0, 2, 4, 1, 3)
    return parts.reshape(rows * cols, channels, tall * wide)


def grouped(weights: Int64s, group: int) -> Int64s:
    """Return weights channel by channel of each group, shape (groups * channels, places).

    Of a channel the group's output channels come first, then a filter's columns and rows.

    Parameters
    ----------
    weights:
        Shape (outputs, height, width, channels); outputs that a group lacks are zero.
    """
    outputs, height, width, channels = weights.shape
    groups = -(-outputs // group)
    filled = np.zeros((groups * group, height, width, channels), np.int64)
    filled[:outputs] = weights
    parts = filled.reshape(groups, group, height, width, channels).transpose(0, 4, 2, 3, 1)
    return parts.reshape(groups * channels, height * width * group)

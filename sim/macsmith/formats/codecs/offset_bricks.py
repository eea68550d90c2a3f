"""Bricks of activations without the zeros: values with their offsets.

Albericio et al., "Cnvlutin" (ISCA 2016): a brick is activations of consecutive channels; what is
not zero of it is packed at the brick's own place, which is as large as the whole, each value with
its offset. Here an entry also says whether it is its brick's last; an empty brick is one entry of
value 0.
"""

import numpy as np

from macsmith.host.int64s import Int64s


def entries(bricks: Int64s, width: int) -> Int64s:
    """Return the entries of bricks, zeros after the last of each, shape (bricks, activations).

    >>> entries(np.array([[0, 3, 0, -1], [0, 0, 0, 0]]), 4).tolist()
    [[19, 127, 0, 0], [64, 0, 0, 0]]

    Parameters
    ----------
    bricks:
        Activations, shape (bricks, activations), as many of a brick as a power of two.
    width:
        Bits of a value, which is in an entry's low bits; its offset follows, then the end's bit.
    """
    size = bricks.shape[1]
    offset_bits = (size - 1).bit_length()
    order = np.argsort(bricks == 0, axis=1, kind="stable")
    kept = np.take_along_axis(bricks, order, axis=1)
    used = np.maximum((bricks != 0).sum(axis=1), 1)[:, np.newaxis]
    there = np.arange(size) < used
    offsets = np.where(kept != 0, order, 0)
    last = np.arange(size) == used - 1
    packed = (
        kept & (1 << width) - 1 | offsets << width | last.astype(np.int64) << width + offset_bits
    )
    return np.where(there, packed, 0)

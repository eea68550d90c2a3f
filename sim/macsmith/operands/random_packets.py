"""Random packets of any lengths, as benches send them to a unit."""

import numpy as np

from macsmith.operands.batches import Batch, OperandSource

LENGTHS, SHARES = (1, 2, 3, 7, 40), (0.5, 0.25, 0.15, 0.08, 0.02)
"""Beats of random packets, and how often each comes; a long one in fifty, so that some overflow."""


def draw_packets(
    source: OperandSource, count: int, rng: np.random.Generator, packets: bool
) -> list[Batch]:
    """Return random packets of a point, each a batch of its own.

    Parameters
    ----------
    packets:
        Whether the unit has packets at all; else each is a beat, one in two of those that overflow
        or lie next to where rounding turns.
    """
    if not packets:
        directed = rng.integers(2, size=count)
        return [(source.overflowing if one else source.uniform)(1, 1) for one in directed]
    lengths = rng.choice(LENGTHS, count, p=SHARES)
    return [
        (source.overflowing if length > 7 else source.uniform)(1, int(length)) for length in lengths
    ]

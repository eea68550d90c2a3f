"""Cycles of a grid of PEs that multiply non-zero activations by non-zero weights, all by all.

Parashar et al., "SCNN" (ISCA 2017). Each PE has a tile of every channel's activations, in planes.
For each group of output channels it takes, channel by channel, every vector of ``activations``
non-zero activations with every vector of ``weights`` non-zero weights, a pair of vectors a cycle.
All PEs meet at the end of a group. Conflicts of accumulator banks are not in these cycles.
"""

from dataclasses import dataclass

import numpy as np

from macsmith.host.int64s import Int64s


@dataclass(frozen=True)
class ScnnGrid:
    """A grid; the defaults are those that are published.

    Members
    -------
    rows, cols:
        Of PEs.
    activations, weights:
        Of each that are multiplied in a cycle by a PE.
    group:
        Output channels whose sums a PE holds at a time.
    """

    rows: int = 8
    cols: int = 8
    activations: int = 4
    weights: int = 4
    group: int = 8

    @property
    def multipliers(self) -> int:
        """Products of all PEs in a cycle."""
        return self.rows * self.cols * self.activations * self.weights

    def cycles(self, acts: Int64s, weights: Int64s) -> int:
        """Return the cycles of a layer with a stride of 1.

        Parameters
        ----------
        acts:
            What is not zero, shape (height, width, channels).
        weights:
            What is not zero, shape (outputs, height, width, channels).
        """
        vectors = self._vectors(self._tiles(acts != 0), self.activations)
        total = 0
        for start in range(0, len(weights), self.group):
            kept = (weights[start : start + self.group] != 0).sum(axis=(0, 1, 2))
            each = (vectors * self._vectors(kept, self.weights)).sum(axis=-1)
            total += int(each.max())
        return total

    def _tiles(self, kept: Int64s) -> Int64s:
        """Return how many activations each PE has of each channel, shape (pes, channels)."""
        height, width, channels = kept.shape
        tall, wide = -(-height // self.rows), -(-width // self.cols)
        filled = np.zeros((tall * self.rows, wide * self.cols, channels), np.int64)
        filled[:height, :width] = kept
        tiles = filled.reshape(self.rows, tall, self.cols, wide, channels).sum(axis=(1, 3))
        return tiles.reshape(-1, channels)

    @staticmethod
    def _vectors(counts: Int64s, size: int) -> Int64s:
        return -(-counts // size)


def dense_cycles(
    acts: Int64s, weights: Int64s, multipliers: int, positions: int | None = None
) -> float:
    """Return the cycles of a layer with every multiplier at work in each, zeros or not.

    Parameters
    ----------
    positions:
        Output positions; by default as many as there are inputs, by padding.
    """
    height, width, _ = acts.shape
    places = height * width if positions is None else positions
    return places * weights.size / multipliers

"""Cycles of lanes that skip zero activations within bricks of channels.

Albericio et al., "Cnvlutin" (ISCA 2016). A brick is 16 activations of consecutive channels at one
place, stored as values that are not zero with their offsets. Of a window each of 16 lanes takes
every 16th brick, a value a cycle and a cycle for an empty brick, for 256 filters at once; lanes
meet at the end of a window.
"""

from dataclasses import dataclass

import numpy as np

from macsmith.host.int64s import Int64s


@dataclass(frozen=True)
class SkippingLanes:
    """The lanes of a chip; the defaults are those that are published.

    Members
    -------
    lanes, brick:
        Lanes, and activations of a brick.
    filters:
        Output channels that are worked on at once.
    """

    lanes: int = 16
    brick: int = 16
    filters: int = 256

    @property
    def multipliers(self) -> int:
        """Products of all lanes in a cycle."""
        return self.lanes * self.filters

    def cycles(
        self, acts: Int64s, kernel: tuple[int, int], outputs: int, *, skip: bool = True
    ) -> int:
        """Return the cycles of a layer with a stride of 1 and no padding.

        Parameters
        ----------
        acts:
            What is not zero, shape (height, width, channels).
        kernel:
            Height and width.
        outputs:
            Output channels.
        skip:
            Whether zeros are left out; else the cycles are those of the dense chip.
        """
        height, width, channels = acts.shape
        bricks = -(-channels // self.brick)
        filled = np.zeros((height, width, bricks * self.brick), np.int64)
        filled[:, :, :channels] = acts != 0
        counts = filled.reshape(height, width, bricks, self.brick).sum(axis=-1)
        spent = np.maximum(counts, 1) if skip else np.full_like(counts, self.brick)
        windows = np.lib.stride_tricks.sliding_window_view(spent, kernel, axis=(0, 1))
        # Bricks in the order of the window: rows, columns, then channels.
        order = windows.transpose(0, 1, 3, 4, 2).reshape(-1, kernel[0] * kernel[1] * bricks)
        rounds = -(-order.shape[1] // self.lanes)
        shared = np.zeros((len(order), rounds * self.lanes), np.int64)
        shared[:, : order.shape[1]] = order
        by_lane = shared.reshape(-1, rounds, self.lanes).sum(axis=1)
        return int(by_lane.max(axis=1).sum()) * -(-outputs // self.filters)

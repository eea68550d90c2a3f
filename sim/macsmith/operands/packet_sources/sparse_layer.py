"""A convolution with zeros anywhere, as a stimulus: for arrays, and for engines that skip zeros."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from macsmith.host.int64s import Int64s
from macsmith.networks.im2col import im2col
from macsmith.operands.batches import Batch
from macsmith.operands.packet_sources.packets import Work
from macsmith.operands.stimulus import ProductMaker, UnfitError

SIDE, CHANNELS, OUTPUTS, KERNEL = 6, 8, 32, 3
"""The layer: planes of 6 x 6 with zeros around, 8 channels, 32 filters of 3 x 3."""


class LayerSource(Protocol):
    """Draws packets of a unit; see `packet_sources.packets.PacketSource`."""

    def work(self, acts: Int64s, weights: Int64s) -> Work:
        """Return packets of as much of a layer as fits.

        Parameters
        ----------
        acts:
            Shape (height, width, channels), zeros around them.
        weights:
            Shape (outputs, height, width, channels).
        """


@dataclass(frozen=True)
class SparseLayer:
    """The layer, of activations and weights of 8 bits of which so many are not zero.

    Members
    -------
    density:
        Of activations and of weights alike.
    bound, block:
        If not 0, no block of so many channels has more weights that are not zero.
    acts_bound:
        Whether that binds activations, too.
    beats:
        Of arrays: how many are run.
    """

    density: float
    bound: int = 0
    block: int = CHANNELS
    acts_bound: bool = False
    beats: int = 1_000
    seed: int = 1

    @property
    def label(self) -> str:
        """See `macsmith.operands.stimulus.Stimulus.label`."""
        bound = f", {self.bound} of {self.block} channels" if self.bound else ""
        return (
            f"convolution of {SIDE} x {SIDE} x {CHANNELS}, "
            f"{OUTPUTS} filters of {KERNEL} x {KERNEL}, "
            f"{self.density:.1%} not zero{bound}, seed {self.seed}"
        )

    def operands(self) -> tuple[Int64s, Int64s]:
        """Return activations (height, width, channels), zeros around, and weights."""
        rng = np.random.default_rng(self.seed)
        shape = (OUTPUTS, KERNEL, KERNEL, CHANNELS)
        acts = rng.integers(1, 128, (SIDE, SIDE, CHANNELS))
        weights = rng.integers(1, 128, shape) * rng.choice([-1, 1], shape)
        acts = acts * self._kept(rng, acts.shape, bound=self.acts_bound)
        weights = weights * self._kept(rng, shape, bound=self.bound > 0)
        return np.pad(acts, ((1, 1), (1, 1), (0, 0))), weights

    def _kept(self, rng: np.random.Generator, shape: tuple[int, ...], *, bound: bool) -> Any:
        """Return what is not zero; under a bound blocks have nearly equally many."""
        if not bound:
            return rng.random(shape) < self.density
        each = self.density * self.block
        blocks = (*shape[:-1], shape[-1] // self.block, self.block)
        many = np.floor(each + rng.random((*blocks[:-1], 1)))
        ranks = rng.random(blocks).argsort(axis=-1).argsort(axis=-1)
        return (ranks < np.minimum(many, self.bound)).reshape(shape)

    def matrices(self) -> tuple[Int64s, Int64s]:
        """Return the same as matrices (positions, terms) and (outputs, terms)."""
        acts, weights = self.operands()
        rows = im2col(acts[np.newaxis], (KERNEL, KERNEL))
        return rows, weights.reshape(OUTPUTS, -1)

    def parts(self, name: str, spec: Any, mode: int) -> list[tuple[float, Batch]]:
        """See `macsmith.operands.stimulus.Stimulus.parts`."""
        raise UnfitError(f"a sparse layer must run on an array or a sparse engine, not on {name}")

    def on_array(self, array: ProductMaker) -> list[Any]:
        """See `macsmith.operands.stimulus.Stimulus.on_array`."""
        acts, weights = self.matrices()
        return array.product(acts, weights.T, self.beats, self.seed)

    def check(self, name: str, spec: Any) -> None:
        """See `macsmith.operands.stimulus.Stimulus.check`."""
        self.parts(name, spec, 0)

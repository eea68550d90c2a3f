"""Blocks of activations for the pruning unit: random ones, ties and extremes."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from macsmith.formats.stream_words import operand_range
from macsmith.golden.dap import DapModel
from macsmith.host.int64s import Int64s
from macsmith.operands.batches import OVERFLOWING, UNIFORM, Batch

TIED_BLOCK = 8
"""Longest block of which every pattern of ties is tried."""


class BlockSource:
    """Draws blocks, each a beat by itself; see `macsmith.operands.batches.OperandSource`."""

    enumerable = False

    def __init__(self, spec: Any, model: DapModel, keep: int, rng: np.random.Generator) -> None:
        self.spec, self.rng, self.keep = spec, rng, keep
        self.range = operand_range(spec.act_width, spec.act_signed)

    def uniform(self, count: int, length: int = 1) -> Batch:
        """Return random blocks, half of whose activations are zero."""
        shape = count, length, self.spec.block
        values = self.rng.integers(*self.range, shape, endpoint=True)
        return self._blocks(UNIFORM, values * (self.rng.random(shape) < 0.5))

    def overflowing(self, count: int, length: int = 1) -> Batch:
        """Return random blocks of few magnitudes, so that many are equal."""
        sizes = self.rng.integers(0, 3, (count, length, self.spec.block))
        return self._blocks(OVERFLOWING, self._signed(sizes))

    def extremes(self) -> Iterator[Batch]:
        """Yield all zero, all alike, the least among others."""
        least, most = self.range
        for name, value in (("all zero", 0), ("all max", most), ("most negative", least)):
            yield self._blocks(name, np.full((1, 1, self.spec.block), value))
            alone = np.diag(np.full(self.spec.block, value))[:, np.newaxis]
            yield self._blocks(f"{name}, one place", alone)

    def enumerated(self) -> Iterator[Batch]:
        """Yield blocks of three magnitudes, every pattern of them where these are few."""
        block = self.spec.block
        if block <= TIED_BLOCK:
            patterns = np.array(list(product(range(3), repeat=block)))
        else:
            patterns = self.rng.integers(0, 3, (3**TIED_BLOCK, block))
        yield self._blocks("ties", self._signed(patterns)[:, np.newaxis])

    def _signed(self, patterns: Int64s) -> Int64s:
        """Return magnitudes 0, 1 and the greatest, of both signs where there are."""
        least, most = self.range
        sizes = np.array([0, min(1, most), most])
        signs = self.rng.choice([1, -1] if least else [1], patterns.shape)
        values: Int64s = (signs * sizes[patterns]).clip(least, most)
        return values

    def _blocks(self, label: str, blocks: Int64s) -> Batch:
        return Batch(label, self.keep, {"values": blocks})

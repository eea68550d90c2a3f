"""Divide and conquer: cut operands, the products summed or apart."""

from typing import Any

import numpy as np

from macsmith.golden.halving import halvings
from macsmith.golden.mac_model import Lanes, MacModel
from macsmith.host.int64s import Int64s


class DncModel(MacModel):
    """Each halving of either operand doubles its lanes."""

    def cuts(self, mode: Any) -> tuple[int, int]:
        """Return how often a mode halves the activation and the weight."""
        act = halvings(self.spec.act_width, mode.act_bits, self.spec.levels)
        weight = halvings(self.spec.weight_width, mode.weight_bits, self.spec.levels)
        return act, weight


class Dnc2dStModel(DncModel):
    """Each halving of either operand doubles the products, which share one accumulator."""

    def element(self, mode: Any) -> Lanes:
        lanes = self.summed(mode)
        return Lanes(acts=lanes, weights=lanes, slots=1)

    def summed(self, mode: Any) -> int:
        return int(2 ** sum(self.cuts(mode)))

    def products(self, mode: Any, acts: Int64s, weights: Int64s) -> Int64s:
        return (acts * weights).sum(axis=-1, keepdims=True)


class Dnc2dSaModel(DncModel):
    """All activations meet all weights; product (i, j) goes to slot i * weights + j."""

    def element(self, mode: Any) -> Lanes:
        acts, weights = (2**cut for cut in self.cuts(mode))
        return Lanes(acts=acts, weights=weights, slots=acts * weights)

    def summed(self, mode: Any) -> int:
        return 1

    def products(self, mode: Any, acts: Int64s, weights: Int64s) -> Int64s:
        pairs = acts[..., :, np.newaxis] * weights[..., np.newaxis, :]
        return pairs.reshape(*pairs.shape[:-2], -1)


class Dnc1dStModel(Dnc2dStModel):
    """Only the weight is cut."""

    def cuts(self, mode: Any) -> tuple[int, int]:
        return 0, super().cuts(mode)[1]


class Dnc1dSaModel(Dnc2dSaModel):
    """Only the weight is cut; one activation meets all weights."""

    def cuts(self, mode: Any) -> tuple[int, int]:
        return 0, super().cuts(mode)[1]

"""Subword-parallel MACs: both operands are cut alike."""

from typing import Any

from macsmith.golden.halving import halvings
from macsmith.golden.mac_model import Lanes, MacModel
from macsmith.host.int64s import Int64s


class SubwordSaModel(MacModel):
    """Lane k multiplies into accumulator k."""

    def element(self, mode: Any) -> Lanes:
        levels = self.spec.levels
        act = halvings(self.spec.act_width, mode.act_bits, levels)
        weight = halvings(self.spec.weight_width, mode.weight_bits, levels)
        lanes = 2 ** min(act, weight)
        return Lanes(acts=lanes, weights=lanes, slots=lanes)

    def summed(self, mode: Any) -> int:
        return 1

    def products(self, mode: Any, acts: Int64s, weights: Int64s) -> Int64s:
        return acts * weights


class SubwordStModel(MacModel):
    """Lane k of the activations meets lane k of the weights; the products are summed."""

    def element(self, mode: Any) -> Lanes:
        lanes = self.summed(mode)
        return Lanes(acts=lanes, weights=lanes, slots=1)

    def summed(self, mode: Any) -> int:
        levels = self.spec.levels
        act = halvings(self.spec.act_width, mode.act_bits, levels)
        weight = halvings(self.spec.weight_width, mode.weight_bits, levels)
        return int(2 ** min(act, weight))

    def products(self, mode: Any, acts: Int64s, weights: Int64s) -> Int64s:
        return (acts * weights).sum(axis=-1, keepdims=True)

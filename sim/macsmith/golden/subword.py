"""Subword-parallel MAC, sum apart."""

from typing import Any

from macsmith.golden.model import Int64s, Lanes, MacModel
from macsmith.golden.scaling import halvings


class SubwordSaModel(MacModel):
    """Both operands are cut alike; lane k multiplies into accumulator k."""

    def lanes(self, mode: Any) -> Lanes:
        levels = self.spec.levels
        act = halvings(self.spec.act_width, mode.act_bits, levels)
        weight = halvings(self.spec.weight_width, mode.weight_bits, levels)
        lanes = 2 ** min(act, weight)
        return Lanes(acts=lanes, weights=lanes, slots=lanes)

    def summed(self, mode: Any) -> int:
        return 1

    def products(self, mode: Any, acts: Int64s, weights: Int64s) -> Int64s:
        return acts * weights

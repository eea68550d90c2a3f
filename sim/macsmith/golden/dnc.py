"""Two-dimensional divide and conquer, sum together."""

from typing import Any

from macsmith.golden.model import Int64s, Lanes, MacModel
from macsmith.golden.scaling import halvings


class Dnc2dStModel(MacModel):
    """Each halving of either operand doubles the products, which share one accumulator."""

    def lanes(self, mode: Any) -> Lanes:
        lanes = self.summed(mode)
        return Lanes(acts=lanes, weights=lanes, slots=1)

    def summed(self, mode: Any) -> int:
        levels = self.spec.levels
        act = halvings(self.spec.act_width, mode.act_bits, levels)
        weight = halvings(self.spec.weight_width, mode.weight_bits, levels)
        return int(2 ** (act + weight))

    def products(self, mode: Any, acts: Int64s, weights: Int64s) -> Int64s:
        return (acts * weights).sum(axis=-1, keepdims=True)

"""A user's MAC, as the map of its ports describes it: products summed, or each by itself."""

from typing import Any

from macsmith.golden.mac_model import Lanes, MacModel
from macsmith.host.int64s import Int64s


class UserMacModel(MacModel):
    """Lane k of the activations meets lane k of the weights; sums are as wide as their port."""

    def element(self, mode: Any) -> Lanes:
        lanes = self.spec.act_lanes(mode)
        return Lanes(acts=lanes, weights=lanes, slots=self.spec.slots(mode))

    def summed(self, mode: Any) -> int:
        one = self.element(mode)
        return one.acts // one.slots

    def products(self, mode: Any, acts: Int64s, weights: Int64s) -> Int64s:
        products = acts * weights
        return products if self.summed(mode) == 1 else products.sum(axis=-1, keepdims=True)

    def acc_bits(self, mode: Any) -> int:
        return int(self.spec.acc_bits(mode))

"""One product a beat: the conventional and the serial MACs."""

from typing import Any

from macsmith.golden.mac_model import Lanes, MacModel
from macsmith.host.int64s import Int64s


class ScalarModel(MacModel):
    """One activation, one weight, one accumulator, whatever the cycles it takes."""

    def element(self, mode: Any) -> Lanes:
        return Lanes(acts=1, weights=1, slots=1)

    def summed(self, mode: Any) -> int:
        return 1

    def products(self, mode: Any, acts: Int64s, weights: Int64s) -> Int64s:
        return self.read_acts(acts) * self.read_weights(weights)

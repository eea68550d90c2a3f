"""EBSP: weights cut to a window of bits, and perhaps activations too."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.formats.ebsp_codes import code_bits, encode, leading
from macsmith.formats.ebsp_values import legal_weights
from macsmith.golden.one_product import ScalarModel
from macsmith.host.int64s import Int64s


class EbspModel(ScalarModel):
    """What lies below the window of a weight is dropped; -2^(N-1) has no magnitude and reads as 0.

    With ``lut="dual-window"`` activations lose what lies below theirs.
    """

    def read_acts(self, acts: Int64s) -> Int64s:
        return leading(acts, self.spec.pattern) if self.spec.lut == "dual-window" else acts

    def read_weights(self, weights: Int64s) -> Int64s:
        return leading(np.where(self._is_least(weights), 0, weights), self.spec.pattern)

    def coded(self, weights: Int64s) -> tuple[Int64s, int] | None:
        # -2^(N-1) becomes the zero with a sign, which no encoder writes.
        form = "magnitude" if self.spec.lut == "shared-rows" else "float"
        what = self.spec.weight_width, self.spec.pattern, form
        bits = code_bits(*what)
        codes = encode(self.read_weights(weights), *what)
        return np.where(self._is_least(weights), 1 << bits - 1, codes), bits

    def _is_least(self, weights: Int64s) -> NDArray[np.bool_]:
        return weights == -1 << (self.spec.weight_width - 1)

    def usual_weights(self, mode: Any) -> Int64s:
        return legal_weights(self.spec.weight_width, self.spec.pattern)

    def possible_weights(self, mode: Any) -> Int64s | None:
        # A code holds nothing else.
        return self.usual_weights(mode) if self.spec.steering == "stored" else None

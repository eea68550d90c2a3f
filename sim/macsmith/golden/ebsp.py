"""EBSP: weights cut to a window of bits, and perhaps activations too."""

from typing import Any

import numpy as np

from macsmith.ebsp.codes import leading
from macsmith.ebsp.windows import legal_weights
from macsmith.golden.model import Int64s
from macsmith.golden.scalar import ScalarModel


class EbspModel(ScalarModel):
    """What lies below the window of a weight is dropped; -2^(N-1) has no magnitude and reads as 0.

    With ``lut="dual-window"`` activations lose what lies below theirs.
    """

    def products(self, mode: Any, acts: Int64s, weights: Int64s) -> Int64s:
        pattern = self.spec.pattern
        legal = leading(
            np.where(weights == -1 << (self.spec.weight_width - 1), 0, weights), pattern
        )
        return (leading(acts, pattern) if self.spec.lut == "dual-window" else acts) * legal

    def usual_weights(self, mode: Any) -> Int64s:
        return legal_weights(self.spec.weight_width, self.spec.pattern)

    def possible_weights(self, mode: Any) -> Int64s | None:
        # A code holds nothing else.
        return self.usual_weights(mode) if self.spec.steering == "stored" else None

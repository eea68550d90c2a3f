"""Beats of crossbars: rows of cells, then planes of activations."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from macsmith.host.int64s import Int64s
from macsmith.operands.compact.bent_fields import BentFields

WRONG = 0.2
"""Share of packets in which any row may be written."""


class CrossbarBeats(BentFields):
    """Draws beats; see `macsmith.operands.batches.OperandSource`."""

    numbers = ("bits", "w")

    def __init__(self, spec: Any, model: Any, point: int, rng: np.random.Generator) -> None:
        super().__init__(spec, model, point, rng)
        self.spec = spec

    def bent(self, fields: dict[str, Int64s]) -> dict[str, Int64s]:
        """Return packets that write some rows first, and more among the planes."""
        rng = self.rng
        packets, beats = fields["load"].shape[:2]
        several = rng.integers(1, max(1, beats // 2), packets, endpoint=True)
        order = np.arange(beats) + np.zeros((packets, 1), np.int64)
        load = (order < several[:, np.newaxis]) | (rng.random((packets, beats)) < 0.1)
        anything = np.asarray(rng.random(packets) < WRONG)[:, np.newaxis, np.newaxis]
        row = np.where(anything, fields["row"], fields["row"] % self.spec.products)
        return {**fields, "load": load.astype(np.int64)[..., np.newaxis], "row": row}

    def useful(self, fields: Mapping[str, Int64s]) -> float:
        """Return the share of beats that bring activations."""
        return max(1 - float(fields["load"].mean()), 0.01)

"""Beats of fixed point with error compensation: codes, or products and terms of a list."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from macsmith.host.int64s import Int64s
from macsmith.operands.batches import Batch
from macsmith.operands.compact.bent_fields import BentFields
from macsmith.operands.field_source import FieldSource

TERMS = 0.4
"""Share of beats that bring a term."""

ANYWHERE = 0.2
"""Share of terms that name any place, of the block or not."""


class FpecBeats(BentFields):
    """Draws beats; see `macsmith.operands.batches.OperandSource`."""

    def __init__(self, spec: Any, model: Any, point: int, rng: np.random.Generator) -> None:
        super().__init__(spec, model, point, rng)
        self.spec = spec

    def bent(self, fields: dict[str, Int64s]) -> dict[str, Int64s]:
        """Return terms that mostly name products which their block has by then."""
        if not self.spec.selective:
            return fields
        packets, beats = fields["term"].shape[:2]
        term = (self.rng.random((packets, beats)) < TERMS).astype(np.int64)
        term[:, 0] &= self.rng.random(packets) < ANYWHERE
        products = np.cumsum(1 - term, axis=1)
        filled = np.where(products == 0, 1, (products - 1) % self.spec.block + 1)
        places = self.rng.integers(0, filled * self.spec.products)
        anywhere = self.rng.random((packets, beats)) < ANYWHERE
        index = np.where(anywhere, fields["index"][:, :, 0], places)
        return {**fields, "term": term[..., np.newaxis], "index": index[..., np.newaxis]}

    def useful(self, fields: Mapping[str, Int64s]) -> float:
        """Return the share of beats that bring products."""
        return max(1 - float(fields["term"].mean()), 0.01) if self.spec.selective else 1.0

    def extremes(self) -> Iterator[Batch]:
        """Yield extremes, of codes as of any fields."""
        return super().extremes() if self.spec.selective else FieldSource.extremes(self)

    @property
    def enumerable(self) -> bool:
        """Whether every beat is tried."""
        return not self.spec.selective and self.few

    def enumerated(self) -> Iterator[Batch]:
        """Yield all beats of codes if they are few, else random ones."""
        return super().enumerated() if self.spec.selective else FieldSource.enumerated(self)

"""Beats of fixed point with two scales: masks, or lists before each block."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from macsmith.host.int64s import Int64s
from macsmith.operands.batches import Batch
from macsmith.operands.compact.bent_fields import BentFields
from macsmith.operands.field_source import FieldSource

ENTRIES = 0.3
"""Share of beats that are entries of lists, where one may stand."""

WRONG = 0.02
"""Share of beats that are entries wherever they stand."""


class BiscaledBeats(BentFields):
    """Draws beats; see `macsmith.operands.batches.OperandSource`."""

    def __init__(self, spec: Any, model: Any, point: int, rng: np.random.Generator) -> None:
        super().__init__(spec, model, point, rng)
        self.spec = spec

    def bent(self, fields: dict[str, Int64s]) -> dict[str, Int64s]:
        """Return lists that mostly stand before their blocks."""
        if not self.spec.listed:
            return fields
        packets, beats = fields["entry"].shape[:2]
        each = self.spec.block // self.spec.products
        draw = self.rng.random((packets, beats))
        entry = np.zeros((packets, beats), np.int64)
        at = np.zeros(packets, np.int64)
        for beat in range(beats):
            entry[:, beat] = draw[:, beat] < np.where(at == 0, ENTRIES, WRONG)
            at = (at + 1 - entry[:, beat]) % each
        return {**fields, "entry": entry[..., np.newaxis]}

    def useful(self, fields: Mapping[str, Int64s]) -> float:
        """Return the share of beats that bring products."""
        return max(1 - float(fields["entry"].mean()), 0.01) if self.spec.listed else 1.0

    def extremes(self) -> Iterator[Batch]:
        """Yield extremes, of codes and masks as of any fields."""
        return super().extremes() if self.spec.listed else FieldSource.extremes(self)

    @property
    def enumerable(self) -> bool:
        """Whether every beat is tried."""
        return not self.spec.listed and self.few

    def enumerated(self) -> Iterator[Batch]:
        """Yield all beats if they are few and there are no lists, else random ones."""
        return super().enumerated() if self.spec.listed else FieldSource.enumerated(self)

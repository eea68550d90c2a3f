"""Beats of binary, ternary and logarithmic operands, mostly of codes that mean something."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from macsmith.host.int64s import Int64s
from macsmith.operands.batches import Batch
from macsmith.operands.compact.bent_fields import BentFields
from macsmith.operands.field_source import FieldSource

WRONG = 1 / 3
"""Share of packets in which any codes may stand."""


class FewValuedBeats(BentFields):
    """Draws beats; see `macsmith.operands.batches.OperandSource`."""

    def __init__(self, spec: Any, model: Any, point: int, rng: np.random.Generator) -> None:
        super().__init__(spec, model, point, rng)
        self.spec = spec

    def legal(self, name: str, codes: Int64s) -> Int64s:
        """Return codes of a field that mean something, those that do as they are."""
        return codes

    def bent(self, fields: dict[str, Int64s]) -> dict[str, Int64s]:
        """Return packets most of which have nothing that means nothing."""
        found = {}
        anything = self.rng.random(len(fields["a"])) < WRONG
        for name, codes in fields.items():
            kept = anything.reshape(-1, 1, 1)
            found[name] = np.where(kept, codes, self.legal(name, codes))
        return found

    @property
    def enumerable(self) -> bool:
        """Whether every beat is tried."""
        return self.few

    def enumerated(self) -> Iterator[Batch]:
        """Yield all beats if they are few, else random ones."""
        return FieldSource.enumerated(self) if self.few else super().enumerated()


class XnorBeats(FewValuedBeats):
    """Binary weights: counts of lanes, and thresholds that sums are near to."""

    def legal(self, name: str, codes: Int64s) -> Int64s:
        """Return counts of at most all lanes, and thresholds of a beat's size."""
        if name == "used":
            return codes % (self.spec.products + 1)
        if name == "threshold":
            return self.rng.integers(-9, 10, codes.shape).clip(*self._ends)
        return codes

    @property
    def _ends(self) -> tuple[int, int]:
        total = self.spec.totals["sum"]
        return int(total.least), int(total.greatest)


class TernaryBeats(FewValuedBeats):
    """Ternary numbers."""

    def legal(self, name: str, codes: Int64s) -> Int64s:
        """Return codes of numbers."""
        if name == "w" or (name == "a" and self.spec.acts == "trits"):
            return (
                codes % 243 if self.spec.packing == "five-trits" else np.array([0, 1, 0, 3])[codes]
            )
        return codes


class LogBeats(FewValuedBeats):
    """Logarithms, all of whose codes mean something."""

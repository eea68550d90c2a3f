"""Random fields that are bent into packets which make sense: legal places, lists, headers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from macsmith.formats.stream_words import operand_range
from macsmith.host.int64s import Int64s
from macsmith.operands.batches import Batch
from macsmith.operands.field_source import AT_A_TIME, FieldSource

LENGTHS = (1, 2, 7, 33)
"""Beats of packets of extremes, and of those that stand for all beats."""


class BentFields(FieldSource):
    """A source whose packets are random fields as `bent` makes them.

    `numbers` are the fields whose extremes are tried; all others are random.
    """

    numbers: Sequence[str] = ("a", "w")

    def bent(self, fields: dict[str, Int64s]) -> dict[str, Int64s]:
        """Return fields that make sense together, shape (packets, beats, lanes)."""
        return fields

    def useful(self, fields: Mapping[str, Int64s]) -> float:
        """Return the share of beats that bring products."""
        return 1.0

    def _bent(self, batch: Batch) -> Batch:
        fields: Mapping[str, Int64s] = self.bent({**batch.fields})
        return replace(batch.with_fields(**fields), useful=self.useful(fields))

    def uniform(self, count: int, length: int) -> Batch:
        """Return random packets."""
        return self._bent(super().uniform(count, length))

    def overflowing(self, count: int, length: int) -> Batch:
        """Return packets whose numbers are extremes throughout."""
        batch, other = super().overflowing(count, length), super().uniform(count, length)
        held = {name: batch.fields[name] for name in self.numbers if name in batch.fields}
        return self._bent(batch.with_fields(**{**other.fields, **held}))

    def extremes(self) -> Iterator[Batch]:
        """Yield packets of each combination of least, greatest and zero of the numbers."""
        known = {field.name: field for field in self.fields}
        fields = [known[name] for name in self.numbers if name in known]
        ends = [sorted({0, *operand_range(one.bits, one.signed)}) for one in fields]
        for values in np.stack(np.meshgrid(*ends, indexing="ij"), axis=-1).reshape(-1, len(ends)):
            named = ", ".join(
                f"{one.name} = {end}" for one, end in zip(fields, values, strict=True)
            )
            for length in LENGTHS:
                batch = super().uniform(1, length)
                whole = {
                    one.name: np.full((1, length, one.lanes), end, np.int64)
                    for one, end in zip(fields, values, strict=True)
                }
                yield Batch(named, self.point, self.bent({**batch.fields, **whole}))

    @property
    def enumerable(self) -> bool:
        """Whether every beat is tried: no, since what a beat means depends on others."""
        return False

    def enumerated(self) -> Iterator[Batch]:
        """Yield many random packets."""
        for length in LENGTHS:
            batch = super().uniform(AT_A_TIME // 8 // length, length)
            yield Batch("random beats", self.point, self.bent({**batch.fields}))

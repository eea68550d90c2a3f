"""Operands of any unit whose fields may hold any bits: random, extreme, and all of them if few."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from macsmith.contract.stream import Field
from macsmith.formats.stream_words import operand_range
from macsmith.golden.catalog import GoldenModel
from macsmith.host.int64s import Int64s
from macsmith.operands.batches import OVERFLOWING, UNIFORM, Batch

EXHAUSTIVE_BITS = 16
"""Beats of at most so many bits of operands are enumerated."""

AT_A_TIME = 1 << 16


class FieldSource:
    """Draws values of all fields at one point; see `macsmith.operands.batches.OperandSource`."""

    def __init__(self, spec: Any, model: GoldenModel, point: int, rng: np.random.Generator) -> None:
        self.point, self.rng = point, rng
        streams = spec.inputs(spec.points[point]).values()
        self.fields: tuple[Field, ...] = tuple(one for layout in streams for one in layout.values)
        self.packets = any(layout.packets for layout in streams)

    def uniform(self, count: int, length: int) -> Batch:
        """Return uniformly random packets."""
        return Batch(UNIFORM, self.point, self._drawn(count, length))

    def overflowing(self, count: int, length: int) -> Batch:
        """Return packets in each of which every lane holds one of its extremes throughout."""
        held = {
            field.name: np.broadcast_to(
                self.rng.choice(_range(field), (count, 1, field.lanes)),
                (count, length, field.lanes),
            )
            for field in self.fields
        }
        return Batch(OVERFLOWING, self.point, held)

    def extremes(self) -> Iterator[Batch]:
        """Yield every combination of least, greatest and zero, and each in one lane alone."""
        lengths = (1, 33) if self.packets else (1,)
        for length in lengths:
            for ends in product(*(sorted({0, *_range(field)}) for field in self.fields)):
                named = ", ".join(
                    f"{field.name} = {end}" for field, end in zip(self.fields, ends, strict=True)
                )
                whole = {
                    field.name: np.full((1, length, field.lanes), end, np.int64)
                    for field, end in zip(self.fields, ends, strict=True)
                }
                yield Batch(named, self.point, whole)
                for field in self.fields:
                    if field.lanes > 1:
                        lane = int(self.rng.integers(field.lanes))
                        alone = np.where(np.arange(field.lanes) == lane, whole[field.name], 0)
                        yield Batch(f"{named}, one lane of {field.name}", self.point,
                                    {**whole, field.name: alone})  # fmt: skip

    @property
    def bits(self) -> int:
        """Bits of operands in a beat."""
        return sum(field.width for field in self.fields)

    @property
    def few(self) -> bool:
        """Whether beats have so few bits that all can be tried."""
        return self.bits <= EXHAUSTIVE_BITS

    @property
    def enumerable(self) -> bool:
        """Whether every beat is tried."""
        return self.few

    def enumerated(self) -> Iterator[Batch]:
        """Yield every beat, as a packet of its own, or 2^16 random ones of long beats."""
        if not self.few:
            yield Batch("random beats", self.point, self._drawn(AT_A_TIME, 1))
            return
        words, fields, offset = np.arange(1 << self.bits, dtype=np.int64), {}, 0
        for field in self.fields:
            shifts = offset + field.bits * np.arange(field.lanes)
            raw = words[:, np.newaxis] >> shifts & (1 << field.bits) - 1
            low, _ = _range(field)
            fields[field.name] = np.where(raw >= -low, raw + 2 * low, raw) if low else raw
            offset += field.width
        # Compiled units run many copies: they want some beats each.
        copies = max(1, 4096 // len(words))
        all_beats = {
            name: np.tile(values, (copies, 1))[:, np.newaxis] for name, values in fields.items()
        }
        yield Batch("all beats", self.point, all_beats)

    def _drawn(self, count: int, length: int) -> dict[str, Int64s]:
        return {
            field.name: self.rng.integers(
                *_range(field), (count, length, field.lanes), endpoint=True, dtype=np.int64
            )
            for field in self.fields
        }


def _range(field: Field) -> tuple[int, int]:
    return operand_range(field.bits, field.signed)

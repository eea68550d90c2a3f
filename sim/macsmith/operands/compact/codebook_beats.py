"""Beats of weights that share values: entries of the codebook, and products."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from macsmith.host.int64s import Int64s
from macsmith.operands.compact.bent_fields import BentFields

WRONG = 0.2
"""Share of packets in which any index may stand."""


class CodebookBeats(BentFields):
    """Draws beats; see `macsmith.operands.batches.OperandSource`.

    Packets bring the entries that they use: before the products, or after them.
    """

    numbers = ("a", "value")

    def __init__(self, spec: Any, model: Any, point: int, rng: np.random.Generator) -> None:
        super().__init__(spec, model, point, rng)
        self.spec = spec

    def bent(self, fields: dict[str, Int64s]) -> dict[str, Int64s]:
        """Return packets of entries and products, most of them with legal indices alone."""
        rng, spec = self.rng, self.spec
        packets, beats = fields["entry"].shape[:2]
        # Products are a half of a packet at least, and some entries stand among them.
        several = rng.integers(1, max(1, beats // 2), packets, endpoint=True)
        several = np.minimum(several, spec.entries)
        if beats > 2 * spec.entries:
            # Long packets have a whole codebook, as networks' have.
            several = np.where(rng.random(packets) < 0.9, spec.entries, several)
        order = np.arange(beats) + np.zeros((packets, 1), np.int64)
        first = spec.order == "look-up"
        entries = order < several[:, None] if first else order >= beats - several[:, None]
        entries |= rng.random((packets, beats)) < 1 / (8 * spec.entries)
        number = order if first else order - (beats - several[:, None])
        place = np.where(rng.random((packets, beats)) < 0.9, number, fields["place"][:, :, 0])
        anything = np.asarray(rng.random(packets) < WRONG)
        place = np.where(anything[:, None], fields["place"][:, :, 0], place % spec.entries)
        known = fields["index"] % (several[:, None, None] if first else spec.entries)
        index = np.where(anything[:, None, None], fields["index"], known)
        return {**fields, "entry": entries.astype(np.int64)[..., None],
                "place": place[..., None], "index": index}  # fmt: skip

    def useful(self, fields: Mapping[str, Int64s]) -> float:
        """Return the share of beats that bring products."""
        return max(1 - float(fields["entry"].mean()), 0.01)

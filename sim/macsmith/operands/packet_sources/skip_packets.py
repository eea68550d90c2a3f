"""Beats for a table of skips: entries, results, and addresses that are often those of entries."""

from typing import Any

import numpy as np

from macsmith.golden.sparse.sparce import CLEAR, ENTRY, FETCH, WRITEBACK
from macsmith.operands.packet_sources.packets import Packet

KINDS = (FETCH, WRITEBACK, ENTRY, CLEAR)
SHARES = (0.5, 0.3, 0.19, 0.01)
"""How often each kind comes."""


class SkipSource:
    """Random beats; half of the addresses are those of earlier entries, half of results zero."""

    def __init__(self, spec: Any, model: Any, point: int, rng: np.random.Generator) -> None:
        self.spec, self.rng = spec, rng

    def packets(self, count: int) -> list[Packet]:
        known = [0]
        packets = []
        for _ in range(count):
            beats = [self._beat(known) for _ in range(self.rng.integers(1, 5))]
            fields = {
                name: np.array([[beat[name]] for beat in beats], np.uint64).view(np.int64)
                for name in beats[0]
            }
            packets.append(Packet("beats", fields))
        return packets

    def _beat(self, known: list[int]) -> dict[str, int]:
        """Return a beat; ``known`` are addresses that entries have had."""
        spec, rng = self.spec, self.rng
        kind = int(rng.choice(KINDS, p=SHARES))
        beat = {
            "kind": kind,
            "place": int(rng.integers(2 ** max(1, (spec.entries - 1).bit_length()))),
            "address": int(rng.integers(2**spec.address_width)),
            "first": int(rng.integers(spec.registers)),
            "second": int(rng.integers(spec.registers)),
            "both": int(rng.integers(2)), "skip": int(rng.integers(2**spec.skip_width)),
            "value": int(rng.integers(1 << 64, dtype=np.uint64) >> np.uint64(64 - spec.width)),
        }  # fmt: skip
        if rng.random() < 0.5:
            beat["value"] = 0
        if rng.random() < (0.6 if kind == FETCH else 0.1):
            beat["address"] = known[rng.integers(len(known))]
        if kind == ENTRY:
            known.append(beat["address"])
        return beat

"""Layers of gradients for an AdaComp packer: of all scales, too great, zero, of every length."""

from typing import Any

import numpy as np

from macsmith.host.int64s import Int64s
from macsmith.operands.packet_sources.packets import Packet

BINS = (1, 1, 2, 4, 7)
"""Whole bins of a layer, in equal shares."""

COUNTABLE = 6
"""Bits of a count of bins that layers overflow, at most: longer layers take too long."""


class GradientSource:
    """Layers as a step of training has them, and as none has."""

    def __init__(self, spec: Any, model: Any, point: int, rng: np.random.Generator) -> None:
        self.spec, self.rng = spec, rng

    def packets(self, count: int) -> list[Packet]:
        return [self._layer() for _ in range(count)]

    def _layer(self) -> Packet:
        spec, rng = self.spec, self.rng
        length = spec.bin * int(rng.choice(BINS)) + int(rng.integers(-2, 3))
        if rng.random() < 0.3:
            length = int(rng.integers(1, 5))
        if spec.count_width <= COUNTABLE and rng.random() < 0.1:
            length = (spec.bin << spec.count_width) + int(rng.integers(-1 - spec.bin, 2))
        length = max(1, length)
        bits = int(rng.integers(2, spec.residue_width + 1))
        fields = {
            "residue": self._numbers(length, bits, spec.residue_width),
            "gradient": self._numbers(length, bits, spec.width),
            "sent": (rng.random(length) < rng.choice([0.0, 0.1, 0.5])).astype(np.int64),
            "scale": rng.integers(0, 1 << min(bits, spec.residue_width - 1), length),
        }
        if rng.random() < 0.4:
            # Residues that gradients cancel, so that bins are zero though gradients are not.
            cancelled = rng.random(length) < rng.choice([0.5, 1.0])
            opposite = -fields["gradient"].clip(1 - (1 << spec.residue_width - 1))
            fields["residue"] = np.where(cancelled, opposite, fields["residue"])
            fields["sent"] = np.where(cancelled, 0, fields["sent"])
        label = f"{length} elements of {bits} bits"
        return Packet(label, {name: one[:, None] for name, one in fields.items()})

    def _numbers(self, length: int, bits: int, width: int) -> Int64s:
        """Return numbers of up to so many bits, with tails, ends of the range, or zeros."""
        top = 1 << min(bits, width) - 1
        if self.rng.random() < 0.3:
            return self.rng.integers(-(1 << width - 1), 1 << width - 1, length)
        drawn = np.rint(self.rng.laplace(0, top / 4, length)).astype(np.int64)
        zero = self.rng.random(length) < self.rng.choice([0.0, 0.5, 1.0], p=[0.6, 0.3, 0.1])
        return np.where(zero, 0, drawn.clip(-top, top - 1))

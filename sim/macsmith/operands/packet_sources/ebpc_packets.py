"""Packets for EBPC's decoder: the words of both strings, many of them malformed in every way."""

from typing import Any

import numpy as np

from macsmith.host.int64s import Int64s
from macsmith.operands.packet_sources.codec_packets import ElementSource, WordSource
from macsmith.operands.packet_sources.packets import Packet


class SmoothSource(ElementSource):
    """Elements for the encoder: half of them near their neighbours, of which planes have codes."""

    def nonzero(self, shape: Any) -> Int64s:
        rng, most = self.rng, 2**self.spec.width - 1
        if rng.random() < 0.4:
            return super().nonzero(shape)
        steps = rng.choice((0, 1, 3, most)) + 1
        walk = np.cumsum(rng.integers(-steps + 1, steps, np.prod(shape))) + rng.integers(most)
        return 1 + np.abs(walk.reshape(shape)) % most


class TwoStringSource(WordSource):
    """Words of both strings; a fault is in either, or in both."""

    def __init__(self, spec: Any, model: Any, point: int, rng: np.random.Generator) -> None:
        super().__init__(spec, model, point, rng)
        self.elements = SmoothSource(spec, model, point, rng)

    def packet(self, label: str, values: Int64s) -> Packet:
        rng = self.rng
        values = values[: 2**self.spec.count_width - 1]
        strings, count = list(self.model.strings(values)), len(values)
        if rng.random() < 0.4:
            for place in ((0,), (1,), (0, 1))[rng.integers(3)]:
                fault = self.faults[rng.integers(len(self.faults))]
                name, strings[place], count = fault(strings[place], count)
                label = f"{label}, {name}"
        blocks = strings[1][:, np.newaxis]
        return Packet(label, {**self.beats(strings[0], count), "block_word": blocks})

"""Packets for the grid for compressed convolutions: layers, runs, and what does not fit."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from macsmith.formats.codecs.compressed_planes import Vectors, compress, grouped, tiles
from macsmith.golden.sparse.scnn_grid import (
    ACT_ENDS,
    ACTS,
    NUMBERS,
    RESULTS,
    RUN,
    WEIGHT_ENDS,
    WEIGHTS,
    Layer,
)
from macsmith.host.int64s import Int64s
from macsmith.networks.im2col import im2col
from macsmith.operands.packet_sources.packets import Packet, Work, useful

DENSITIES = (0.0, 0.1, 0.4, 1.0)
"""Shares of activations and of weights that are not zero."""


class PlaneWriter:
    """Writes packets for a grid."""

    def __init__(self, spec: Any, rng: np.random.Generator) -> None:
        self.spec, self.rng = spec, rng

    def packet(
        self, label: str, kind: int, numbers: Sequence[int] | Int64s = (), pe: int = 0,
        words: Int64s | None = None,
    ) -> Packet:  # fmt: skip
        """Return a packet; after its first beat, kind and PE may be anything, and so may junk."""
        spec, rng = self.spec, self.rng
        count = len(numbers) if words is None else len(words)
        lanes = max(spec.acts, spec.weights)
        entry = max(spec.data_width, spec.weight_width) + spec.index
        data = rng.integers(0, 2**entry, (count, lanes))
        number = rng.integers(0, 2**spec.number_bits, (count, 1))
        if words is None:
            number[:, 0] = numbers
        else:
            data[:, : words.shape[1]] = words
        kinds = rng.integers(0, 8, (count, 1))
        pes = rng.integers(0, self.spec.rows * self.spec.cols, (count, 1))
        kinds[0], pes[0] = kind, pe
        return Packet(label, {"data": data, "number": number, "kind": kinds, "pe": pes})

    def weights(self, weights: Int64s) -> list[Packet]:
        """Return packets that load weights, shape (outputs, height, width, channels)."""
        spec = self.spec
        found = compress(grouped(weights, spec.group), spec.weights, spec.index)
        return self._loads(found, spec.weight_width, (WEIGHT_ENDS, WEIGHTS), 0)

    def acts(self, acts: Int64s, tile: tuple[int, int]) -> list[Packet]:
        """Return packets that load activations, shape (height, width, channels)."""
        spec, packets = self.spec, []
        for pe, channels in enumerate(tiles(acts, spec.rows, spec.cols, tile)):
            found = compress(channels, spec.acts, spec.index)
            packets += self._loads(found, spec.data_width, (ACT_ENDS, ACTS), pe)
        return packets

    def _loads(self, found: Vectors, width: int, kinds: tuple[int, int], pe: int) -> list[Packet]:
        packets = [self.packet("ends", kinds[0], found.ends, pe)]
        if len(found.values):
            words = found.values & (1 << width) - 1 | found.zeros << width
            packets.append(self.packet("vectors", kinds[1], pe=pe, words=words))
        return packets

    def run(self, layer: Layer, label: str = "a run") -> Packet:
        """Return the packet of a run."""
        return self.packet(label, RUN, [getattr(layer, name) for name in vars(layer)])

    def results(self, pe: int) -> Packet:
        """Return a packet that asks for the results of a PE."""
        return self.packet("results", RESULTS, [0], pe)


class ScnnSource:
    """Random layers that fit, their results, and now and then something that does not."""

    def __init__(self, spec: Any, model: Any, point: int, rng: np.random.Generator) -> None:
        self.spec, self.rng = spec, rng
        self.write = PlaneWriter(spec, rng)
        self.pes = spec.rows * spec.cols
        self.outputs = 0

    def packets(self, count: int) -> list[Packet]:
        rng, packets = self.rng, []
        if rng.random() < 0.3:
            packets += [self.write.results(0), self._unfit(self._layer())]
        while len(packets) < count:
            layer, acts, weights = self._loaded()
            packets += [*self.write.weights(weights), *self.write.acts(acts, _tile(layer))]
            if rng.random() < 0.3:
                packets.append(self._unfit(layer))
            if rng.random() < 0.15:
                packets.append(self._spoiled(layer, acts))
            packets += [self.write.run(layer), *self._asked()]
            self.outputs = layer.groups * self.spec.group
            if rng.random() < 0.4:
                packets += self._chained(layer)
        return packets

    def work(self, acts: Int64s, weights: Int64s) -> Work:
        """Return a run of a group of a convolution, its planes in one tile a PE."""
        spec, group = self.spec, weights[: self.spec.group]
        height, width, channels = acts.shape
        tile = -(-height // spec.rows), -(-width // spec.cols)
        loads = [*self.write.weights(group), *self.write.acts(acts, tile)]
        tall, wide = weights.shape[1:3]
        out = height - tall + 1, width - wide + 1
        run = self.write.run(Layer(*tile, tall, wide, channels, 1, *out, 7, 1))
        rows = im2col(acts[np.newaxis], (tall, wide))
        return Work([*loads, run], len(loads), useful(rows, group.reshape(len(group), -1)))

    def _asked(self) -> list[Packet]:
        """Return what asks for some of the results."""
        pes = [pe for pe in range(self.pes) if self.rng.random() < 0.7]
        return [self.write.results(pe) for pe in pes]

    def _size(self, most: int) -> int:
        return int(self.rng.integers(1, most + 1))

    def _layer(self, tile: tuple[int, int] | None = None, channels: int = 0) -> Layer:
        """Return sizes that fit, flags without a chain."""
        spec, rng = self.spec, self.rng
        rows, cols = tile or (self._size(spec.tile), self._size(spec.tile))
        tall, wide = (self._size(min(spec.kernel, side + 1)) for side in (rows, cols))
        channels = channels or self._size(min(spec.channels, 6))
        groups = self._size(min(spec.channels // spec.group, 3))
        return Layer(
            rows, cols, tall, wide, channels, groups, self._size(rows * spec.rows),
            self._size(cols * spec.cols), int(rng.integers(min(spec.acc_width, 9))),
            int(rng.integers(2)),
        )  # fmt: skip

    def _values(self, shape: tuple[int, ...], width: int) -> Int64s:
        kept = self.rng.random(shape) < self.rng.choice(DENSITIES)
        return np.where(kept, self.rng.integers(-(1 << width - 1), 1 << width - 1, shape), 0)

    def _kernel(self, layer: Layer) -> Int64s:
        outputs = layer.groups * self.spec.group
        shape = (outputs, layer.kernel_rows, layer.kernel_cols, layer.channels)
        return self._values(shape, self.spec.weight_width)

    def _loaded(self) -> tuple[Layer, Int64s, Int64s]:
        """Return a layer whose operands fit into the memories."""
        spec = self.spec
        while True:
            layer = self._layer()
            plane = (layer.tile_rows * spec.rows, layer.tile_cols * spec.cols, layer.channels)
            acts, weights = self._values(plane, spec.data_width), self._kernel(layer)
            if self._fits(acts, weights, layer):
                return layer, acts, weights

    def _fits(self, acts: Int64s, weights: Int64s, layer: Layer) -> bool:
        spec = self.spec
        each = tiles(acts, spec.rows, spec.cols, _tile(layer))
        used = [compress(one, spec.acts, spec.index).ends[-1] for one in each]
        return max(used) <= spec.act_words and self._weights_fit(weights)

    def _weights_fit(self, weights: Int64s) -> bool:
        spec = self.spec
        found = compress(grouped(weights, spec.group), spec.weights, spec.index)
        return bool(found.ends[-1] <= spec.weight_words)

    def _chained(self, before: Layer) -> list[Packet]:
        """Return a run that takes the results of the one before."""
        while True:
            layer = self._layer(_tile(before), before.groups * self.spec.group)
            weights = self._kernel(layer)
            if self._weights_fit(weights):
                break
        self.outputs = layer.groups * self.spec.group
        chained = Layer(**{**vars(layer), "flags": layer.flags | 2})
        packets = [*self.write.weights(weights), self.write.run(chained, "a chained run")]
        return [*packets, *self._asked()]

    def _spoiled(self, layer: Layer, acts: Int64s) -> Packet:
        """Return a packet that leaves a PE's activations, or weights, out of order."""
        spec, rng = self.spec, self.rng
        pe = int(rng.integers(self.pes))
        found = compress(tiles(acts, spec.rows, spec.cols, _tile(layer))[pe], spec.acts, spec.index)
        words = rng.integers(0, 2 ** (spec.data_width + spec.index), found.values.shape)
        if len(words) and rng.random() < 0.5:
            return self.write.packet("any vectors", ACTS, pe=pe, words=words)
        return self.write.packet("any ends", ACT_ENDS, rng.permutation(found.ends), pe)

    def _unfit(self, layer: Layer) -> Packet:
        """Return a packet with something wrong, which changes no memory that a run reads."""
        spec, rng, write = self.spec, self.rng, self.write
        numbers = list(vars(layer).values())
        limits = [
            spec.tile, spec.tile, spec.kernel, spec.kernel, spec.channels,
            spec.channels // spec.group, layer.tile_rows * spec.rows,
            layer.tile_cols * spec.cols, spec.acc_width - 1, 3,
        ]  # fmt: skip
        place = int(rng.integers(NUMBERS))
        beyond, zero = numbers.copy(), numbers.copy()
        beyond[place], zero[place % 8] = limits[place] + 1, 0
        chained = [*numbers[:4], abs(self.outputs - 1) or 2, *numbers[5:9], 2]
        makers = (
            lambda: write.packet(f"number {place} too large", RUN, beyond),
            lambda: write.packet(f"number {place % 8} zero", RUN, zero),
            lambda: write.packet("a number missing", RUN, numbers[:-1]),
            lambda: write.packet("a number too many", RUN, [*numbers, 0]),
            lambda: write.packet("a chain of other planes", RUN, chained),
            lambda: write.packet("no such kind", 6 + int(rng.integers(2)), [0, 0]),
            lambda: write.packet("results and more", RESULTS, [0, 0]),
            lambda: write.packet("an end beyond", ACT_ENDS, [spec.act_words + 1], 0),
            lambda: write.packet("a weight's end beyond", WEIGHT_ENDS, [spec.weight_words + 1]),
        )  # fmt: skip
        return makers[rng.integers(len(makers))]()


def _tile(layer: Layer) -> tuple[int, int]:
    return layer.tile_rows, layer.tile_cols

"""Packets for lanes that skip zero activations: bricks, weights, runs, and what does not fit."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from macsmith.formats.codecs.offset_bricks import entries
from macsmith.golden.sparse.cnvlutin_lanes import BRICKS, RUN, WEIGHTS
from macsmith.host.int64s import Int64s
from macsmith.operands.packet_sources.packets import Packet, Work, useful

DENSITIES = (0.0, 0.2, 0.6, 1.0)
"""Shares of activations that are not zero."""


class BrickWriter:
    """Writes packets for lanes."""

    def __init__(self, spec: Any, rng: np.random.Generator) -> None:
        self.spec, self.rng = spec, rng

    def packet(
        self, label: str, kind: int, count: int, lane: int = 0, **fields: Int64s
    ) -> Packet:  # fmt: skip
        """Return a packet; fields that it does not need may be anything."""
        spec, rng = self.spec, self.rng
        entry_bits = spec.data_width + (spec.brick - 1).bit_length() + 1
        kinds, lanes = rng.integers(0, 4, (count, 1)), rng.integers(0, spec.lanes, (count, 1))
        kinds[0], lanes[0] = kind, lane
        return Packet(
            label,
            {
                "entry": rng.integers(0, 2**entry_bits, (count, 1)),
                "weights": rng.integers(0, 2**spec.weight_width, (count, spec.filters)),
                "number": rng.integers(0, 2**spec.number_bits, (count, 1)),
                "kind": kinds, "lane": lanes, **fields,
            },
        )  # fmt: skip

    def bricks(self, bricks: Int64s, lane: int) -> Packet:
        """Return a packet that loads a lane's bricks, shape (bricks, activations)."""
        flat = entries(bricks, self.spec.data_width).reshape(-1, 1)
        return self.packet("bricks", BRICKS, len(flat), lane, entry=flat)

    def weights(self, weights: Int64s, lane: int) -> Packet:
        """Return a packet that loads a lane's weights, shape (activations, filters)."""
        return self.packet("weights", WEIGHTS, len(weights), lane, weights=weights)

    def run(self, numbers: Sequence[int], label: str = "a run") -> Packet:
        """Return the packet of a run."""
        given = np.array(numbers, np.int64)[:, np.newaxis]
        return self.packet(label, RUN, len(numbers), number=given)


class CnvlutinSource:
    """Random bricks and weights, runs over them, and now and then something that does not fit."""

    def __init__(self, spec: Any, model: Any, point: int, rng: np.random.Generator) -> None:
        self.spec, self.rng = spec, rng
        self.write = BrickWriter(spec, rng)

    def packets(self, count: int) -> list[Packet]:
        rng, spec, packets = self.rng, self.spec, []
        if rng.random() < 0.3:
            packets.append(self._unfit())
        while len(packets) < count:
            for lane in range(spec.lanes):
                packets += [self._bricks(lane), self._weights(lane)]
            for _ in range(rng.integers(1, 6)):
                packets.append(self._run())
                if rng.random() < 0.3:
                    packets.append(self._unfit())
        return packets

    def work(self, acts: Int64s, weights: Int64s) -> Work:
        """Return a run of a row of windows of a convolution, for as many filters as fit."""
        spec, used = self.spec, weights[: self.spec.filters]
        windows = sliding_window_view(acts[: weights.shape[1]], weights.shape[1:3], axis=(0, 1))[0]
        windows = windows.transpose(0, 2, 3, 1)[: spec.windows]
        dealt = [self._dealt(one) for one in (windows, used)]
        loads = []
        for lane in range(spec.lanes):
            bricks, rows = dealt[0][:, lane], dealt[1][:, lane]
            loads.append(self.write.bricks(bricks.reshape(-1, spec.brick), lane))
            loads.append(self.write.weights(rows.reshape(len(used), -1).T, lane))
        count = dealt[0].shape[2]
        run = self.write.run([len(windows), count, count])
        flat = windows.reshape(len(windows), -1)
        return Work([*loads, run], len(loads), useful(flat, used.reshape(len(used), -1)))

    def _dealt(self, values: Int64s) -> Int64s:
        """Return bricks of windows by lane, shape (windows, lanes, bricks, activations)."""
        spec = self.spec
        bricks = values.reshape(len(values), -1, spec.brick)
        each = -(-bricks.shape[1] // spec.lanes)
        filled = np.zeros((len(values), each * spec.lanes, spec.brick), np.int64)
        filled[:, : bricks.shape[1]] = bricks
        return filled.reshape(len(values), each, spec.lanes, spec.brick).swapaxes(1, 2)

    def _bricks(self, lane: int) -> Packet:
        """Return all bricks of a lane; sometimes entries of any bits."""
        spec, rng = self.spec, self.rng
        shape = (spec.bricks, spec.brick)
        if rng.random() < 0.1:
            return self.write.packet("any entries", BRICKS, shape[0] * shape[1], lane)
        kept = rng.random(shape) < rng.choice(DENSITIES)
        top = 1 << spec.data_width - 1
        return self.write.bricks(np.where(kept, rng.integers(-top, top, shape), 0), lane)

    def _weights(self, lane: int) -> Packet:
        spec = self.spec
        top = 1 << spec.weight_width - 1
        shape = (spec.window * spec.brick, spec.filters)
        return self.write.weights(self.rng.integers(-top, top, shape), lane)

    def _run(self) -> Packet:
        spec, rng = self.spec, self.rng
        bricks = int(rng.integers(1, min(spec.window, spec.bricks) + 1))
        windows = int(rng.integers(1, spec.windows + 1))
        most = (spec.bricks - bricks) // (windows - 1) if windows > 1 else spec.bricks
        step = int(rng.integers(min(most, 4) + 1))
        return self.write.run([windows, bricks, step])

    def _unfit(self) -> Packet:
        """Return a packet with something wrong, which leaves what is stored as it is or whole."""
        spec, rng, write = self.spec, self.rng, self.write
        places, rows = spec.bricks * spec.brick, spec.window * spec.brick
        lane = int(rng.integers(spec.lanes))
        makers = (
            lambda: write.packet("many entries", BRICKS, places + 2, lane),
            lambda: write.packet("many weights", WEIGHTS, rows + 2, lane),
            lambda: write.packet("no such kind", 3, 3),
            lambda: write.run([0, 1, 1], "no windows"),
            lambda: write.run([spec.windows + 1, 1, 0], "many windows"),
            lambda: write.run([1, 0, 0], "no bricks"),
            lambda: write.run([1, spec.window + 1, 0], "many bricks"),
            lambda: write.run([1, 1, spec.bricks + 1], "a large step"),
            lambda: write.run([spec.windows, 1, spec.bricks], "windows beyond the bricks"),
            lambda: write.run([1, 1], "a number missing"),
            lambda: write.run([1, 1, 0, 0], "a number too many"),
        )
        return makers[rng.integers(len(makers))]()

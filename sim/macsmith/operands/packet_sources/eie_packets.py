"""Packets for the engine for compressed columns: matrices, runs, and what does not fit."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from macsmith.formats.relative_columns import deal
from macsmith.golden.sparse.eie import CODEBOOK, ENTRIES, POINTERS, RUN
from macsmith.host.int64s import Int64s
from macsmith.networks.im2col import im2col
from macsmith.operands.packet_sources.packets import Packet, Work, useful

DENSITIES = (0.0, 0.1, 0.3, 0.6, 1.0)
"""Shares of weights and of activations that are not zero."""

NONE = np.zeros(0, np.int64)
"""The activations of a chained run."""

RUNS = 4
"""Runs of a matrix, at most."""

POSITIONS = 5
"""Positions of a convolution that stand for all."""


class PacketWriter:
    """Writes packets for an engine."""

    def __init__(self, spec: Any, rng: np.random.Generator) -> None:
        self.spec, self.rng = spec, rng

    def packet(self, label: str, kind: int, data: Sequence[int] | Int64s, pe: int = 0) -> Packet:
        """Return a packet; after its first beat, kind and PE may be anything."""
        beats = np.array(data, np.int64)[:, np.newaxis]
        kinds = self.rng.integers(0, 4, beats.shape)
        kinds[0] = kind
        pes = self.rng.integers(0, self.spec.pes, beats.shape)
        pes[0] = pe
        return Packet(label, {"data": beats, "kind": kinds, "pe": pes})

    def codebook(self, weights: Int64s) -> Packet:
        """Return a packet that loads a codebook."""
        return self.packet("a codebook", CODEBOOK, weights)

    def matrix(self, stored: Int64s) -> list[Packet]:
        """Return packets that load a matrix, shape (rows, columns), of stored values."""
        spec, packets = self.spec, []
        for pe, part in enumerate(deal(stored, spec.pes, spec.index)):
            words = part.words(spec.value_bits, spec.index, spec.lanes)
            packets.append(self.packet("pointers", POINTERS, part.pointers, pe))
            if len(words):
                packets.append(self.packet("entries", ENTRIES, words, pe))
        return packets

    def run(
        self, acts: Int64s, outputs: int, *, relu: bool = False, chained: int = 0,
        label: str = "a run",
    ) -> Packet:  # fmt: skip
        """Return a packet of a run, chained if it is told how many inputs that has."""
        size = (self.spec.pes * self.spec.depth).bit_length()
        inputs = chained or len(acts)
        header = inputs | outputs << size | relu << 2 * size | bool(chained) << 2 * size + 1
        given = [] if chained else acts.tolist()
        return self.packet(label, RUN, [header, *given])


class EieSource:
    """Random matrices that fit, each with some runs, and now and then something that does not."""

    def __init__(self, spec: Any, model: Any, point: int, rng: np.random.Generator) -> None:
        self.spec, self.rng = spec, rng
        self.write = PacketWriter(spec, rng)

    def packets(self, count: int) -> list[Packet]:
        rng, packets = self.rng, []
        if self.spec.codebook and rng.random() < 0.9:
            packets.append(self._codebook())
        while len(packets) < count:
            outputs, inputs, stored = self._stored()
            packets += self.write.matrix(stored)
            for _ in range(rng.integers(1, RUNS + 1)):
                packets.append(self._run(inputs, outputs))
                # Columns beyond those that were loaded are whatever the memory holds.
                if outputs <= inputs and (outputs == inputs or rng.random() < 0.2):
                    packets.append(
                        self.write.run(NONE, outputs, relu=bool(rng.integers(2)),
                                       chained=outputs, label="a chained run")
                    )  # fmt: skip
            if rng.random() < 0.5:
                packets.append(self._unfit())
            if self.spec.codebook and rng.random() < 0.4:
                packets.append(self._codebook())
        return packets

    def work(self, acts: Int64s, weights: Int64s) -> Work:
        """Return runs of a few positions of a convolution: a matrix by the window of each."""
        rows = im2col(acts[np.newaxis], weights.shape[1:3])
        matrix = weights.reshape(len(weights), -1)
        loads = self.write.matrix(matrix & (1 << self.spec.value_bits) - 1)
        drawn = rows[np.linspace(0, len(rows) - 1, POSITIONS).astype(np.int64)]
        runs = [self.write.run(row, len(matrix)) for row in drawn]
        return Work([*loads, *runs], len(loads), useful(drawn, matrix))

    def _codebook(self) -> Packet:
        weights = self._signed(2**self.spec.value_bits, self.spec.weight_width)
        weights[0] = 0
        return self.write.codebook(weights)

    def _signed(self, shape: Any, bits: int) -> Int64s:
        return self.rng.integers(-(2 ** (bits - 1)), 2 ** (bits - 1), shape)

    def _stored(self) -> tuple[int, int, Int64s]:
        """Return the size of a matrix that fits, and its stored values."""
        spec, rng = self.spec, self.rng
        most = spec.pes * spec.depth
        outputs, inputs = (int(rng.integers(1, most + 1)) for _ in range(2))
        if rng.random() < 0.3:
            outputs = inputs
        while True:
            density = rng.choice(DENSITIES)
            kept = rng.random((outputs, inputs)) < density
            values = rng.integers(1, 2**spec.value_bits, kept.shape)
            stored = np.where(kept, values, 0)
            parts = deal(stored, spec.pes, spec.index)
            if max(len(part.values) for part in parts) <= spec.words * spec.lanes:
                return outputs, inputs, stored
            outputs = max(1, outputs // 2)

    def _run(self, inputs: int, outputs: int) -> Packet:
        kept = self.rng.random(inputs) < self.rng.choice(DENSITIES)
        acts = np.where(kept, self._signed(inputs, self.spec.data_width), 0)
        return self.write.run(acts, outputs, relu=bool(self.rng.integers(2)))

    def _unfit(self) -> Packet:
        """Return a packet with something wrong."""
        spec, rng, write = self.spec, self.rng, self.write
        columns, pe = spec.pes * spec.depth, int(rng.integers(spec.pes))
        any_words = rng.integers(-(2**62), 2**62, spec.words + 3)
        makers = (
            lambda: write.packet("no zero first", CODEBOOK, [1] * 2**spec.value_bits),
            lambda: write.packet("a short codebook", CODEBOOK, [0] * (2**spec.value_bits - 1)),
            lambda: write.packet("a long codebook", CODEBOOK, [0] * (2**spec.value_bits + 1)),
            lambda: write.packet("many pointers", POINTERS, [0] * (columns + 3), pe),
            lambda: write.packet("any pointers", POINTERS, any_words[:columns], pe),
            lambda: write.packet("any entries", ENTRIES, any_words[: spec.words], pe),
            lambda: write.packet("many entries", ENTRIES, any_words, pe),
            lambda: write.run(np.ones(2, np.int64), columns + 1, label="many outputs"),
            lambda: write.run(np.ones(2, np.int64), 0, label="no outputs"),
            lambda: write.run(NONE, 1, label="no inputs"),
            lambda: write.run(np.ones(columns + 1, np.int64), 1, label="many inputs"),
            lambda: write.run(NONE, 1, chained=columns, label="another chain"),
            self._miscounted,
        )
        return makers[rng.integers(len(makers))]()

    def _miscounted(self) -> Packet:
        """Return a run with an activation too many or too few."""
        run = self._run(int(self.rng.integers(2, self.spec.pes * self.spec.depth)), 1)
        change = -1 if self.rng.random() < 0.5 else None
        fields = {
            name: values[:change] if change else np.concatenate([values, values[-1:]])
            for name, values in run.fields.items()
        }
        return Packet("miscounted activations", fields)

"""A GEMM as the beats of a systolic array's streams, in every dataflow, and its sums from them.

Matrices are padded with zeros to whole tiles. Tiles come in the order of `macsmith.array.dataflow`.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from macsmith.array.dataflow import ceil_div
from macsmith.formats.density_bound import encode, random_mask
from macsmith.formats.stream_words import WORD, Words, operand_range, place, take, words_for
from macsmith.golden.array import ArrayModel
from macsmith.host.int64s import Int64s
from macsmith.host.verification_run import Run
from macsmith.matmul.tiling import Tiling

EDGES = ((1, 1, 1), (70, 3, 2), (2, 70, 5), (1, 2, 70))
"""M, N and K of products that are long one way."""

LARGEST = 70
"""Greatest M, N and K of a random product."""


@dataclass(frozen=True)
class Operand:
    """A matrix whose rows run along K.

    Members
    -------
    name:
        Its field, ``a`` or ``w``.
    fields:
        Values of shape (rows, K), and the bits of each: the operand, then its index if it has one.
    side:
        Rows in a PE.
    length:
        Elements along K in a PE.
    """

    name: str
    fields: list[tuple[Int64s, int]]
    side: int
    length: int


@dataclass(frozen=True)
class Gemm:
    """``acts @ weights`` on a systolic array, shapes (M, K) and (K, N), in the mode of an index.

    With density-bound weights, no block of ``weights`` along K has more than ``nonzeros``, unless
    the array is output stationary: then it takes more passes.
    """

    spec: Any
    acts: Int64s
    weights: Int64s
    mode: int = 0

    @classmethod
    def random(
        cls, spec: Any, shape: tuple[int, int, int], rng: np.random.Generator, mode_index: int = 0,
        passes: int = 1,
    ) -> "Gemm":  # fmt: skip
        """Return a random one of shape (M, N, K), with zeros where the array gains from them."""
        m, n, k = shape
        mode = spec.modes[mode_index]
        low, high = operand_range(mode.act_bits, spec.act_signed)
        acts = rng.integers(low, high + 1, (m, k))
        low, high = operand_range(mode.weight_bits, spec.weight_signed)
        weights = rng.integers(low, high + 1, (k, n))
        if spec.sparsity == "zero-gated":
            acts *= rng.random(acts.shape) < 0.5
            weights *= rng.random(weights.shape) < 0.5
        if spec.bound:
            weights *= random_mask(rng, weights.shape, spec.block, passes * spec.nonzeros)
        return cls(spec, acts, weights, mode_index)

    def expected(self) -> Int64s:
        """Return the golden sums, shape (M, N), wrapped to the accumulator's width."""
        model = ArrayModel(self.spec)
        return model.matmul(self.spec.modes[self.mode], self.acts, self.weights)

    @property
    def title(self) -> str:
        """M x K x N."""
        return f"{len(self.acts)} x {len(self.weights)} x {self.weights.shape[1]}"

    def compare(self, run: Run, payloads: Words) -> None:
        """Add the product to a run: its beats, its sums, and those that are wrong."""
        run.vectors += sum(map(len, self.beats().values()))
        run.compare(
            self.title, self.sums(payloads), self.expected(),
            lambda row, column: (self.acts[row, :, None], self.weights[:, column, None]),
        )  # fmt: skip

    def cycles(self) -> int:
        """Return the cycles that the documented formula gives without stalls."""
        if self.spec.dataflow == "output":
            shape = self._tiling.shape
            return ArrayModel(self.spec).cycles(shape.tiles, shape.steps)
        k, n = self.weights.shape
        return int(self.spec.movement.cycles(len(self.acts), n, k))

    def beats(self) -> dict[str, Words]:
        """Return the payloads of each input stream, shape (beats, words)."""
        if self.spec.dataflow == "output":
            return {"i": self._tiling.beats()}
        acts, weights = self._operands()
        if self.spec.dataflow == "weight":
            return self._apart(moving=acts, held=weights)
        return self._apart(moving=weights, held=acts)

    def sums(self, beats: Words) -> Int64s:
        """Return the product, shape (M, N), from the output payloads of all tiles."""
        spec, (m, n) = self.spec, (len(self.acts), self.weights.shape[1])
        if spec.dataflow == "output":
            return self._tiling.gather(beats)
        words = self._unpacked(beats)
        if spec.dataflow == "weight":
            cols = spec.cols * spec.c
            full = words.reshape(ceil_div(n, cols), -1, spec.a, cols).transpose(1, 2, 0, 3)
        else:
            rows = spec.cols * spec.a
            full = words.reshape(ceil_div(m, rows), -1, rows, spec.c).transpose(0, 2, 1, 3)
        return full.reshape(full.shape[0] * full.shape[1], -1)[:m, :n]

    def result_count(self) -> int:
        """Return the number of output beats."""
        spec = self.spec
        m, n = len(self.acts), self.weights.shape[1]
        if spec.dataflow == "output":
            return spec.movement.tiles(m, n) * spec.cols
        steps, panels = spec.movement.passes(m, n)
        return steps * panels

    def _unpacked(self, beats: Words) -> Int64s:
        """Return the sums of output payloads, shape (beats, lanes)."""
        spec = self.spec
        width, lanes = spec.acc_width, spec.sum_pes * spec.a * spec.c
        signed = spec.act_signed or spec.weight_signed
        return np.stack([take(beats, width, at * width, signed) for at in range(lanes)], axis=-1)

    @cached_property
    def _tiling(self) -> Tiling:
        return Tiling(self.spec, self.acts, self.weights, self.mode)

    def _operands(self) -> tuple[Operand, Operand]:
        spec = self.spec
        mode = spec.modes[0]
        pairs = spec.mac_spec.element_products(mode)
        fields = [(self.weights.T, mode.weight_bits)]
        if spec.bound:
            blocks = encode(self.weights, spec.block, spec.nonzeros)
            kept = ((blocks.values, mode.weight_bits), (blocks.places, spec.index_bits))
            fields = [(slots.reshape(blocks.columns, -1), bits) for slots, bits in kept]
        return (
            Operand("a", [(self.acts, mode.act_bits)], spec.a, spec.b * pairs),
            Operand("w", fields, spec.c, spec.lanes * pairs),
        )

    def _apart(self, moving: Operand, held: Operand) -> dict[str, Words]:
        """Return the beats of steps and of held rows."""
        spec = self.spec
        # (passes, layers, lanes) and (panels, layers * rows, lanes).
        steps = [
            (_cut(values, moving.side, spec.rows * moving.length), bits)
            for values, bits in moving.fields
        ]
        rows = [
            (_cut(values, spec.cols * held.side, held.length, spec.rows), bits)
            for values, bits in held.fields
        ]
        count, layers = steps[0][0].shape[:2]
        order, loads, flags = [], [], []
        for panel in range(len(rows[0][0])):
            done = 0
            for run in spec.movement.runs(count, layers):
                for layer in range(layers):
                    order += [(step, layer) for step in range(done, done + run)]
                    loads += [(panel, layer * spec.rows + row) for row in range(spec.rows)]
                    flags += [(layer == 0, layer == layers - 1, False)] * (run - 1)
                    flags += [(layer == 0, layer == layers - 1, True)]
                done += run
        which = tuple(np.array(order).T)
        chosen = [(cut[which], bits) for cut, bits in steps]
        chosen += [(column[:, None], 1) for column in np.array(flags, np.int64).T]
        which = tuple(np.array(loads).T)
        streams = {moving.name: chosen, held.name: [(cut[which], bits) for cut, bits in rows]}
        return {f"i_{name}": _packed(streams[name]) for name in ("a", "w")}


def _cut(matrix: Int64s, side: int, length: int, multiple: int = 1) -> Int64s:
    """Cut a matrix into blocks: shape (rows / side, columns / length, side * length).

    It is padded to whole blocks, their count along the columns a multiple of ``multiple``.
    """
    rows, columns = matrix.shape
    padded = np.pad(matrix, ((0, -rows % side), (0, -columns % (length * multiple))))
    blocks = padded.reshape(len(padded) // side, side, -1, length)
    return blocks.transpose(0, 2, 1, 3).reshape(len(blocks), -1, side * length)


def _packed(fields: list[tuple[Int64s, int]]) -> Words:
    """Return payloads of fields of lanes, shape (beats, lanes), each with its bits a lane."""
    total = sum(values.shape[1] * bits for values, bits in fields)
    words = np.zeros((len(fields[0][0]), words_for(total) + 1), np.uint64)
    offset = 0
    for values, bits in fields:
        for lane in values.T:
            place(words, lane, bits, offset)
            offset += bits
    return np.ascontiguousarray(words[:, : -(-total // WORD)])

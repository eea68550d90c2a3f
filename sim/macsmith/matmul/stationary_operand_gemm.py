"""A GEMM as the beats of an array whose weights or activations stay, and its sums from them.

Matrices are padded with zeros to whole tiles. Tiles come in the order of `macsmith.array.dataflow`.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from macsmith.array.geometry import ceil_div
from macsmith.formats.density_bound import encode
from macsmith.formats.stream_words import WORD, Words, place, take, words_for
from macsmith.host.int64s import Int64s


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


class OperandStays(ABC):
    """A GEMM of which one operand is held; see `macsmith.matmul.array_gemm.Course`."""

    def __init__(self, spec: Any, acts: Int64s, weights: Int64s, mode: int = 0) -> None:
        self.spec, self.acts, self.weights = spec, acts, weights

    def cycles(self) -> int:
        """See `Course.cycles`."""
        k, n = self.weights.shape
        return int(self.spec.movement.cycles(len(self.acts), n, k))

    def beats(self) -> dict[str, Words]:
        """See `Course.beats`."""
        operands, movement = self._operands(), self.spec.movement
        return self._apart(moving=operands[movement.moving], held=operands[movement.held])

    def result_count(self) -> int:
        """See `Course.result_count`."""
        steps, panels = self.spec.movement.passes(len(self.acts), self.weights.shape[1])
        return int(steps * panels)

    def sums(self, payloads: Words) -> Int64s:
        """See `Course.sums`."""
        m, n = len(self.acts), self.weights.shape[1]
        full = self.placed(self._unpacked(payloads))
        return full.reshape(full.shape[0] * full.shape[1], -1)[:m, :n]

    @abstractmethod
    def placed(self, sums: Int64s) -> Int64s:
        """Return sums of shape (beats, lanes) where they lie in C: two axes of rows come first."""

    def _unpacked(self, payloads: Words) -> Int64s:
        """Return the sums of output payloads, shape (beats, lanes)."""
        spec = self.spec
        width, lanes = spec.acc_width, spec.movement.sum_pes * spec.a * spec.c
        signed = spec.mac.act_signed or spec.mac.weight_signed
        return np.stack([take(payloads, width, at * width, signed) for at in range(lanes)], axis=-1)

    def _operands(self) -> dict[str, Operand]:
        spec = self.spec
        mode = spec.points[0]
        pairs = spec.mac.element_products(mode)
        fields = [(self.weights.T, mode.weight_bits)]
        if spec.zeros.stores_blocks:
            blocks = encode(self.weights, spec.block, spec.nonzeros)
            kept = ((blocks.values, mode.weight_bits), (blocks.places, spec.zeros.index_bits))
            fields = [(slots.reshape(blocks.columns, -1), bits) for slots, bits in kept]
        return {
            "act": Operand("a", [(self.acts, mode.act_bits)], spec.a, spec.b * pairs),
            "weight": Operand("w", fields, spec.c, spec.lanes * pairs),
        }

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


class WeightsStay(OperandStays):
    """Weights are held: a beat of sums is ``a`` rows by ``cols c`` columns of C."""

    def placed(self, sums: Int64s) -> Int64s:
        """See `OperandStays.placed`."""
        spec, n = self.spec, self.weights.shape[1]
        width = spec.cols * spec.c
        return sums.reshape(ceil_div(n, width), -1, spec.a, width).transpose(1, 2, 0, 3)


class ActsStay(OperandStays):
    """Activations are held: a beat of sums is ``cols a`` rows by ``c`` columns of C."""

    def placed(self, sums: Int64s) -> Int64s:
        """See `OperandStays.placed`."""
        spec, m = self.spec, len(self.acts)
        height = spec.cols * spec.a
        return sums.reshape(ceil_div(m, height), -1, height, spec.c).transpose(0, 2, 1, 3)


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

"""A GEMM as the beats of an array whose weights or activations stay, and its sums from them.

Matrices are padded with zeros to whole tiles, places in blocks with those that rise. Tiles come
in the order of `macsmith.array.dataflow`.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.array.geometry import ceil_div
from macsmith.formats.density_bound import encode
from macsmith.formats.stream_words import WORD, Words, place, words_for
from macsmith.host.int64s import Int64s
from macsmith.matmul.output_beats import lasts_of, sums_of

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Operand:
    """A matrix whose rows run along K.

    Members
    -------
    name:
        Its field, ``a`` or ``w``.
    fields:
        Values of shape (rows, K), the bits of each, and what fills up a row, again and again: of
        the operand, then of its index if it has one.
    side:
        Rows in a PE.
    length:
        Elements along K in a PE.
    """

    name: str
    fields: list[tuple[Int64s, int, Int64s]]
    side: int
    length: int


@dataclass(frozen=True)
class Order:
    """Which steps and held rows follow one another.

    Members
    -------
    steps:
        Of each step which of a pass, and its layer.
    loads:
        Of each held row its panel, and its place in that.
    flags:
        Of each step ``fresh``, ``final`` and ``last``.
    """

    steps: tuple[Int64s, ...]
    loads: tuple[Int64s, ...]
    flags: Int64s


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
        moving, held = operands[movement.moving], operands[movement.held]
        steps = [
            (_cut(values, idle, moving.side, self.spec.rows * moving.length), bits)
            for values, bits, idle in moving.fields
        ]
        # (panels, layers * rows, lanes).
        rows = [
            (_cut(values, idle, self.spec.cols * held.side, held.length, self.spec.rows), bits)
            for values, bits, idle in held.fields
        ]
        order = self._order()
        chosen = [(cut[order.steps], bits) for cut, bits in steps]
        chosen += [(column[:, None], 1) for column in order.flags.T]
        streams = {moving.name: chosen, held.name: [(cut[order.loads], bits) for cut, bits in rows]}
        return {f"i_{name}": _packed(streams[name]) for name in ("a", "w")}

    def result_count(self) -> int:
        """See `Course.result_count`."""
        steps, panels = self.spec.movement.passes(len(self.acts), self.weights.shape[1])
        return int(steps * panels)

    def lasts(self) -> Bools:
        """See `Course.lasts`."""
        _, final, last = self._order().flags.T
        return np.asarray(last[final == 1] == 1)

    def found_lasts(self, payloads: Words) -> Bools:
        """See `Course.found_lasts`."""
        return lasts_of(self.spec, payloads)

    def padded(self, payloads: Words) -> Int64s:
        """See `Course.padded`."""
        full = self.placed(sums_of(self.spec, payloads))
        return full.reshape(full.shape[0] * full.shape[1], -1)

    @abstractmethod
    def placed(self, sums: Int64s) -> Int64s:
        """Return sums of shape (beats, lanes) where they lie in C: two axes of rows come first."""

    def _operands(self) -> dict[str, Operand]:
        spec = self.spec
        mode = spec.points[0]
        pairs = spec.mac.element_products(mode)
        zero = np.zeros(1, np.int64)
        fields = [(self.weights.T, mode.weight_bits, zero)]
        if spec.zeros.stores_blocks:
            blocks = encode(self.weights, spec.block, spec.nonzeros)
            # An idle block still needs places that rise.
            rising = np.arange(spec.nonzeros)
            fields = [
                (blocks.values.reshape(blocks.columns, -1), mode.weight_bits, zero),
                (blocks.places.reshape(blocks.columns, -1), spec.zeros.index_bits, rising),
            ]
        return {
            "act": Operand("a", [(self.acts, mode.act_bits, zero)], spec.a, spec.b * pairs),
            "weight": Operand("w", fields, spec.c, spec.lanes * pairs),
        }

    def _order(self) -> "Order":
        """Return which steps and held rows follow one another."""
        spec, (m, n) = self.spec, (len(self.acts), self.weights.shape[1])
        count, panels = spec.movement.passes(m, n)
        layers = spec.movement.layers(len(self.weights))
        order, loads, flags = [], [], []
        for panel in range(panels):
            done = 0
            for run in spec.movement.runs(count, layers):
                for layer in range(layers):
                    order += [(step, layer) for step in range(done, done + run)]
                    loads += [(panel, layer * spec.rows + row) for row in range(spec.rows)]
                    flags += [(layer == 0, layer == layers - 1, False)] * (run - 1)
                    flags += [(layer == 0, layer == layers - 1, True)]
                done += run
        return Order(tuple(np.array(order).T), tuple(np.array(loads).T), np.array(flags, np.int64))


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


def _cut(matrix: Int64s, idle: Int64s, side: int, length: int, multiple: int = 1) -> Int64s:
    """Cut a matrix into blocks: shape (rows / side, columns / length, side * length).

    It is padded with ``idle`` to whole blocks, their count along the columns a multiple of
    ``multiple``.
    """
    rows, columns = matrix.shape
    whole = rows + -rows % side, columns + -columns % (length * multiple)
    padded = np.resize(idle, whole[1])[np.newaxis].repeat(whole[0], axis=0)
    padded[:rows, :columns] = matrix
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

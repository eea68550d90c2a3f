"""A grid of PEs as the lanes of one PE's gates: each cycle, words move from lane to lane.

    edges = Edges(layer)
    for cycle in run(engine, edges):
        ...  # one cycle, its nets settled

Lane ``row * cols + column`` is a PE of the grid. What it gets is what its neighbours' gates give:
operands and control from the left and from above, sums from the right. Operands enter at the edges
with a cycle of skew for each row and column, as the stream unit sends them, tile behind tile; a
tile that is shorter than `OutputStationary.tile_interval` waits before its last step, with
activations of zero. So a netlist of one PE runs whole products, and its sums must be those of the
golden model.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.array.pe.operand_tags import operands_of
from macsmith.array.pe.tensor_pe import TensorPe
from macsmith.contract.bit_routes import Source, repeated
from macsmith.golden.array import ArrayModel
from macsmith.host.int64s import Int64s
from macsmith.matmul.engine_jobs import unpacked
from macsmith.netlist.zero_delay import GateEngine, Words
from macsmith.operands.array_tiles import Layer, terms_of

Bits = NDArray[np.uint8]


class Edges:
    """What enters a grid at its edges in each cycle: the tiles of a layer, warm-up included."""

    def __init__(self, layer: Layer) -> None:
        self.layer, self.spec = layer, layer.spec
        self._operands = operands_of(layer.spec)
        skew = layer.spec.rows + layer.spec.cols - 2
        # Until the last PE has begun, and then a tile whose sums drain beside those that count.
        self._ahead = 1 + max(1, -(-skew // layer.interval))
        ahead = [layer.tiles[k % len(layer.tiles)] for k in range(self._ahead)]
        self.tiles = [*ahead, *layer.tiles]
        self._mode = layer.spec.points[layer.mode]
        self._acts, self._weights = self._act_words(), self._weight_words()

    @property
    def ends(self) -> list[int]:
        """The cycle in which the first PE gets the last step of each tile."""
        return [(k + 1) * self.layer.interval - 1 for k in range(len(self.tiles))]

    @property
    def cycles(self) -> int:
        """Cycles from the first step to the last sums."""
        spec = self.spec
        return self.ends[-1] + spec.mac.stages + spec.rows + 2 * spec.cols + 1

    @property
    def counted(self) -> range:
        """The cycles in which every PE is at work in tiles that count."""
        start = self._ahead * self.layer.interval
        return range(start, start + len(self.layer.tiles) * self.layer.interval)

    def right(self, name: str) -> Iterator[Bits]:
        """Yield for each cycle what moves right at the left edge: shape (rows, bits)."""
        made = self._act_rows() if name == "act" else self._controls()
        return _skewed(made, self.cycles)

    def down(self, name: str) -> Iterator[Bits]:
        """Yield for each cycle what moves down at the top: shape (columns, bits)."""
        return _skewed(self._weight_columns(), self.cycles)

    def _place(self, cycle: int) -> tuple[int, int, bool]:
        """Return tile, step and whether it is taken in this cycle; idle steps come before the last.

        After the tiles, the last step stays.
        """
        interval, steps = self.layer.interval, self.layer.steps
        tile, at = divmod(cycle, interval)
        if tile >= len(self.tiles):
            return len(self.tiles) - 1, steps - 1, False
        if at == interval - 1:
            return tile, steps - 1, True
        return tile, min(at, steps - 1), at < steps - 1

    def _act_rows(self) -> Iterator[Bits]:
        spec = self.spec
        width = len(spec.mac.element_act_source(self._mode))
        idle = self._tagged(np.zeros((spec.a * spec.zeros.act_words, width), np.uint8))
        reads = 1 if spec.zeros.serial_acts else self.layer.passes
        for cycle in range(self.cycles):
            tile, step, taken = self._place(cycle)
            if taken:
                words = self._acts[self.tiles[tile][0], step // reads]
                yield words.reshape(spec.rows, -1)
            else:
                yield np.broadcast_to(idle.reshape(-1), (spec.rows, idle.size))

    def _weight_columns(self) -> Iterator[Bits]:
        for cycle in range(self.cycles):
            tile, step, _ = self._place(cycle)
            words = self._weights[self.tiles[tile][1], step // self.layer.each]
            yield words.reshape(self.spec.cols, -1)

    def _controls(self) -> Iterator[Bits]:
        """Yield ``first``, ``done`` if there are several modes, ``fresh`` where activations of a
        block come one after the other, and the lines of the mode.
        """
        several = len(self.spec.points) > 1
        lines = [self._mode in modes for sets in self.spec.control_sets.values() for modes in sets]
        starts = {k * self.layer.interval for k in range(len(self.tiles))}
        ended = {0, *(end + 1 for end in self.ends)}
        for cycle in range(self.cycles):
            first = cycle in ended or (several and cycle in starts)
            _, step, taken = self._place(cycle)
            fresh = [taken and step % self.layer.each == 0] * self.spec.zeros.serial_acts
            word = [first, *([cycle in ended] if several else []), *fresh, *lines]
            yield np.broadcast_to(np.array(word, np.uint8), (self.spec.rows, len(word)))

    def _act_words(self) -> Bits:
        """Return the activations of each row of A and step, with their tags: (M, reads, bits)."""
        spec, layer = self.spec, self.layer
        source = spec.mac.element_act_source(self._mode)
        acts = _filled(layer.acts, layer.reads * terms_of(spec, layer.mode))
        if spec.zeros.serial_acts:
            return self._serial(acts)
        elements = _routed(acts, self._mode.act_bits, source)
        tagged = self._tagged(elements)
        return tagged.reshape(len(acts), layer.reads, -1)

    def _serial(self, acts: Int64s) -> Bits:
        """Return the same of activations that come one after the other, the largest of each block
        first, with their places: (M, steps, bits).
        """
        spec, layer = self.spec, self.layer
        blocks = acts.reshape(len(acts), layer.reads, 1, -1, spec.block)
        order = np.argsort(-np.abs(blocks), axis=-1, kind="stable")[..., : layer.each]
        # Of each read and pass, step by step an activation of each block.
        places, values = (
            np.repeat(words.swapaxes(-1, -2), layer.passes, axis=2).reshape(-1, 1)
            for words in (order, np.take_along_axis(blocks, order, axis=-1))
        )
        source = spec.mac.element_act_source(self._mode)
        elements = _routed(values, self._mode.act_bits, source)
        tagged = np.concatenate([elements, unpacked(places, self._operands.act_tag)], axis=1)
        return tagged.reshape(len(acts), layer.steps, -1)

    def _weight_words(self) -> Bits:
        """Return the weights of each column and step, with their tags: (N, steps, bits)."""
        spec, layer = self.spec, self.layer
        if layer.encoded is None:
            values = _filled(layer.weights.T, layer.reads * terms_of(spec, layer.mode))
            tagged = self._tagged(self._kept(values))
            return tagged.reshape(len(values), layer.steps, -1)
        encoded = layer.encoded
        where = encoded.places if spec.zeros.serial_acts else encoded.offsets
        kept = [self._by_step(slots) for slots in (encoded.values, where)]
        elements = self._kept(kept[0])
        places = unpacked(kept[1].reshape(-1, 1), self._operands.weight_tag)
        tagged = np.concatenate([elements, places], axis=1)
        return tagged.reshape(layer.weights.shape[1], layer.steps // layer.each, -1)

    def _kept(self, values: Int64s) -> Bits:
        """Return weights, or the codes that PEs hold of them: shape (elements, bits)."""
        coded = ArrayModel(self.spec).mac.coded(values)
        if coded is not None:
            codes, bits = coded
            return unpacked(codes.reshape(-1, 1), bits)
        source = self.spec.mac.element_weight_source(self._mode)
        return _routed(values, self._mode.weight_bits, source)

    def _by_step(self, slots: Int64s) -> Int64s:
        """Return slots (passes, N, blocks, nonzeros) as (N, lanes of all steps).

        Zeros fill up the last step, at the lowest places of their slots.
        """
        spec, layer = self.spec, self.layer
        passes, columns, blocks, each = slots.shape
        full = layer.reads * spec.b // spec.block
        filled = np.pad(slots, ((0, 0), (0, 0), (0, full - blocks), (0, 0)))
        words = filled.reshape(passes, columns, layer.reads, spec.b // spec.block * each)
        return words.transpose(1, 2, 0, 3).reshape(columns, -1)

    def _tagged(self, elements: Bits) -> Bits:
        """Return elements, with a flag above each, whether it is zero, if zeros are gated, or with
        the first place of a block.
        """
        if self.spec.zeros.serial_acts:
            return np.pad(elements, ((0, 0), (0, self._operands.act_tag)))
        if not self.spec.zeros.gates_zeros:
            return elements
        return np.concatenate([elements, ~elements.any(axis=1, keepdims=True)], axis=1)


def run(engine: GateEngine, edges: Edges) -> Iterator[int]:
    """Run the gates of a PE as a grid and yield each cycle's number when its nets have settled.

    Raises
    ------
    RuntimeError
        If sums are not those of the golden model.
    """
    spec, pe = edges.spec, TensorPe
    shape = spec.rows, spec.cols
    engine.reset(spec.rows * spec.cols)
    engine.set("rst", 1)
    engine.tick()
    engine.set("rst", 0)
    entering = {name: edges.right(name) for name in pe.right}
    above = {name: edges.down(name) for name in pe.down}
    leaving: list[Bits] = []
    for cycle in range(edges.cycles):
        # Outputs are those of registers: they do not depend on this cycle's inputs.
        out = {name: _grid(engine, f"{name}_out", shape) for name in
               (*pe.right, *pe.down, *pe.left)}  # fmt: skip
        leaving.append(out["sum"][:, :, 0].T)
        for name, words in entering.items():
            moved = np.concatenate([next(words).T[:, :, np.newaxis], out[name][:, :, :-1]], axis=2)
            engine.set_rows(f"{name}_in", _lanes(moved))
        for name, words in above.items():
            moved = np.concatenate([next(words).T[:, np.newaxis, :], out[name][:, :-1, :]], axis=1)
            engine.set_rows(f"{name}_in", _lanes(moved))
        for name in pe.left:
            moved = np.concatenate(
                [out[name][:, :, 1:], np.zeros_like(out[name][:, :, :1])], axis=2
            )
            engine.set_rows(f"{name}_in", _lanes(moved))
        yield cycle
        engine.tick()
    _check(edges, np.stack(leaving))


def _check(edges: Edges, leaving: Bits) -> None:
    """Compare the sums at the left edge, shape (cycles, rows, bits), with the golden model's."""
    spec, layer = edges.spec, edges.layer
    mode = spec.points[layer.mode]
    model, source = ArrayModel(spec), np.array(
        [-1 if bit is None else bit for bit in spec.sum_source(mode)]
    )  # fmt: skip
    zero = np.zeros((spec.rows, 1), np.uint8)
    for end, (rows, columns) in zip(edges.ends, edges.tiles, strict=True):
        expected = model.matmul(mode, layer.acts[rows], layer.weights[:, columns])
        by_pe = expected.reshape(spec.rows, spec.a, spec.cols, spec.c)
        for column in range(spec.cols):
            start = end + 1 + spec.mac.stages + 1 + 2 * column
            raw = np.stack([leaving[start + row, row] for row in range(spec.rows)])
            placed = np.concatenate([raw.reshape(1, -1), zero[:1]], axis=1)[:, source]
            wanted = unpacked(by_pe[:, :, column].reshape(1, -1), spec.acc_width)
            if not np.array_equal(placed, wanted):
                raise RuntimeError(
                    f"sums of column {column} in {mode} are not those of the golden model"
                )


def select(words: Words, lanes: Int64s) -> Words:
    """Return chosen lanes of words whose last axis holds 64 lanes each."""
    bits = np.unpackbits(words.view(np.uint8), axis=-1, bitorder="little")[..., lanes]
    return _packed(bits)


def spread(spec: Any, count: int) -> Int64s:
    """Return the lanes of PEs in evenly spread columns, each in the next row."""
    columns = ((2 * np.arange(count) + 1) * spec.cols) // (2 * count)
    return np.arange(count) % spec.rows * spec.cols + columns


def _grid(engine: GateEngine, port: str, shape: tuple[int, int]) -> Bits:
    """Return a port of all PEs, shape (bits, rows, columns)."""
    words = np.ascontiguousarray(engine.rows()[engine.netlist.ports[port].rows])
    lanes = shape[0] * shape[1]
    bits = np.unpackbits(words.view(np.uint8), axis=1, bitorder="little", count=lanes)
    return bits.reshape(len(words), *shape)


def _lanes(bits: Bits) -> Words:
    """Return bits of shape (bits, rows, columns) as an engine's rows."""
    return _packed(bits.reshape(len(bits), -1))


def _packed(bits: Bits) -> Words:
    octets = np.packbits(bits, axis=-1, bitorder="little")
    padding = [(0, 0)] * (octets.ndim - 1) + [(0, -octets.shape[-1] % 8)]
    return np.ascontiguousarray(np.pad(octets, padding)).view(np.uint64)


def _skewed(words: Iterator[Bits], cycles: int) -> Iterator[Bits]:
    """Yield words with lane k, along the first axis, k cycles late; zeros before."""
    line: list[Bits] = []
    for _, word in zip(range(cycles), words, strict=False):
        line = [word, *line[: len(word) - 1]]
        none = np.zeros_like(word[0])
        yield np.stack([line[k][k] if k < len(line) else none for k in range(len(word))])


def _filled(matrix: Int64s, columns: int) -> Int64s:
    return np.pad(matrix, ((0, 0), (0, columns - matrix.shape[1])))


def _routed(values: Int64s, bits: int, source: tuple[Source, ...]) -> Bits:
    """Return operands as the MACs' elements take them, shape (elements, bits)."""
    single = unpacked(values.reshape(1, -1), bits)
    pitch = 1 + max(bit for bit in source if bit is not None) // bits
    count = values.size // pitch
    routes = repeated(source, count, pitch * bits)
    places = np.array([single.shape[1] if bit is None else bit for bit in routes])
    return np.append(single[0], np.uint8(0))[places].reshape(count, -1)

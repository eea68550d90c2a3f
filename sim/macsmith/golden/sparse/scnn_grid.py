"""The grid for compressed convolutions: results, cycles, and conflicts of banks, by its packets."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from macsmith.formats.codecs.compressed_planes import compress
from macsmith.golden.sparse.codecs import Beats, last_alone
from macsmith.golden.sparse.scnn_pace import Pace, pace
from macsmith.host.int64s import Int64s, wrap

ACT_ENDS, ACTS, WEIGHT_ENDS, WEIGHTS, RUN, RESULTS = range(6)

NUMBERS = 10
"""Numbers of a run's packet."""

AFTER_READS = 5
"""Cycles from a group's end to the end of its results, beside one for each sum that is read."""


@dataclass(frozen=True)
class Layer:
    """The numbers of a run, in their order in the packet."""

    tile_rows: int
    tile_cols: int
    kernel_rows: int
    kernel_cols: int
    channels: int
    groups: int
    out_rows: int
    out_cols: int
    shift: int
    flags: int

    @property
    def relu(self) -> bool:
        """Whether results below zero are zero."""
        return bool(self.flags & 1)

    @property
    def chain(self) -> bool:
        """Whether the activations are the results of the run before."""
        return bool(self.flags & 2)

    @property
    def plane(self) -> tuple[int, int]:
        """Rows and columns of sums of a PE."""
        return self.tile_rows + self.kernel_rows - 1, self.tile_cols + self.kernel_cols - 1


@dataclass
class File:
    """Compressed planes of a PE: vectors of entries, and where channels end."""

    ends: Int64s
    words: Int64s


@dataclass(frozen=True)
class Entries:
    """Values of vectors that are not zero and have a place, shape (vectors, lanes).

    Members
    -------
    values:
        Zero where there is nothing to multiply.
    places:
        Places in the channel.
    wrong:
        Whether a value that is not zero lies beyond the channel.
    """

    values: Int64s
    places: Int64s
    wrong: bool


class ScnnModel:
    """What the grid answers to packets."""

    def __init__(self, spec: Any) -> None:
        self.spec = spec
        self.pes = spec.rows * spec.cols
        self.begin()

    def begin(self) -> None:
        """Forget everything, as a reset does."""
        spec = self.spec
        self.source = [self._file() for _ in range(self.pes)]
        self.results = [self._file() for _ in range(self.pes)]
        places = spec.channels * (spec.channels // spec.group)
        self.weights = File(
            np.zeros(places, np.int64), np.zeros((spec.weight_words, spec.weights), np.int64)
        )
        self.made: Layer | None = None
        self.paces: list[list[Pace]] = []

    def _file(self) -> File:
        spec = self.spec
        return File(
            np.zeros(spec.channels, np.int64), np.zeros((spec.act_words, spec.acts), np.int64)
        )

    def answers(self, packets: Iterable[Beats]) -> Iterator[tuple[Beats, int]]:
        """Yield what becomes of packets that follow a reset, and the most cycles they take."""
        self.begin()
        for beats in packets:
            yield self.answer(beats)

    def answer(self, beats: Beats) -> tuple[Beats, int]:
        """Return the answer to a packet, and the most cycles that both take."""
        kind, pe = int(beats["kind"][0, 0]), int(beats["pe"][0, 0])
        if kind == RUN:
            return self._run(beats["number"][:, 0])
        if kind == RESULTS:
            return self._shown(pe, len(beats["number"]))
        bad = self._load(kind, pe, beats)
        return self._numbers([0], bad), len(beats["number"]) + 2

    def _numbers(self, numbers: list[int], bad: bool) -> Beats:
        """Return an answer of numbers alone."""
        return {
            "data": np.zeros((len(numbers), self.spec.acts), np.int64),
            "number": np.array(numbers, np.int64)[:, np.newaxis],
            "error": last_alone(len(numbers), bad),
        }

    def _load(self, kind: int, pe: int, beats: Beats) -> bool:
        """Write what a packet brings; return whether it does not fit."""
        spec, numbers = self.spec, beats["number"][:, 0]
        if kind > RUN or (kind in (ACT_ENDS, ACTS) and pe >= self.pes):
            return True
        file = self.source[pe] if kind in (ACT_ENDS, ACTS) else self.weights
        if kind in (ACT_ENDS, WEIGHT_ENDS):
            kept = numbers[numbers <= len(file.words)][: len(file.ends)]
            file.ends[: len(kept)] = kept
            return len(kept) < len(numbers)
        lanes = spec.acts if kind == ACTS else spec.weights
        data = beats["data"][: len(file.words), :lanes]
        width = spec.data_width if kind == ACTS else spec.weight_width
        file.words[: len(data)] = data & (1 << width + spec.index) - 1
        return len(data) < len(numbers)

    def _shown(self, pe: int, beats: int) -> tuple[Beats, int]:
        """Return the results of a PE: where channels end, then vectors."""
        if beats > 1 or self.made is None or pe >= self.pes:
            return self._numbers([0], True), beats + 2
        file, channels = self.results[pe], self.made.groups * self.spec.group
        words = file.words[: file.ends[channels - 1]]
        count = channels + len(words)
        data = np.zeros((count, self.spec.acts), np.int64)
        data[channels:] = words
        numbers = np.zeros((count, 1), np.int64)
        numbers[:channels, 0] = file.ends[:channels]
        answer = {"data": data, "number": numbers, "error": last_alone(count, False)}
        return answer, 2 * count + 4

    def _legal(self, numbers: Int64s) -> bool:
        """Return whether a run fits."""
        spec = self.spec
        if len(numbers) != NUMBERS:
            return False
        one = Layer(*numbers.tolist())
        sizes = (
            (one.tile_rows, spec.tile), (one.tile_cols, spec.tile),
            (one.kernel_rows, min(spec.kernel, one.tile_rows + 1)),
            (one.kernel_cols, min(spec.kernel, one.tile_cols + 1)),
            (one.channels, spec.channels), (one.groups, spec.channels // spec.group),
            (one.out_rows, one.tile_rows * spec.rows), (one.out_cols, one.tile_cols * spec.cols),
        )  # fmt: skip
        fits = all(1 <= size <= most for size, most in sizes)
        fits &= one.shift < spec.acc_width and one.flags <= 3
        if not one.chain:
            return fits
        made = self.made
        return fits and made is not None and (
            (one.channels, one.tile_rows, one.tile_cols)
            == (made.groups * spec.group, made.tile_rows, made.tile_cols)
        )  # fmt: skip

    def _run(self, numbers: Int64s) -> tuple[Beats, int]:
        if not self._legal(numbers):
            return self._numbers([0], True), len(numbers) + 2
        layer = self.made = Layer(*numbers.tolist())
        if layer.chain:
            self.source, self.results = self.results, self.source
        wrong, start, made, waits = False, 0, 0, 0
        self.paces = []
        planes: list[list[Int64s]] = []
        read = self.spec.group * layer.plane[0] * layer.plane[1]
        for group in range(layer.groups):
            found = [self._group(layer, pe, group) for pe in range(self.pes)]
            planes.append([sums for sums, _, _ in found])
            wrong |= any(bad for _, _, bad in found)
            self.paces.append([one for _, one, _ in found])
            done = start + max(one.idle for _, one, _ in found)
            meets = max(done, made)
            waits += meets - done
            start, made = meets + 1, meets + AFTER_READS + read
        wrong |= self._finish(layer, planes)
        conflicts = sum(one.conflicts for group in self.paces for one in group)
        cycles = made + 1
        return self._numbers([cycles, conflicts, waits], wrong), cycles + len(numbers) + 8

    def _finish(self, layer: Layer, planes: list[list[Int64s]]) -> bool:
        """Make results of sums; return whether they have no room."""
        spec, wrong = self.spec, False
        rows, cols = layer.tile_rows, layer.tile_cols
        tall, wide = spec.rows * rows, spec.cols * cols
        above, beside = layer.kernel_rows - 1, layer.kernel_cols - 1
        # The planes of all PEs in one, the halo above and to the left of it around.
        whole = np.zeros((layer.groups * spec.group, tall + above, wide + beside), np.int64)
        for group, sums in enumerate(planes):
            of = slice(group * spec.group, (group + 1) * spec.group)
            for pe, plane in enumerate(sums):
                y, x = pe // spec.cols * rows, pe % spec.cols * cols
                whole[of, y : y + rows + above, x : x + cols + beside] += plane
        results = wrap(whole[:, above:, beside:], spec.acc_width, True) >> layer.shift
        most = 1 << spec.data_width - 1
        results = np.clip(results, 0 if layer.relu else -most, most - 1)
        results[:, layer.out_rows :] = results[:, :, layer.out_cols :] = 0
        for pe, file in enumerate(self.results):
            y, x = pe // spec.cols * rows, pe % spec.cols * cols
            tile = results[:, y : y + rows, x : x + cols].reshape(len(results), -1)
            made = compress(tile, spec.acts, spec.index)
            mask = (1 << spec.data_width) - 1
            words = made.values & mask | made.zeros << spec.data_width
            room = spec.act_words
            wrong |= len(words) > room
            file.words[: len(words)] = words[:room]
            file.ends[: len(results)] = np.minimum(made.ends, room)
        return wrong

    def _group(self, layer: Layer, pe: int, group: int) -> tuple[Int64s, Pace, bool]:
        """Return the sums of a group, its pace, and whether something is out of range."""
        spec, file = self.spec, self.source[pe]
        plane = np.zeros((spec.group, *layer.plane), np.int64)
        loads: list[Int64s | None] = []
        wrong = False
        act_places = layer.tile_rows * layer.tile_cols
        weight_places = layer.kernel_rows * layer.kernel_cols * spec.group
        act_from, first = 0, group * layer.channels
        weight_from = int(self.weights.ends[first - 1]) if group else 0
        for channel in range(layer.channels):
            act_end = int(file.ends[channel])
            weight_end = int(self.weights.ends[first + channel])
            legal = act_from <= act_end and weight_from <= weight_end
            wrong |= not legal
            if legal and act_end > act_from and weight_end > weight_from:
                acts = _entries(
                    file.words[act_from:act_end], spec.data_width, act_places, spec.index
                )
                weights = _entries(
                    self.weights.words[weight_from:weight_end], spec.weight_width, weight_places,
                    spec.index,
                )  # fmt: skip
                wrong |= acts.wrong or weights.wrong
                loads += self._products(layer, acts, weights, plane)
            else:
                loads.append(None)
            act_from, weight_from = act_end, weight_end
        return plane, pace(loads, spec.banks, spec.ports, spec.queue), wrong

    def _products(
        self, layer: Layer, acts: Entries, weights: Entries, plane: Int64s
    ) -> list[Int64s | None]:
        """Add the products of a channel; return how many each bank gets of each pair of vectors."""
        spec = self.spec
        y, x = np.divmod(acts.places, layer.tile_cols)
        at, channel = np.divmod(weights.places, spec.group)
        r, s = np.divmod(at, layer.kernel_cols)
        # Of pairs of vectors the values, shape (act vectors, weight vectors, acts, weights).
        products = acts.values[:, None, :, None] * weights.values[None, :, None, :]
        used = products != 0
        row = y[:, None, :, None] - r[None, :, None, :] + layer.kernel_rows - 1
        col = x[:, None, :, None] - s[None, :, None, :] + layer.kernel_cols - 1
        of = np.broadcast_to(channel[None, :, None, :], products.shape)
        np.add.at(plane, (of[used], row[used], col[used]), products[used])
        index = (row * layer.plane[1] + col) * spec.group + of
        banks = (index ^ index // spec.banks) % spec.banks
        pairs = np.arange(products.shape[0] * products.shape[1]).reshape(products.shape[:2])
        flat = (pairs[:, :, None, None] * spec.banks + banks)[used]
        loads = np.bincount(flat, minlength=pairs.size * spec.banks).reshape(-1, spec.banks)
        return list(loads)


def _entries(words: Int64s, width: int, places: int, index: int) -> Entries:
    """Return the entries of a channel's vectors."""
    values = wrap(words, width, True)
    zeros = words >> width & (1 << index) - 1
    at = (np.cumsum(zeros.reshape(-1) + 1) - 1).reshape(words.shape)
    some = (values != 0) & (at < places)
    wrong = bool(((values != 0) & ~some).any())
    return Entries(np.where(some, values, 0), np.where(some, at, 0), wrong)

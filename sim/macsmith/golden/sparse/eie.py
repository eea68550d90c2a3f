"""The engine for compressed columns: its results, and in which cycle the last of them is there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.golden.sparse.codecs import Beats, last_alone
from macsmith.host.int64s import Int64s, wrap

CODEBOOK, POINTERS, ENTRIES, RUN = range(4)

ADDING = 4
"""Cycles from an entry's own to that in which its sum is written."""


def scan(rows: Int64s) -> Iterator[tuple[int, int, bool]]:
    """Yield rows of activations in the order of the broadcasts.

    Of each that is not zero its column and its place among those of its row, and after each row
    (-1, how many it had, True).
    """
    for row, values in enumerate(rows):
        pes = np.flatnonzero(values)
        for order, pe in enumerate(pes):
            yield row * len(values) + int(pe), order, False
        yield -1, len(pes), True


@dataclass
class Pace:
    """When activations are broadcast and columns done; cycles count from the first scan.

    Of each PE: an activation waits in the queue from the cycle after its broadcast on. Its pointers
    are read (popped) while the column before it is at work, at the earliest when that one began;
    a column begins (is taken) in the last cycle of the one before, and is done when each of its
    entries, or none, has had a cycle. A queue is full while ``queue`` activations are in it.

    Members
    -------
    queue:
        Activations that a queue holds.
    popped, taken, done:
        Of each PE the cycles of its last column; ``all_popped`` of all columns.
    broadcast, written:
        The cycle of the last broadcast, and that in which the last sum so far is written.
    """

    pes: int
    queue: int

    def __post_init__(self) -> None:
        self.popped = self.taken = self.done = np.full(self.pes, -1, np.int64)
        self.all_popped: list[NDArray[np.int64]] = []
        self.broadcast = -1
        self.written = -1

    def column(self, scanned: int, entries: Int64s, added: Int64s) -> int:
        """Broadcast an activation; return the cycle in which it was scanned.

        Parameters
        ----------
        scanned:
            The cycle in which it could be scanned, if nothing were before it.
        entries, added:
            Entries of its column in each PE, and how many of them have a row.
        """
        scanned = max(scanned, self.broadcast)
        self.broadcast = max(scanned, self.broadcast) + 1
        if len(self.all_popped) >= self.queue:
            room = int(self.all_popped[-self.queue].max()) + 1
            self.broadcast = max(self.broadcast, room)
        first = not self.all_popped
        self.popped = np.maximum(self.broadcast + 1, self.popped + 1 if not first else 0)
        if not first:
            self.popped = np.maximum(self.popped, self.taken)
            self.taken = np.maximum(self.popped + 1, self.done)
        else:
            self.taken = self.popped + 1
        self.done = self.taken + np.maximum(entries, 1)
        ends = self.done + (entries > 0)
        ends = np.maximum(ends, self.taken + np.where(added > 0, added + ADDING, 0))
        self.written = max(self.written, int(ends.max()))
        self.all_popped.append(self.popped)
        return scanned

    def idle(self) -> int:
        """Return the first cycle in which nothing is at work in any PE."""
        return self.written + 1


def cycles(rows: Int64s, entries: Int64s, queue: int, added: Int64s | None = None) -> int:
    """Return the clock cycles of a run.

    Parameters
    ----------
    rows:
        Activations, row by row of the PEs.
    entries:
        Entries of each column in each PE, shape (columns, pes).
    queue:
        Activations that a PE's queue holds.
    added:
        Entries whose row is one that there is; all if None.
    """
    if added is None:
        added = entries
    pace = Pace(entries.shape[1], queue)
    now = 0
    for column, order, ends in scan(rows):
        if not ends:
            now = pace.column(now, entries[column], added[column]) + 1
        elif not order:
            now += 1
    return max(now, pace.broadcast + 1, pace.idle()) + 1


class EieModel:
    """What the engine answers to packets."""

    def __init__(self, spec: Any) -> None:
        self.spec = spec
        self.columns = spec.pes * spec.depth
        self.begin()

    def begin(self) -> None:
        """Forget everything, as a reset does."""
        spec = self.spec
        self.codebook: Int64s | None = None
        self.pointers = np.zeros((spec.pes, self.columns + 1), np.int64)
        self.words = np.zeros((spec.pes, spec.words), np.int64)
        self.results: Int64s | None = None

    def answers(self, packets: Iterable[Beats]) -> Iterator[tuple[Beats, int]]:
        """Yield what becomes of packets that follow a reset, and the most cycles they take."""
        self.begin()
        for beats in packets:
            yield self.answer(beats)

    def answer(self, beats: Beats) -> tuple[Beats, int]:
        """Return the answer to a packet, and the most cycles that both take."""
        data, kind = beats["data"][:, 0], int(beats["kind"][0, 0])
        if kind == RUN:
            return self._run(data)
        pe = int(beats["pe"][0, 0])
        return _one_beat(self._load(kind, pe, data)), len(data) + 2

    def _load(self, kind: int, pe: int, data: Int64s) -> bool:
        """Write what a packet brings; return whether it does not fit."""
        spec = self.spec
        if kind == CODEBOOK:
            weights = wrap(data, spec.weight_width, True)
            size = 2**spec.value_bits
            bad = not spec.codebook or len(data) != size or weights[0] != 0
            self.codebook = None if bad else weights
            return bool(bad)
        if kind == POINTERS:
            kept = data[: self.columns + 1]
            self.pointers[pe, : len(kept)] = kept & 2**spec.pointer_width - 1
            return len(data) > self.columns + 1
        kept = data[: spec.words]
        self.words[pe, : len(kept)] = kept
        return len(data) > spec.words

    def _run(self, data: Int64s) -> tuple[Beats, int]:
        spec, size = self.spec, self.columns.bit_length()
        header = int(data[0])
        inputs, outputs = header & 2**size - 1, header >> size & 2**size - 1
        relu, chain = header >> 2 * size & 1, header >> 2 * size + 1 & 1
        given = data[1:]
        fits = 1 <= inputs <= self.columns and 1 <= outputs <= self.columns
        fits &= self.codebook is not None or not spec.codebook
        if chain:
            results = self.results
            fits &= not len(given) and results is not None and len(results) == inputs
            acts = results
        else:
            fits &= len(given) == inputs
            acts = wrap(given, spec.data_width, True)
        if not fits or acts is None:
            return _one_beat(True), len(data) + 2
        sums, wrong, spent = self._multiplied(acts, outputs)
        self.results = np.where((sums < 0) & bool(relu), 0, sums)
        count = len(sums)
        rows = -(-count // spec.pes)
        return {
            "value": self.results[:, np.newaxis],
            "error": last_alone(count, wrong), "cycles": last_alone(count, spent),
        }, len(data) + spent + count + rows + 6  # fmt: skip

    def _multiplied(self, acts: Int64s, outputs: int) -> tuple[Int64s, bool, int]:
        """Return the sums of a run, whether something was out of range, and its cycles."""
        spec = self.spec
        sums, wrong = np.zeros(outputs, np.int64), False
        used = np.zeros((len(acts), spec.pes), np.int64)
        added = np.zeros_like(used)
        for column in np.flatnonzero(acts):
            for pe in range(spec.pes):
                low, high = (int(self.pointers[pe, column + k]) for k in (0, 1))
                if not low <= high <= spec.words * spec.lanes:
                    wrong = True
                    continue
                used[column, pe] = high - low
                values, zeros = self._entries(pe, low, high)
                rows = (np.cumsum(zeros + 1) - 1) * spec.pes + pe
                inside = rows < outputs
                wrong |= not inside.all()
                added[column, pe] = inside.sum()
                products = self._weights(values) * acts[column] >> spec.shift
                # Rows rise within a column, so none is there twice.
                sums[rows[inside]] += products[inside]
        whole = np.zeros(-(-len(acts) // spec.pes) * spec.pes, np.int64)
        whole[: len(acts)] = acts
        taken = cycles(whole.reshape(-1, spec.pes), used, spec.queue, added)
        return wrap(sums, spec.data_width, True), wrong, taken

    def _entries(self, pe: int, low: int, high: int) -> tuple[Int64s, Int64s]:
        """Return the values of some entries, and the zeros before each."""
        spec = self.spec
        size = spec.value_bits + spec.index
        word, lane = np.divmod(np.arange(low, high), spec.lanes)
        entries = self.words[pe, word] >> lane * size & 2**size - 1
        return entries & 2**spec.value_bits - 1, entries >> spec.value_bits

    def _weights(self, values: Int64s) -> Int64s:
        if self.codebook is not None:
            return self.codebook[values]
        return wrap(values, self.spec.value_bits, True)


def _one_beat(bad: bool) -> Beats:
    zero = np.zeros((1, 1), np.int64)
    return {"value": zero, "error": last_alone(1, bad), "cycles": zero}

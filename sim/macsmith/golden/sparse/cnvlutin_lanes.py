"""Lanes that skip zero activations: sums and cycles of windows, by their packets."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from macsmith.golden.sparse.codecs import Beats, last_alone
from macsmith.host.int64s import Int64s, wrap

BRICKS, WEIGHTS, RUN = range(3)

AROUND = 4
"""Cycles of a run beside those of its windows."""


class CnvlutinModel:
    """What the lanes answer to packets."""

    def __init__(self, spec: Any) -> None:
        self.spec = spec
        self.offset_bits = (spec.brick - 1).bit_length()
        self.begin()

    def begin(self) -> None:
        """Forget everything, as a reset does."""
        spec = self.spec
        self.entries = np.zeros((spec.lanes, spec.bricks * spec.brick), np.int64)
        self.weights = np.zeros((spec.lanes, spec.window * spec.brick, spec.filters), np.int64)

    def answers(self, packets: Iterable[Beats]) -> Iterator[tuple[Beats, int]]:
        """Yield what becomes of packets that follow a reset, and the most cycles they take."""
        self.begin()
        for beats in packets:
            yield self.answer(beats)

    def answer(self, beats: Beats) -> tuple[Beats, int]:
        """Return the answer to a packet, and the most cycles that both take."""
        kind, lane = int(beats["kind"][0, 0]), int(beats["lane"][0, 0])
        count = len(beats["number"])
        if kind == RUN:
            return self._run(beats["number"][:, 0])
        if kind > RUN or lane >= self.spec.lanes:
            return self._one_beat(True), count + 2
        if kind == BRICKS:
            store, given = self.entries[lane], beats["entry"][:, 0]
        else:
            store, given = self.weights[lane], beats["weights"]
        kept = given[: len(store)]
        store[: len(kept)] = kept
        return self._one_beat(len(given) > len(store)), count + 2

    def _one_beat(self, bad: bool) -> Beats:
        zero = np.zeros((1, 1), np.int64)
        sums = np.zeros((1, self.spec.filters), np.int64)
        return {"sums": sums, "error": last_alone(1, bad), "cycles": zero}

    def _run(self, numbers: Int64s) -> tuple[Beats, int]:
        spec = self.spec
        windows, bricks, step = (*numbers.tolist(), 0, 0, 0)[:3]
        fits = len(numbers) == 3 and 1 <= windows <= spec.windows and 1 <= bricks <= spec.window
        fits &= step <= spec.bricks and (windows - 1) * step + bricks <= spec.bricks
        if not fits:
            return self._one_beat(True), len(numbers) + 2
        sums = np.zeros((windows, spec.filters), np.int64)
        cycles, wrong = AROUND, False
        for window in range(windows):
            spent = []
            for lane in range(spec.lanes):
                used, endless = self._lane(lane, window * step, bricks, sums[window])
                spent.append(used)
                wrong |= endless
            cycles += max(spent)
        return {
            "sums": wrap(sums, spec.acc_width, True),
            "error": last_alone(windows, wrong), "cycles": last_alone(windows, cycles),
        }, cycles + len(numbers) + 2 * windows + 4  # fmt: skip

    def _lane(self, lane: int, first: int, bricks: int, sums: Int64s) -> tuple[int, bool]:
        """Add a lane's products of a window; return its cycles, and whether a brick has no end."""
        spec = self.spec
        weights = wrap(self.weights[lane], spec.weight_width, True)
        own = self.entries[lane].reshape(-1, spec.brick)[first : first + bricks]
        ends = (own >> spec.data_width + self.offset_bits & 1).astype(np.bool_)
        used = np.where(ends.any(axis=1), ends.argmax(axis=1), spec.brick - 1) + 1
        values = wrap(own, spec.data_width, True)
        offsets = own >> spec.data_width & spec.brick - 1
        for brick in range(bricks):
            there = slice(0, used[brick])
            rows = brick * spec.brick + offsets[brick, there]
            sums += values[brick, there] @ weights[rows]
        return int(used.sum()), bool((~ends.any(axis=1)).any())

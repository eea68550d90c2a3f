"""Vectors of a testbench of arrays: matrix products, and the golden model's sums.

In each mode products of several sizes go through without stalls, in the cycles of the formula where
they follow a reset, then with pauses at all ends; last come resets in mid-work.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from macsmith.bundle.vectors.stream_vectors import RESETS, SEED, STALLS, Run, Vectors
from macsmith.formats.stream_words import words_to_ints
from macsmith.matmul.array_gemm import Gemm

SHAPES = ((1, 1, 1), (7, 5, 9), (3, 14, 11), (13, 4, 6))
"""M, N and K of the products of each run."""

AFTER_RESET = (3, 4, 5)
"""Those of a product that is counted in cycles."""


class _Products:
    """Draws the products of an array."""

    def __init__(self, spec: Any) -> None:
        self.spec, self.rng = spec, np.random.default_rng(SEED)
        self.vectors = Vectors(sent=[[] for _ in spec.inputs(spec.points[0])])

    def _send(self, gemms: Sequence[Gemm]) -> tuple[int, ...]:
        """Append the beats of products and return how many each stream has of them."""
        before = [len(sent) for sent in self.vectors.sent]
        for gemm in gemms:
            beats = gemm.beats(self.rng).values()
            for sent, words in zip(self.vectors.sent, beats, strict=True):
                sent += words_to_ints(words)
        return tuple(
            len(sent) - count for sent, count in zip(self.vectors.sent, before, strict=True)
        )

    def multiply(
        self, title: str, gemms: Sequence[Gemm], stalls: str = "no stalls", cycles: int = 0
    ) -> None:
        """Append a run of products."""
        beats = self._send(gemms)
        results = sum(gemm.result_count() for gemm in gemms)
        for gemm in gemms:
            self.vectors.due += words_to_ints(gemm.results())
        send, take = STALLS[stalls]
        limit = 1000 + 100 * sum(beats)
        self.vectors.runs.append(
            Run(title=f"{title}, {stalls}", beats=beats, results=results, send_stall=send,
                take_stall=take, cycles=cycles, limit=limit)
        )  # fmt: skip

    def cut_short(self, mode: int) -> None:
        """Append a product in the midst of which the array is reset."""
        gemm = self.random(SHAPES[1], mode)
        after = int(self.rng.integers(1, gemm.cycles() + 2))
        self.vectors.runs.append(
            Run(title=f"reset after {after} cycles", beats=self._send([gemm]), results=0,
                reset=after)
        )  # fmt: skip

    def random(self, shape: tuple[int, int, int], mode: int) -> Gemm:
        """Return a random product."""
        return Gemm.random(self.spec, shape, self.rng, mode)


def product_vectors(name: str, spec: Any) -> Vectors:
    """Return the vectors of an array; always the same ones."""
    drawn = _Products(spec)
    for mode, point in enumerate(spec.points):
        for stalls in STALLS:
            gemms = [drawn.random(shape, mode) for shape in SHAPES]
            drawn.multiply(f"{point}: products", gemms, stalls)
        for trial in range(RESETS):
            drawn.cut_short(mode)
            after = drawn.random(AFTER_RESET, mode)
            drawn.multiply(f"after reset {trial + 1}", [after], cycles=after.cycles())
    return drawn.vectors

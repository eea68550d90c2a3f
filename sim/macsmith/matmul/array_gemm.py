"""A GEMM as the beats of a systolic array's streams, in every dataflow, and its sums from them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from macsmith.formats.density_bound import random_mask
from macsmith.formats.stream_words import Words, operand_range
from macsmith.golden.array import ArrayModel
from macsmith.host.int64s import Int64s
from macsmith.host.verification_run import Run
from macsmith.matmul.stationary_operand_gemm import ActsStay, WeightsStay
from macsmith.matmul.tiling import Tiling

EDGES = ((1, 1, 1), (70, 3, 2), (2, 70, 5), (1, 2, 70))
"""M, N and K of products that are long one way."""

LARGEST = 70
"""Greatest M, N and K of a random product."""


class Course(Protocol):
    """How a product runs on an array of a dataflow."""

    def cycles(self) -> int:
        """Return the cycles that the documented formula gives without stalls."""

    def beats(self) -> dict[str, Words]:
        """Return the payloads of each input stream, shape (beats, words)."""

    def result_count(self) -> int:
        """Return the number of output beats."""

    def sums(self, payloads: Words) -> Int64s:
        """Return the product, shape (M, N), from the output payloads of all tiles."""


class SumsStay:
    """A GEMM on an output-stationary array: see `Tiling`."""

    def __init__(self, spec: Any, acts: Int64s, weights: Int64s, mode: int = 0) -> None:
        self.spec, self.tiling = spec, Tiling(spec, acts, weights, mode)

    def cycles(self) -> int:
        """See `Course.cycles`."""
        return ArrayModel(self.spec).cycles(self.tiling.shape.tiles, self.tiling.shape.steps)

    def beats(self) -> dict[str, Words]:
        """See `Course.beats`."""
        return {"i": self.tiling.beats()}

    def result_count(self) -> int:
        """See `Course.result_count`: each tile gives a beat a column of PEs."""
        return int(self.tiling.shape.tiles * self.spec.cols)

    def sums(self, payloads: Words) -> Int64s:
        """See `Course.sums`."""
        return self.tiling.gather(payloads)


COURSES: Mapping[str, Callable[[Any, Int64s, Int64s, int], Course]] = {
    "output": SumsStay,
    "weight": WeightsStay,
    "input": ActsStay,
}
"""How a product runs in each dataflow."""


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
        mode = spec.points[mode_index]
        low, high = operand_range(mode.act_bits, spec.mac.act_signed)
        acts = rng.integers(low, high + 1, (m, k))
        low, high = operand_range(mode.weight_bits, spec.mac.weight_signed)
        weights = rng.integers(low, high + 1, (k, n))
        if spec.zeros.gates_zeros:
            acts *= rng.random(acts.shape) < 0.5
            weights *= rng.random(weights.shape) < 0.5
        if spec.zeros.stores_blocks:
            weights *= random_mask(rng, weights.shape, spec.block, passes * spec.nonzeros)
        return cls(spec, acts, weights, mode_index)

    def expected(self) -> Int64s:
        """Return the golden sums, shape (M, N), wrapped to the accumulator's width."""
        model = ArrayModel(self.spec)
        return model.matmul(self.spec.points[self.mode], self.acts, self.weights)

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

    @cached_property
    def course(self) -> Course:
        """How it runs on the array."""
        return COURSES[self.spec.dataflow](self.spec, self.acts, self.weights, self.mode)

    def cycles(self) -> int:
        """Return the cycles that the documented formula gives without stalls."""
        return self.course.cycles()

    def beats(self) -> dict[str, Words]:
        """Return the payloads of each input stream, shape (beats, words)."""
        return self.course.beats()

    def sums(self, payloads: Words) -> Int64s:
        """Return the product, shape (M, N), from the output payloads of all tiles."""
        return self.course.sums(payloads)

    def result_count(self) -> int:
        """Return the number of output beats."""
        return self.course.result_count()

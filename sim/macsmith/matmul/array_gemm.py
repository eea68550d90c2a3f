"""A GEMM as the beats of a systolic array's streams, in every dataflow, and its sums from them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from macsmith.contract.stream import LAST, POINT, Layout
from macsmith.formats.density_bound import random_mask
from macsmith.formats.stream_words import (
    Words,
    operand_range,
    place,
    take,
    with_junk,
)
from macsmith.golden.array import ArrayModel
from macsmith.host.int64s import Int64s
from macsmith.host.verification_run import Mismatch, Run
from macsmith.matmul.output_beats import beats_of
from macsmith.matmul.stationary_operand_gemm import ActsStay, WeightsStay
from macsmith.matmul.tiling import Tiling
from macsmith.operands.number_sources.random_codes import random_codes

EDGES = ((1, 1, 1), (70, 3, 2), (2, 70, 5), (1, 2, 70))
"""M, N and K of products that are long one way."""

LARGEST = 70
"""Greatest M, N and K of a random product."""

LONGEST_SUM = 140_000
"""Elements of K of a product that overflows; accumulators that hold more stay as they are."""


LONGEST_FLOAT_SUM = 300
"""The same of floating-point numbers, each step of which a model rounds by itself."""

LARGEST_OF_FLOATS = 20
"""`LARGEST`, of them."""


class Course(Protocol):
    """How a product runs on an array of a dataflow."""

    def cycles(self) -> int:
        """Return the cycles that the documented formula gives without stalls."""

    def beats(self) -> dict[str, Words]:
        """Return the payloads of each input stream, shape (beats, words)."""

    def result_count(self) -> int:
        """Return the number of output beats."""

    def padded(self, payloads: Words) -> Int64s:
        """Return the product, filled up to whole tiles, from the output payloads of all tiles."""

    def lasts(self) -> NDArray[np.bool_]:
        """Return which output payloads should end their tile."""

    def found_lasts(self, payloads: Words) -> NDArray[np.bool_]:
        """Return which output payloads say so."""


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

    def padded(self, payloads: Words) -> Int64s:
        """See `Course.padded`."""
        return self.tiling.padded(payloads)

    def lasts(self) -> NDArray[np.bool_]:
        """See `Course.lasts`."""
        return self.tiling.lasts()

    def found_lasts(self, payloads: Words) -> NDArray[np.bool_]:
        """See `Course.found_lasts`."""
        return self.tiling.found_lasts(payloads)


COURSES: Mapping[str, Callable[[Any, Int64s, Int64s, int], Course]] = {
    "output": SumsStay,
    "weight": WeightsStay,
    "input": ActsStay,
}
"""How a product runs in each dataflow."""


def _integers(
    spec: Any, mode: Any, shape: tuple[int, int, int], rng: np.random.Generator
) -> tuple[Int64s, Int64s]:
    m, n, k = shape
    low, high = operand_range(mode.act_bits, spec.mac.act_signed)
    acts = rng.integers(low, high + 1, (m, k))
    low, high = operand_range(mode.weight_bits, spec.mac.weight_signed)
    return acts, rng.integers(low, high + 1, (k, n))


def _floats(
    spec: Any, mode: Any, shape: tuple[int, int, int], rng: np.random.Generator
) -> tuple[Int64s, Int64s]:
    m, n, k = shape
    return random_codes(rng, mode.a, (m, k)), random_codes(rng, mode.b, (n, k)).T


DRAWN = {"integer": _integers, "floating": _floats}
"""Random operands of an arithmetic."""


def largest(spec: Any) -> int:
    """Return the greatest M, N and K of a random product."""
    return LARGEST if spec.mac.arithmetic == "integer" else LARGEST_OF_FLOATS


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
        mode = spec.points[mode_index]
        acts, weights = DRAWN[spec.mac.arithmetic](spec, mode, shape, rng)
        if spec.zeros.gates_zeros:
            acts *= rng.random(acts.shape) < 0.5
            weights *= rng.random(weights.shape) < 0.5
        if spec.zeros.stores_blocks:
            weights *= random_mask(rng, weights.shape, spec.block, passes * spec.nonzeros)
        return cls(spec, acts, weights, mode_index)

    @classmethod
    def overflowing(cls, spec: Any, mode_index: int, up: bool) -> "Gemm":
        """Return the shortest product of one sum that overflows, upwards or downwards.

        Sums that would need more than `LONGEST_SUM` elements stay below; of floating point those
        of more than `LONGEST_FLOAT_SUM`.
        """
        mode = spec.points[mode_index]
        if spec.mac.arithmetic == "floating":
            code = mode.a.greatest + (0 if up else mode.a.magnitudes)
            many = np.full((LONGEST_FLOAT_SUM, 1), mode.b.greatest)
            return cls(spec, np.full((1, LONGEST_FLOAT_SUM), code), many, mode_index)
        acts = operand_range(mode.act_bits, spec.mac.act_signed)
        weights = operand_range(mode.weight_bits, spec.mac.weight_signed)
        pairs = sorted(((a * w, a, w) for a in acts for w in weights), reverse=up)
        product, act, weight = pairs[0] if pairs[0][0] else pairs[-1]
        share = spec.nonzeros / spec.block if spec.zeros.stores_blocks else 1
        most = 1 << ArrayModel(spec).acc_bits(mode)
        length = min(LONGEST_SUM, int(most / abs(product) / share) + 1)
        values = np.full((length, 1), weight)
        if spec.zeros.stores_blocks:
            values[np.arange(length) % spec.block >= spec.nonzeros] = 0
        return cls(spec, np.full((1, length), act), values, mode_index)

    def expected(self) -> Int64s:
        """Return the golden sums, shape (M, N)."""
        return self._filled[: len(self.acts), : self.weights.shape[1]]

    @cached_property
    def _filled(self) -> Int64s:
        """The golden sums of all tiles, which zeros fill up."""
        rows, columns = self.course.padded(self._no_results).shape
        acts = np.pad(self.acts, ((0, rows - len(self.acts)), (0, 0)))
        weights = np.pad(self.weights, ((0, 0), (0, columns - self.weights.shape[1])))
        model = ArrayModel(self.spec)
        return model.as_left(model.matmul(self.spec.points[self.mode], acts, weights))

    @property
    def _no_results(self) -> Words:
        """Output payloads without a bit set."""
        none = np.zeros((self.result_count(), self.spec.sums_of_beat), np.int64)
        return beats_of(self.spec, none, self.course.lasts())

    @property
    def title(self) -> str:
        """M x K x N."""
        return f"{len(self.acts)} x {len(self.weights)} x {self.weights.shape[1]}"

    def compare(self, run: Run, payloads: Words) -> None:
        """Add the product to a run: its beats, its sums, and each bit that comes out wrong.

        What fills a tile up are sums of products by zero. The end of each tile is compared, too.
        """
        run.vectors += sum(map(len, self._beats.values()))
        run.random += self.expected().size
        none = np.zeros(len(self.weights), np.int64)
        acts = np.vstack([self.acts, none])
        weights = np.column_stack([self.weights, none])
        run.note_differences(
            self.title, self.course.padded(payloads), self._filled,
            lambda row, column: (
                acts[min(row, len(acts) - 1), :, None],
                weights[:, min(column, weights.shape[1] - 1), None],
            ),
        )  # fmt: skip
        ends = self.course.lasts()
        for beat in np.flatnonzero(self.course.found_lasts(payloads) != ends).tolist():
            label = f"{self.title}, last of output beat {beat}"
            run.note(Mismatch(label, {}, str(int(ends[beat])), str(int(not ends[beat]))))

    @cached_property
    def course(self) -> Course:
        """How it runs on the array."""
        return COURSES[self.spec.dataflow](self.spec, self.acts, self.weights, self.mode)

    @cached_property
    def _beats(self) -> dict[str, Words]:
        """Its beats without junk: a product runs with many pauses, and is counted each time."""
        return self.course.beats()

    def cycles(self) -> int:
        """Return the cycles that the documented formula gives without stalls."""
        return self.course.cycles()

    def beats(self, junk: np.random.Generator | None = None) -> dict[str, Words]:
        """Return the payloads of each input stream, shape (beats, words).

        Parameters
        ----------
        junk:
            What fills the bits that the array ignores in the mode, and the mode of all beats but
            the first of a tile; zeros, and the right mode, if None.
        """
        beats = self._beats
        if junk is None:
            return beats
        layouts = self.spec.inputs(self.spec.points[self.mode])
        return {name: _with_junk(words, layouts[name], junk) for name, words in beats.items()}

    def sums(self, payloads: Words) -> Int64s:
        """Return the product, shape (M, N), from the output payloads of all tiles."""
        return self.course.padded(payloads)[: len(self.acts), : self.weights.shape[1]]

    def result_count(self) -> int:
        """Return the number of output beats."""
        return self.course.result_count()

    def results(self) -> Words:
        """Return the payloads that must come out, shape (beats, words).

        Where each sum goes is read off the course, which takes payloads apart: sums that are bits
        of their own number come out at its places.
        """
        lasts, lanes = self.course.lasts(), self.spec.sums_of_beat
        numbers = np.arange(len(lasts) * lanes).reshape(len(lasts), lanes)
        order = np.zeros((1, 1), np.int64)
        for bit in range(numbers.size.bit_length()):
            words = beats_of(self.spec, numbers >> bit & 1, lasts)
            order = order | (self.course.padded(words) & 1) << bit
        values = np.empty(numbers.size, np.int64)
        values[order.ravel()] = self._filled.ravel()
        return beats_of(self.spec, values.reshape(numbers.shape), lasts)


def _with_junk(words: Words, layout: Layout, rng: np.random.Generator) -> Words:
    """Return beats with random bits where the array ignores them."""
    words = with_junk(words, layout, rng)
    roles = {field.role: field for field in layout.fields if field.role}
    if POINT not in roles or LAST not in roles:
        return words
    ends = take(words, 1, roles[LAST].offset, signed=False)
    later = np.flatnonzero(ends[:-1] == 0) + 1
    point = roles[POINT]
    other = np.zeros_like(words)
    place(other, rng.integers(0, 1 << point.bits, len(words)), point.bits, point.offset)
    words = words.copy()
    words[later] ^= other[later]
    return words

"""Operands for the benches: random, extreme by name, and every pair in every lane."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from macsmith.formats.stream_words import Words, operand_range, pack_beats, pack_results
from macsmith.golden.mac_model import MacModel
from macsmith.host.int64s import Int64s

EXHAUSTIVE_BITS = 16
"""Modes whose operands have at most this many bits together are enumerated."""

PAIRS_AT_A_TIME = 1 << 16

UNIFORM, OVERFLOWING = "uniform", "overflowing"
"""Labels of random accumulations."""


@dataclass(frozen=True)
class Batch:
    """Accumulations of one mode and one length.

    Members
    -------
    label:
        What the operands are, for messages.
    mode:
        Index of the mode in ``spec.modes``.
    acts, weights:
        Operand values, shape (accumulations, beats, lanes).
    """

    label: str
    mode: int
    acts: Int64s
    weights: Int64s

    @property
    def accumulations(self) -> int:
        """Results that the batch gives."""
        return len(self.acts)

    @property
    def random(self) -> int:
        """Accumulations of random operands; extremes, pairs and layers are none."""
        return self.accumulations if self.label in (UNIFORM, OVERFLOWING) else 0

    @property
    def length(self) -> int:
        """Beats of each accumulation."""
        return self.acts.shape[1]

    @property
    def beats(self) -> int:
        """Input beats of the batch."""
        return self.accumulations * self.length

    def payloads(self, spec: Any) -> Words:
        """Return the input payloads in order, shape (accumulations * beats, words)."""
        count, length = self.accumulations, self.length
        last = np.zeros((count, length), np.bool_)
        last[:, -1] = True
        return pack_beats(
            spec,
            self.mode,
            self.acts.reshape(count * length, -1),
            self.weights.reshape(count * length, -1),
            last.reshape(-1),
        )

    def expected(self, spec: Any, model: MacModel) -> Words:
        """Return the output payloads of the golden model, shape (accumulations, words)."""
        mode = spec.modes[self.mode]
        results = model.accumulate(mode, self.acts, self.weights)
        return pack_results(spec, results, model.acc_bits(mode))


def random_weights(
    rng: np.random.Generator, limits: tuple[int, int], usual: Int64s | None, shape: tuple[int, ...]
) -> Int64s:
    """Return weights from the usual ones alone if there are such, else from all within limits."""
    if usual is None:
        return rng.integers(*limits, shape, endpoint=True)
    return rng.choice(usual, shape)


class Operands:
    """Draws operands of one unit and mode.

    Parameters
    ----------
    spec, model:
        The unit and its golden model.
    mode:
        Index of the mode.
    rng:
        Source of randomness.
    """

    def __init__(self, spec: Any, model: MacModel, mode: int, rng: np.random.Generator) -> None:
        self.mode, self.rng, self.weight_signed = mode, rng, spec.weight_signed
        self.precision = spec.modes[mode]
        self.lanes = model.lanes(self.precision)
        self.act_range = operand_range(self.precision.act_bits, spec.act_signed)
        self.weight_range = operand_range(self.precision.weight_bits, spec.weight_signed)
        self.usual = model.usual_weights(self.precision)
        self.possible = model.possible_weights(self.precision)
        if self.usual is not None:
            self.weight_range = int(self.usual[0]), int(self.usual[-1])

    def uniform(self, count: int, length: int) -> Batch:
        """Return uniformly random accumulations."""
        acts = self.rng.integers(*self.act_range, (count, length, self.lanes.acts), endpoint=True)
        shape = (count, length, self.lanes.weights)
        weights = random_weights(self.rng, self.weight_range, self.usual, shape)
        return Batch(UNIFORM, self.mode, acts, weights)

    def overflowing(self, count: int, length: int) -> Batch:
        """Return accumulations of extremes, each of one sign, so that long ones overflow."""
        acts = self.rng.choice(self.act_range, (count, 1, self.lanes.acts))
        weights = self.rng.choice(self.weight_range, (count, 1, self.lanes.weights))
        batch = self.uniform(count, length)
        calm = self.rng.random((count, length, 1)) < 0.1
        return Batch(
            OVERFLOWING,
            self.mode,
            np.where(calm, batch.acts, acts),
            np.where(calm, batch.weights, weights),
        )

    def extremes(self) -> Iterator[Batch]:
        """Yield accumulations of one and of 33 equal beats, named by their operands."""
        (act_min, act_max), (weight_min, weight_max) = self.act_range, self.weight_range
        named = {
            "all zero": (0, 0),
            "all max": (act_max, weight_max),
            "most negative": (act_min, weight_min),
            "max x min": (act_max, weight_min),
            "min x max": (act_min, weight_max),
            "all ones": (-1 if act_min else act_max, -1 if weight_min else weight_max),
        }
        for name, (act, weight) in named.items():
            for length in (1, 33):
                acts = np.full((1, length, self.lanes.acts), act, np.int64)
                weights = np.full((1, length, self.lanes.weights), weight, np.int64)
                yield Batch(name, self.mode, acts, weights)
                lane = int(self.rng.integers(self.lanes.acts))
                alone = np.where(np.arange(self.lanes.acts) == lane, acts, 0)
                yield Batch(f"{name}, one lane", self.mode, alone, weights)

    @property
    def enumerable(self) -> bool:
        """Whether every operand pair is tried."""
        return self.precision.act_bits + self.precision.weight_bits <= EXHAUSTIVE_BITS

    def pairs(self) -> Iterator[Batch]:
        """Yield every operand pair in every lane, the other lanes carrying random extremes.

        Wide modes give 2^16 random pairs a lane instead.
        """
        acts, weights = self._all_pairs()
        repeats = max(1, 4096 // len(acts))
        acts, weights = np.tile(acts, repeats), np.tile(weights, repeats)
        for lane in range(max(self.lanes.acts, self.lanes.weights)):
            count = len(acts)
            act_lanes = self.rng.choice(self.act_range, (count, 1, self.lanes.acts))
            weight_lanes = self.rng.choice(self.weight_range, (count, 1, self.lanes.weights))
            act_lanes[:, 0, lane % self.lanes.acts] = acts
            weight_lanes[:, 0, lane % self.lanes.weights] = weights
            yield Batch(f"pairs in lane {lane}", self.mode, act_lanes, weight_lanes)

    def _all_pairs(self) -> tuple[Int64s, Int64s]:
        act_min, act_max = self.act_range
        possible = self.possible
        if possible is None:
            weight_min, weight_max = operand_range(self.precision.weight_bits, self.weight_signed)
            possible = np.arange(weight_min, weight_max + 1)
        if not self.enumerable:
            acts = self.rng.integers(act_min, act_max, PAIRS_AT_A_TIME, endpoint=True)
            return acts, self.rng.choice(possible, PAIRS_AT_A_TIME)
        acts, weights = np.meshgrid(np.arange(act_min, act_max + 1), possible)
        return acts.reshape(-1), weights.reshape(-1)

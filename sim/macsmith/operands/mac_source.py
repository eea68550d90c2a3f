"""Operands of MACs: random, extreme by name, and every pair in every lane."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from macsmith.formats.stream_words import operand_range
from macsmith.golden.mac_model import MacModel
from macsmith.host.int64s import Int64s
from macsmith.operands.batches import OVERFLOWING, UNIFORM, Batch, mac_batch

LISTED_BITS = 16
"""Most bits of a weight of which all values are listed."""

EXHAUSTIVE_BITS = 16
"""Modes whose operands have at most this many bits together are enumerated."""

PAIRS_AT_A_TIME = 1 << 16


def random_weights(
    rng: np.random.Generator, limits: tuple[int, int], usual: Int64s | None, shape: tuple[int, ...]
) -> Int64s:
    """Return weights from the usual ones alone if there are such, else from all within limits."""
    if usual is None:
        return rng.integers(*limits, shape, endpoint=True)
    return rng.choice(usual, shape)


class MacSource:
    """Draws operands of a MAC in one mode; see `macsmith.operands.batches.OperandSource`."""

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
        return mac_batch(UNIFORM, self.mode, acts, weights)

    def overflowing(self, count: int, length: int) -> Batch:
        """Return accumulations of extremes, each of one sign, so that long ones overflow."""
        acts = self.rng.choice(self.act_range, (count, 1, self.lanes.acts))
        weights = self.rng.choice(self.weight_range, (count, 1, self.lanes.weights))
        batch = self.uniform(count, length)
        calm = self.rng.random((count, length, 1)) < 0.1
        return mac_batch(
            OVERFLOWING,
            self.mode,
            np.where(calm, batch.fields["a"], acts),
            np.where(calm, batch.fields["w"], weights),
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
                yield mac_batch(name, self.mode, acts, weights)
                lane = int(self.rng.integers(self.lanes.acts))
                alone = np.where(np.arange(self.lanes.acts) == lane, acts, 0)
                yield mac_batch(f"{name}, one lane", self.mode, alone, weights)

    @property
    def enumerable(self) -> bool:
        """Whether every operand pair is tried."""
        return self.precision.act_bits + self.precision.weight_bits <= EXHAUSTIVE_BITS

    def enumerated(self) -> Iterator[Batch]:
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
            yield mac_batch(f"pairs in lane {lane}", self.mode, act_lanes, weight_lanes)

    def _all_pairs(self) -> tuple[Int64s, Int64s]:
        act_min, act_max = self.act_range
        possible = self.possible
        if possible is None and self.precision.weight_bits > LISTED_BITS:
            low, high = operand_range(self.precision.weight_bits, self.weight_signed)
            return (
                self.rng.integers(act_min, act_max, PAIRS_AT_A_TIME, endpoint=True),
                self.rng.integers(low, high, PAIRS_AT_A_TIME, endpoint=True),
            )
        if possible is None:
            weight_min, weight_max = operand_range(self.precision.weight_bits, self.weight_signed)
            possible = np.arange(weight_min, weight_max + 1)
        if not self.enumerable:
            acts = self.rng.integers(act_min, act_max, PAIRS_AT_A_TIME, endpoint=True)
            return acts, self.rng.choice(possible, PAIRS_AT_A_TIME)
        acts, weights = np.meshgrid(np.arange(act_min, act_max + 1), possible)
        return acts.reshape(-1), weights.reshape(-1)

"""What every MAC model shares: lanes, products, accumulation and wrap-around.

Models are numpy on int64 and import nothing from ``hw/``. A model reads the plain parameters of a
specification (widths, signs, headroom, levels) and works out everything else by itself.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from macsmith.host.int64s import Int64s, wrap


@dataclass(frozen=True)
class Lanes:
    """Operands and accumulators of one beat: counts of activations, weights and slots."""

    acts: int
    weights: int
    slots: int


class MacModel(ABC):
    """Bit-exact model of a precision-scalable MAC.

    Parameters
    ----------
    spec:
        Any object with the parameters of the unit: ``act_width``, ``weight_width``,
        ``act_signed``, ``weight_signed``, ``headroom``, ``length``, ``rows``, and those of its
        style.
    """

    def __init__(self, spec: Any) -> None:
        self.spec = spec

    @abstractmethod
    def element(self, mode: Any) -> Lanes:
        """Return how many operands an element of a dot product holds, and its accumulators."""

    @abstractmethod
    def products(self, mode: Any, acts: Int64s, weights: Int64s) -> Int64s:
        """Return what elements add to each slot, shape (..., slots)."""

    @abstractmethod
    def summed(self, mode: Any) -> int:
        """Return the products of an element that a slot receives."""

    def read_acts(self, acts: Int64s) -> Int64s:
        """Return activations as the unit multiplies them."""
        return acts

    def read_weights(self, weights: Int64s) -> Int64s:
        """Return weights as the unit multiplies them."""
        return weights

    def coded(self, weights: Int64s) -> tuple[Int64s, int] | None:
        """Return the codes that registers hold of weights and their bits; None of no code."""
        return None

    def usual_weights(self, mode: Any) -> Int64s | None:
        """Return what weights are trained to, rising; None is all that the mode's bits hold."""
        return None

    def possible_weights(self, mode: Any) -> Int64s | None:
        """Return what weights may come, rising; None is all that the mode's bits hold."""
        return None

    def respond(self, mode: Any, fields: Mapping[str, Int64s]) -> dict[str, Int64s]:
        """See `macsmith.golden.catalog.GoldenModel`."""
        return {"acc": self.accumulate(mode, fields["a"], fields["w"])}

    def lanes(self, mode: Any) -> Lanes:
        """Return how many operands a beat holds and how many accumulators it feeds."""
        one, elements, rows = self.element(mode), self.spec.length, self.spec.rows
        return Lanes(elements * one.acts, rows * elements * one.weights, rows * one.slots)

    def beat(self, mode: Any, acts: Int64s, weights: Int64s) -> Int64s:
        """Return what beats add to each slot of each row, shape (..., rows * slots).

        Row r is the dot product of the activations' elements and the r-th run of weights.
        """
        one, shape = self.element(mode), acts.shape[:-1]
        elements, rows = self.spec.length, self.spec.rows
        matrix = weights.reshape(*shape, rows, elements, one.weights)
        vector = np.broadcast_to(
            acts.reshape(*shape, 1, elements, one.acts), (*matrix.shape[:-1], one.acts)
        )
        return self.products(mode, vector, matrix).sum(axis=-2).reshape(*shape, -1)

    def acc_bits(self, mode: Any) -> int:
        """Return the bits of an accumulator: product, growth of the sum, headroom."""
        growth = int(np.ceil(np.log2(self.spec.length * self.summed(mode))))
        return int(mode.act_bits + mode.weight_bits + growth + self.spec.headroom)

    def accumulate(self, mode: Any, acts: Int64s, weights: Int64s) -> Int64s:
        """Return the accumulators after all beats.

        Parameters
        ----------
        acts, weights:
            Operand values, shape (..., beats, lanes).

        Returns
        -------
        Wrapped sums, shape (..., slots); two's complement unless both operands are unsigned.
        """
        total = self.beat(mode, acts, weights).sum(axis=-2)
        signed = self.spec.act_signed or self.spec.weight_signed
        return wrap(total, self.acc_bits(mode), signed)

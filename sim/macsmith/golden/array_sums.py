"""What the dot products of an array add up to: integers that wrap, or floating point in order."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from macsmith.host.int64s import Int64s, wrap

PACKETS = 1 << 14
"""Sums of floating-point numbers that are modelled at a time."""


SCALE_PLACE = 32
"""Where the scale of a block lies above each of its elements, where both are one number."""


class Sums(ABC):
    """Matrix products by one dot product's golden model.

    Parameters
    ----------
    spec:
        The array.
    mac:
        Golden model of its MACs.
    """

    def __init__(self, spec: Any, mac: Any) -> None:
        self.spec, self.mac = spec, mac

    @abstractmethod
    def matmul(self, mode: Any, acts: Int64s, weights: Int64s) -> Int64s:
        """Return ``acts (M, K) @ weights (K, N)`` as the array gives it."""

    @abstractmethod
    def acc_bits(self, mode: Any) -> int:
        """Return the bits of an accumulator."""


class IntegerSums(Sums):
    """Sums of whole numbers, whose order is none of the result's."""

    def __init__(self, spec: Any, mac: Any) -> None:
        super().__init__(spec, mac)
        # The widest mode has all bits of an accumulator, whatever headroom that is.
        self._spare = spec.acc_width - max(mac.acc_bits(mode) for mode in spec.mac.modes)

    def acc_bits(self, mode: Any) -> int:
        return int(self.mac.acc_bits(mode) + self._spare)

    def matmul(self, mode: Any, acts: Int64s, weights: Int64s) -> Int64s:
        mac, spec = self.mac, self.spec
        sums = mac.read_acts(acts) @ mac.read_weights(weights)
        signed = bool(spec.mac.act_signed or spec.mac.weight_signed)
        return wrap(sums, self.acc_bits(mode), signed)


class FloatSums(Sums):
    """Sums of floating-point numbers, rounded once for each step of each PE.

    A sum begins at the positive zero. Output stationary: the steps of a tile in turn, ``b`` lanes
    of K each. Weight or input stationary: layer by layer of ``rows b`` lanes; in a layer the PEs
    from the top of a column down, of which the lowest has the first elements of K, so that lanes
    of K are added in groups of ``b`` from the last to the first. K is filled up with zeros.
    """

    def acc_bits(self, mode: Any) -> int:
        return int(self.spec.acc_width)

    def steps(self, mode: Any, length: int) -> Int64s:
        """Return the elements of K of each step, in the order in which they are added."""
        spec = self.spec
        each = spec.b * spec.mac.element_products(mode)
        group = spec.rows if spec.movement.chains_sums else 1
        layers = -(-length // (each * group))
        places = np.arange(layers * group * each).reshape(layers, group, each)
        return places[:, ::-1].reshape(-1, each)

    def matmul(self, mode: Any, acts: Int64s, weights: Int64s) -> Int64s:
        order = self.steps(mode, acts.shape[1])
        beyond = order.size - acts.shape[1]
        a = np.pad(acts, ((0, 0), (0, beyond)))[:, order]
        b = np.pad(weights, ((0, beyond), (0, 0))).T[:, order]
        each = max(1, PACKETS // len(b))
        parts = [self._rows(mode, a[at : at + each], b) for at in range(0, len(a), each)]
        return np.concatenate(parts)

    def _rows(self, mode: Any, a: Int64s, b: Int64s) -> Int64s:
        """Return sums of some rows, shape (rows, N), of operands (rows, steps, lanes)."""
        fields = {
            "a": np.repeat(a, len(b), axis=0), "b": np.tile(b, (len(a), 1, 1)),
            "c": np.zeros((len(a) * len(b), a.shape[1], 1), np.int64),
        }  # fmt: skip
        found = self.mac.respond(mode, fields)
        return self._words(found).reshape(len(a), len(b))

    def _words(self, found: dict[str, Int64s]) -> Int64s:
        """Return sums as the accumulator has them; of raw ones what kind they are lies above."""
        if self.spec.mac.acc_format is not None:
            return found["sum"]
        bits = self.spec.mac.raw_bits
        whole = found["sum"][:, 0] & ((1 << bits) - 1 if bits < 64 else -1)
        if self.spec.mac.has_kind:
            whole |= found["special"][:, 0] << bits
        return whole


SUMS: Mapping[str, Callable[[Any, Any], Sums]] = {"integer": IntegerSums, "floating": FloatSums}
"""Sums of the MACs' arithmetic."""

"""Fixed point with two scales: numbers to codes and marks, and what marks cost in bits.

>>> form = Biscaled(bits=5, integer_bits=4, step=2)
>>> codes, wide = form.quantised([5.1, 44.9, 14.9, 2.9], threshold=8)
>>> form.values(codes, wide).tolist()
[5.0, 44.0, 16.0, 3.0]
"""

from dataclasses import dataclass
from math import ceil, log2
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from macsmith.contract.errors import UserError
from macsmith.formats.compact.real_values import Floats, away_from_zero, checked
from macsmith.host.int64s import Int64s

Marks = NDArray[np.bool_]
"""Which elements are wide."""

TAIL = 90
"""Percentile up to which magnitudes are not of the tail, of which the step follows."""


@dataclass(frozen=True, kw_only=True)
class Biscaled:
    """A format with two scales.

    Parameters
    ----------
    bits:
        Of a code with its sign, if it has one.
    integer_bits:
        Of fine elements; what is left of the bits is their fraction, which may be negative.
    step:
        Integer bits that wide elements have more.
    signed:
        Whether there is a sign; if not, codes have no sign bit.
    """

    bits: int
    integer_bits: int
    step: int
    signed: bool = True

    @property
    def fraction_bits(self) -> int:
        """Fraction bits of fine elements."""
        return self.bits - self.signed - self.integer_bits

    @property
    def greatest(self) -> float:
        """The greatest fine number, the default threshold."""
        return float(2**self.integer_bits - 2.0**-self.fraction_bits)

    @classmethod
    def fitted(cls, values: Any, bits: int, signed: bool = True) -> Self:
        """Return the format of a tensor: wide elements reach its greatest magnitude.

        The step is the length of the tail in octaves, ``ceil(log2(P100 / P90))`` of magnitudes.
        """
        sizes = np.abs(checked(values))
        top = float(sizes.max())
        if top == 0:
            return cls(bits=bits, integer_bits=0, step=0, signed=signed)
        body = float(np.percentile(sizes, TAIL))
        step = ceil(log2(top / body)) if body > 0 else 0
        # Nearest levels of the wide scale may lie half a unit beyond its last.
        wide = ceil(log2(top))
        return cls(bits=bits, integer_bits=wide - step, step=step, signed=signed)

    def quantised(self, values: Any, threshold: float | None = None) -> tuple[Int64s, Marks]:
        """Return codes, and which elements are wide: those whose magnitude is past a threshold.

        Raises
        ------
        UserError
            If there are no values, one is no number, or the threshold is past the greatest fine
            number.
        """
        threshold = self.greatest if threshold is None else threshold
        if threshold > self.greatest:
            raise UserError(
                f"threshold must be at most {self.greatest:g}, the greatest fine number, not "
                f"{threshold:g}"
            )
        found = checked(values)
        wide = (np.abs(found) > threshold) & (self.step > 0)
        units = found * np.exp2(self.fraction_bits - self.step * wide)
        top = 1 << self.bits - self.signed
        codes = away_from_zero(units).clip(-top if self.signed else 0, top - 1)
        return codes.astype(np.int64), wide

    def values(self, codes: Int64s, wide: Marks) -> Floats:
        """Return what codes mean."""
        return codes * np.exp2(self.step * wide - self.fraction_bits)


def block_lists(wide: Marks, block: int) -> list[list[int]]:
    """Return the places of the wide elements of each block, which are flat and in order."""
    flat = wide.reshape(-1)
    return [
        np.flatnonzero(flat[start : start + block]).tolist() for start in range(0, len(flat), block)
    ]


def marked_bits(wide: Marks, bits: int, block: int = 0) -> float:
    """Return bits of storage for each element: codes, and lists of a block, or a mask if 0.

    A list is a count and a place for each wide element, of ``log2 block`` bits each.
    """
    if block == 0:
        return bits + 1.0
    place = ceil(log2(block))
    blocks = ceil(wide.size / block)
    return bits + place * (int(wide.sum()) + blocks) / wide.size

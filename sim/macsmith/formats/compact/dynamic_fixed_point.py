"""Fixed point whose fraction length belongs to a tensor: chosen offline, or as a run goes on.

>>> form = DynamicFixedPoint.fitted([0.3, -1.7, 0.02], bits=8)
>>> form.fraction_bits, form.codes([0.3, -1.7, 0.02]).tolist()
(6, [19, -109, 1])

A product has the fraction bits of both operands together; `shift` is by how much a requantiser
moves a sum to those of its output, at run time.
"""

from dataclasses import dataclass, replace
from math import ceil, log2
from typing import Any

import numpy as np

from macsmith.contract.checks import check_int
from macsmith.contract.errors import UserError
from macsmith.formats.compact.real_values import Floats, checked
from macsmith.host.int64s import Int64s

LEAST_BITS, MOST_BITS = 2, 16
"""Bits of codes."""


@dataclass(frozen=True, kw_only=True)
class DynamicFixedPoint:
    """Codes in units of ``2^-fraction_bits``.

    Parameters
    ----------
    bits:
        Of a code, 2 to 16, its sign included if it has one.
    fraction_bits:
        Any whole number: below zero units are above one.
    signed:
        Two's complement if true, else unsigned.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    bits: int
    fraction_bits: int
    signed: bool = True

    def __post_init__(self) -> None:
        check_int("bits", self.bits, range(LEAST_BITS, MOST_BITS + 1))

    @classmethod
    def fitted(cls, values: Any, bits: int, signed: bool = True) -> "DynamicFixedPoint":
        """Return the format of a tensor: as many integer bits as its largest magnitude needs.

        That is ``ceil(log2(largest))``, and one for the sign. Gysel et al., "Ristretto" (IEEE
        TNNLS 2018). A tensor of zeros has no integer bits.

        Raises
        ------
        UserError
            If there are no values, one is no number, or one is negative in an unsigned format.
        """
        found = checked(values)
        if not signed and (found < 0).any():
            raise UserError(
                f"signed must be true for a tensor with negative values, such as {found.min():g}"
            )
        largest = float(np.abs(found).max())
        integer = ceil(log2(largest)) if largest else 0
        return cls(bits=bits, fraction_bits=bits - signed - integer, signed=signed)

    @property
    def ends(self) -> tuple[int, int]:
        """The least and the greatest code."""
        top = 1 << self.bits - self.signed
        return (-top if self.signed else 0), top - 1

    def codes(self, values: Any, rng: np.random.Generator | None = None) -> Int64s:
        """Return the nearest codes, ties to even; what is beyond the ends is brought to them.

        Parameters
        ----------
        rng:
            Rounds up with the probability of what lies above the code below, if given.
        """
        units = np.ldexp(checked(values), self.fraction_bits)
        rounded = np.rint(units) if rng is None else np.floor(units + rng.random(units.shape))
        return rounded.clip(*self.ends).astype(np.int64)

    def values(self, codes: Int64s) -> Floats:
        """Return what codes stand for."""
        return np.ldexp(codes.astype(float), -self.fraction_bits)

    def overflows(self, values: Any) -> float:
        """Return the share of values that lie beyond the ends."""
        units = np.rint(np.ldexp(checked(values), self.fraction_bits))
        low, high = self.ends
        return float(((units < low) | (units > high)).mean())

    def updated(self, values: Any, rate: float) -> "DynamicFixedPoint":
        """Return the format for what follows values that have been seen.

        One fraction bit less if more than ``rate`` of them overflow, one more if not even of their
        doubles so many would. Courbariaux et al., "Training deep neural networks with low precision
        multiplications" (ICLR workshop 2015).

        Raises
        ------
        UserError
            If the rate is not from 0 to 1.
        """
        if not 0 <= rate <= 1:
            raise UserError(f"rate must be from 0 to 1, not {rate}")
        if self.overflows(values) > rate:
            return replace(self, fraction_bits=self.fraction_bits - 1)
        finer = replace(self, fraction_bits=self.fraction_bits + 1)
        return finer if finer.overflows(values) <= rate else self

    def shift(self, weights: "DynamicFixedPoint", out: "DynamicFixedPoint") -> int:
        """Return by how many bits a sum of products with weights moves right to be an output.

        Below zero it moves left: the output has more fraction bits than the sum.
        """
        return self.fraction_bits + weights.fraction_bits - out.fraction_bits

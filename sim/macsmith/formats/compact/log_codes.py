"""Powers of two, or of its square root: numbers to codes, and back.

Rounding is that of logarithms: to base two a magnitude goes up from the significand sqrt(2) on.

    >>> form = Logarithm(exponent_bits=4, top=4)
    >>> form.values(form.codes([0.7, 0.71, -5.6, 5.7])).tolist()
    [0.5, 1.0, -4.0, 8.0]
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from macsmith.contract.checks import check_int
from macsmith.formats.compact.real_values import Floats, checked
from macsmith.host.int64s import Int64s


@dataclass(frozen=True, kw_only=True)
class Logarithm:
    """A logarithmic format: a sign, and c from 0 to ``2^exponent_bits - 1``, where 0 is zero.

    Parameters
    ----------
    exponent_bits:
        Bits of c.
    top:
        The greatest power, that of the greatest c; -1000 to 1000.
    halves:
        Whether powers are those of sqrt(2).
    signed:
        Whether there is a sign, above c.

    Raises
    ------
    UserError
        If bits or powers are out of range.
    """

    exponent_bits: int
    top: int
    halves: bool = False
    signed: bool = True

    def __post_init__(self) -> None:
        check_int("exponent_bits", self.exponent_bits, range(1, 9))
        check_int("top", self.top, range(-1000, 1001))

    @property
    def least(self) -> int:
        """The least power, that of c = 1."""
        return self.top - (1 << self.exponent_bits) + 2

    @classmethod
    def fitted(
        cls, values: Any, exponent_bits: int, halves: bool = False, signed: bool = True
    ) -> Self:
        """Return the format whose greatest power is the nearest to the greatest magnitude."""
        top = float(np.abs(checked(values)).max())
        power = round(np.log2(top) * (1 + halves)) if top else 0
        return cls(exponent_bits=exponent_bits, top=power, halves=halves, signed=signed)

    def codes(self, values: Any) -> Int64s:
        """Return codes; what is nearer to the power below the least is zero.

        Raises
        ------
        UserError
            If there are no values, or one is no number.
        """
        found = checked(values)
        size = np.abs(found) if self.signed else found.clip(0)
        with np.errstate(divide="ignore"):
            power = np.round(np.log2(size) * (1 + self.halves))
        stored = (power - self.least + 1).clip(0, (1 << self.exponent_bits) - 1).astype(np.int64)
        minus = (found < 0) & (stored > 0) & self.signed
        return stored | minus.astype(np.int64) << self.exponent_bits

    def values(self, codes: Int64s) -> Floats:
        """Return what codes mean."""
        stored = codes & (1 << self.exponent_bits) - 1
        size = np.exp2((stored - 1 + self.least) / (1 + self.halves))
        return np.where(stored == 0, 0.0, np.where(codes >> self.exponent_bits == 1, -size, size))

"""Smooth functions of magnitudes, of which tables have ranges that double.

    range     0             1                     2                      r
    from      0             2^first               2^(first + 1)          2^(first + r - 1)

Each range has as many segments: where a function is as good as straight they are long.
"""

from abc import abstractmethod
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from macsmith.functions.fit.exact_values import scaled_by, sigmoid, tail_ratio, tanh_ratio
from macsmith.functions.fit.targets import Rounded


@dataclass(frozen=True)
class OverRanges(Rounded):
    """A function whose value counts units of ``2^-fraction_bits``.

    Members
    -------
    bits
        Of an argument within its range; what lies below is cut in range 0, and is not there in
        the others.
    range_bits
        There are ``2^range_bits`` ranges.
    first
        The first one ends at ``2^first``.
    """

    bits: int
    range_bits: int = 2
    first: int = 1

    @property
    def argument_bits(self) -> int:
        return self.range_bits + self.bits

    @property
    def least_index_bits(self) -> int:
        return self.range_bits

    @property
    def steepest(self) -> int:
        return 1 << self.bits - 1

    @staticmethod
    def raised(number: Any) -> Any:
        """Return the power of two by which values of a range are greater than the function's."""
        return 0

    @staticmethod
    @abstractmethod
    def value(z: Decimal) -> Decimal:
        """Return the value at a magnitude."""

    def true(self, argument: int) -> tuple[int, int]:
        number, within = divmod(argument, 1 << self.bits)
        scale = self.fraction_bits + self.raised(number)
        if number:
            exponent = self.first + number - 1 - self.bits
            one = scaled_by(self.value, (1 << self.bits) + within, exponent, scale)
            return one, one
        ends = [
            scaled_by(self.value, within + step, self.first - self.bits, scale) for step in range(2)
        ]
        return min(ends), max(ends)


class Sigmoid(OverRanges):
    """``1 / (1 + e^-z)``."""

    value = staticmethod(sigmoid)


class TanhRatio(OverRanges):
    """``tanh(z) / z``, which falls by half from range to range."""

    @staticmethod
    def raised(number: Any) -> Any:
        return number

    value = staticmethod(tanh_ratio)


class TailRatio(OverRanges):
    """What lies beyond ``z`` in a normal distribution, times ``e^(z^2 / 2)``: a half at zero."""

    @staticmethod
    def raised(number: Any) -> Any:
        return number + 1

    value = staticmethod(tail_ratio)

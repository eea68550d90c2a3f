"""Powers of two that are known to lie between two bounds."""

from dataclasses import dataclass

from amaranth import Const, Module, Signal, Value


@dataclass(frozen=True)
class Exponent:
    """A power of two: a number in two's complement, from ``low`` to ``high``."""

    value: Value
    low: int
    high: int

    @classmethod
    def constant(cls, number: int) -> "Exponent":
        """Return one that never changes."""
        return cls(Const(number), number, number)

    def plus(self, m: Module, name: str, offset: int) -> "Exponent":
        """Return the exponent greater by a constant."""
        low, high = self.low + offset, self.high + offset
        if low == high:
            return Exponent.constant(low)
        total = Signal(range(low, high + 1), name=name)
        m.d.comb += total.eq(self.value + offset)
        return Exponent(total, low, high)


def bits_for(number: int) -> int:
    """Return the bits of numbers from zero up to one, 1 at least."""
    return max(1, number.bit_length())

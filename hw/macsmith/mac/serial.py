"""What the serial styles share: operands cut into digits, taken one a cycle."""

from collections.abc import Callable
from dataclasses import dataclass

from amaranth import Module, Signal, Value

from macsmith.arith.select import select
from macsmith.errors import UserError
from macsmith.spec import MacSpec, Mode, Source, check_int

DIGITS = (1, 2, 4)


@dataclass(frozen=True, kw_only=True)
class SerialSpec(MacSpec):
    """A style that takes an operand digit by digit, the lowest first.

    A width that is no multiple of the digit is padded at the bottom.

    Parameters
    ----------
    digit:
        Bits of a digit: 1, 2 or 4, and no more than the narrower operand.
    """

    digit: int = 1

    def __post_init__(self) -> None:
        check_int("digit", self.digit, DIGITS)
        super().__post_init__()
        narrow = min(self.act_width, self.weight_width)
        if self.digit > narrow:
            nearest = max(digit for digit in DIGITS if digit <= narrow)
            raise UserError(
                f"digit must not exceed the narrower operand's {narrow} bits, "
                f"not {self.digit}; the nearest is {nearest}"
            )

    def digits(self, bits: int) -> int:
        """Return the digits that ``bits`` bits take."""
        return -(-bits // self.digit)

    def padded(self, bits: int) -> int:
        """Return ``bits`` rounded up to whole digits."""
        return self.digits(bits) * self.digit

    def digit_source(self, bits: int, width: int) -> tuple[Source, ...]:
        """Route an operand of ``bits`` bits to the low digits of a register for ``width`` bits."""
        padding: list[Source] = [None] * (self.padded(bits) - bits)
        unused: list[Source] = [None] * (self.padded(width) - self.padded(bits))
        return (*padding, *range(bits), *unused)


def constant_of_mode(
    m: Module, spec: MacSpec, lines: Value, name: str, value: Callable[[Mode], int]
) -> Signal:
    """Return a signal that holds ``value(mode)`` of the mode whose line is up."""
    numbers = [value(mode) for mode in spec.modes]
    chosen = Signal(range(max(numbers) + 1), name=name)
    bits = [[number >> bit & 1 for bit in range(len(chosen))] for number in numbers]
    m.d.comb += chosen.eq(select(list(lines), bits))
    return chosen

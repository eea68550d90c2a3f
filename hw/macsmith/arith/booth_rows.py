"""Partial products by radix-4 Booth recoding: half as many rows, of digits -2 to 2.

Digit j of a multiplier w is ``d_j = w[2j-1] + w[2j] - 2 w[2j+1]`` (MacSorley, 1961), with zeros or
the sign above the top bit; and the product is the sum of ``d_j a 4^j``. A row holds once or twice
the multiplicand, inverted and a one added where the digit is negative. Its sign is one bit of
negative weight, so a heap folds all constants and no sign is extended by copies.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from amaranth import Const, Module, Signal, Value

from macsmith.arith.bit_heap import BitHeap

ENCODED, SELECTED = 1.5, 3.0
"""When a digit's lines and a row's bits are known, in XOR delays."""


@dataclass(frozen=True)
class Alive:
    """Which bits of a multiplicand may be one in the present mode: those from a lowest one up.

    Members
    -------
    bits:
        For each bit whether it is alive.
    lowest:
        The places at which they may begin, each with whether they do.
    """

    bits: Sequence[Value]
    lowest: Sequence[tuple[int, Value]]

    @classmethod
    def always(cls, width: int) -> "Alive":
        """Return that all bits of a word are alive."""
        return cls([Const(1, 1)] * width, [(0, Const(1, 1))])


def rows_of(width: int, signed: bool) -> int:
    """Return the rows that a multiplier of ``width`` bits gives."""
    return (width + 1) // 2 if signed else width // 2 + 1


def reach_of(
    multiplicand: int, multiplier: int, *, multiplicand_signed: bool, multiplier_signed: bool
) -> int:
    """Return how far below zero the constants of the rows of operands of these widths reach."""
    # The top digit of an unsigned multiplier is never negative.
    never = not multiplier_signed and not multiplicand_signed
    signs = range(rows_of(multiplier, multiplier_signed) - never)
    return sum(1 << (2 * row + multiplicand + (not multiplicand_signed)) for row in signs)


def add_booth_product(
    heap: BitHeap,
    name: str,
    multiplicand: Value,
    multiplier: Value,
    *,
    multiplicand_signed: bool,
    multiplier_signed: bool,
    alive: Alive | None = None,
) -> None:
    """Add ``multiplicand * multiplier`` to a heap.

    Rows that are kept in a register must be so wide that the heap's constants, which are not below
    minus `reach_of`, are not below ``-2^(width - 1)``.

    Parameters
    ----------
    name:
        Prefix of the signals' names.
    alive:
        Which bits of the multiplicand may be one; the others are zero, and rest.
    """
    m, width = heap.m, len(multiplicand)
    alive = alive or Alive.always(width)
    # Bit i of a row takes a[i] or a[i - 1].
    once = [*multiplicand, multiplicand[-1] if multiplicand_signed else Const(0, 1)]
    twice = [Const(0, 1), *multiplicand]
    living = [*alive.bits, Const(1, 1)]
    for row in range(rows_of(len(multiplier), multiplier_signed)):
        one, two, negative = _digit(m, f"{name}_{row}", multiplier, multiplier_signed, row)
        for place, (low, high) in enumerate(zip(once, twice, strict=True)):
            bit = _or(_and(one, low), _and(two, high))
            inverted = None if negative is None else negative & living[place]
            value = bit if inverted is None else inverted if bit is None else bit ^ inverted
            if value is None:
                continue
            # A signed multiplicand has its sign in the row's top bit.
            top = multiplicand_signed and place == width
            heap.add(value, 2 * row + place, top, arrival=SELECTED)
        if negative is None:
            continue
        if not multiplicand_signed:
            heap.add(negative, 2 * row + width + 1, True, arrival=ENCODED)
        for place, begins in alive.lowest:
            heap.add(negative & begins, 2 * row + place, arrival=ENCODED)


def _digit(
    m: Module, name: str, word: Value, signed: bool, row: int
) -> tuple[Value | None, Value | None, Value | None]:
    """Return whether a digit is odd, whether it is twice something, and whether it is negative."""

    def bit(place: int) -> Value | None:
        if 0 <= place < len(word):
            return word[place]
        return word[-1] if place >= 0 and signed else None

    below, middle, above = (bit(2 * row + offset) for offset in (-1, 0, 1))
    if above is None:  # the top digit of an unsigned word is 0, 1 or 2
        if middle is None:
            return below, None, None
        assert below is not None
        one, two = middle ^ below, middle & below
        return _named(m, f"{name}_one", one), _named(m, f"{name}_two", two), None
    assert middle is not None
    if below is None:
        one, two = middle, above & ~middle
    elif 2 * row + 1 == len(word):  # the sign once more: -1, 0 or 1
        return _named(m, f"{name}_one", middle ^ below), None, above
    else:
        one = middle ^ below
        two = (above & ~middle & ~below) | (~above & middle & below)
    return _named(m, f"{name}_one", one), _named(m, f"{name}_two", two), above


def _named(m: Module, name: str, value: Value) -> Value:
    signal = Signal(name=name)
    m.d.comb += signal.eq(value)
    return signal


def _and(left: Value | None, right: Value) -> Value | None:
    return None if left is None or isinstance(right, Const) else left & right


def _or(left: Value | None, right: Value | None) -> Value | None:
    if left is None or right is None:
        return left if right is None else right
    return left | right

"""Products of 4 by 4 bits, or two of 2 by 2 side by side: bricks that integers are multiplied in.

A brick in which the digits of ``b`` change places adds up two products by itself: of four blocks of
2 by 2 bits those off the diagonal have one weight, and the others are gated off (sum-together
subword: Mei et al., AICAS 2019).

            b1    b0                    b0'   b1'     a1 b0 + a0 b1' ... with b's digits exchanged
        a1 │16    4 │               a1 │ -    4 │     4 (a1 b1 + a0 b0)
        a0 │ 4    1 │               a0 │ 4    - │
"""

from collections.abc import Iterable
from dataclasses import dataclass

from amaranth import Cat, Const, Module, Value

from macsmith.arith.bit_heap import BitHeap
from macsmith.fp.fp_int.spec import NIBBLE
from macsmith.rtl.named_signal import wired

_HALF = NIBBLE // 2


Sign = tuple[bool, bool]
"""Whether a bit is negative where bricks have single products, and where they have pairs."""

POSITIVE: Sign = (False, False)
NEGATIVE: Sign = (True, True)


@dataclass(frozen=True)
class BrickMode:
    """What bricks multiply: integers at all, and of 2 bits or of 4.

    Members
    -------
    whole
        Whether operands are in two's complement, so that there are negative bits.
    single, pairs
        Whether they are one of 4 bits, or two of 2.
    """

    whole: Value
    single: Value
    pairs: Value

    def when(self, sign: Sign) -> Value:
        """Return whether one of some modes is on, `POSITIVE` is none."""
        lines = {POSITIVE: Const(0, 1), NEGATIVE: self.whole}
        return {**lines, (True, False): self.single, (False, True): self.pairs}[sign]


def sign_of(row: int, column: int) -> Sign:
    """Return when a bit of a brick's product is negative, where it is not gated off."""
    a, b = column % _HALF == _HALF - 1, row % _HALF == _HALF - 1
    upper = (column >= _HALF) + (row >= _HALF)
    if a and b:
        # Of 2 bits both signs cancel out, as they do of 4 in the uppermost bit.
        return (upper == 1, False)
    if not (a or b) or upper == 0:
        return POSITIVE
    return NEGATIVE if (column if a else row) >= _HALF else (False, True)


def gated_in_pairs(row: int, column: int) -> bool:
    """Return whether a bit of a brick's product must be off in pairs."""
    return (row >= _HALF) == (column >= _HALF)


class SignedSum:
    """A heap some of whose bits are negative by mode.

    Each enters inverted and leaves a constant (Baugh and Wooley, 1973); those of a mode are added
    up when the sum is built, so that a column has one bit of them at most, whatever the mode.
    """

    def __init__(self, heap: BitHeap, mode: BrickMode) -> None:
        self.heap, self.mode = heap, mode
        self._constants = [0, 0]

    def add(self, bit: Value, weight: int, sign: Sign = POSITIVE, arrival: int = 0) -> None:
        """Add a bit, below the top of the heap."""
        if sign == POSITIVE or weight >= self.heap.width:
            self.heap.add(bit, weight, arrival=arrival)
            return
        self.heap.add(bit ^ self.mode.when(sign), weight, arrival=arrival)
        for which, negative in enumerate(sign):
            self._constants[which] -= negative << weight

    def add_bricks(self, a: Value, b: Value, which: Iterable[int]) -> None:
        """Add products of nibbles; of pairs their sum comes times four."""
        for at in which:
            one, other = a.word_select(at, NIBBLE), b.word_select(at, NIBBLE)
            for row in range(NIBBLE):
                for column in range(NIBBLE):
                    bit = one[column] & other[row]
                    if gated_in_pairs(row, column):
                        bit = bit & ~self.mode.pairs
                    self.add(bit, row + column, sign_of(row, column))

    def sum(self) -> Value:
        """Return the sum."""
        single, pairs = self._constants
        for place in range(self.heap.width):
            sign = bool(single >> place & 1), bool(pairs >> place & 1)
            if sign != POSITIVE:
                self.heap.add(self.mode.when(sign), place)
        return self.heap.sum()


def exchanged(m: Module, name: str, word: Value, pairs: Value) -> Value:
    """Return a word of nibbles whose halves have changed places in pairs."""
    nibbles = [word.word_select(at, NIBBLE) for at in range(len(word) // NIBBLE)]
    turned = Cat(Cat(one[_HALF:], one[:_HALF]) for one in nibbles)
    many = pairs.replicate(len(word))
    return wired(m, name, (turned & many) | (word & ~many))

"""A word times a constant, as rows of a heap: one for each digit of it that is not zero."""

from amaranth import Signal, Value, signed

from macsmith.arith.bit_heap import BitHeap, Rows
from macsmith.rtl.named_signal import wired


def add_multiple(heap: BitHeap, name: str, word: Value, constant: int, weight: int = 0) -> None:
    """Add ``word * constant * 2^weight``; the constant is positive, the word of either kind."""
    wide = Signal(signed(len(word) + (not word.shape().signed)), name=f"{name}_multiplicand")
    heap.m.d.comb += wide.eq(word)
    inverse = wired(heap.m, f"{name}_inverse", (~wide).as_signed())
    for place, digit in signed_digits(constant):
        heap.add_rows(Rows.of(wide if digit > 0 else inverse), weight + place)
        if digit < 0:
            # A negative number is its complement and one.
            heap.add_constant(1 << weight + place)


def signed_digits(constant: int) -> list[tuple[int, int]]:
    """Return the digits of a number that are not zero, none beside another, with their places.

    >>> signed_digits(7)
    [(0, -1), (3, 1)]
    """
    found, place = [], 0
    while constant:
        if constant & 1:
            digit = 2 - constant % 4
            found.append((place, digit))
            constant -= digit
        constant >>= 1
        place += 1
    return found

"""A grid of fixed point that holds all terms of an exact sum (Kulisch)."""

from amaranth import Cat, Const, Module, Signal, Value

from macsmith.arith.barrel_shift import shifted_left
from macsmith.arith.bit_heap import BitHeap
from macsmith.arith.conditional_negate import negated_rows


def add_to_grid(
    m: Module, name: str, heap: BitHeap, word: Value, negative: Value, exponent: Value,
    below: int, bits: int,
) -> None:  # fmt: skip
    """Add ``(-1)^negative * word * 2^(exponent - below)`` to a heap, which is a whole number.

    Parameters
    ----------
    below:
        How far the grid's lowest bit is above that of a word whose exponent is 0; no word that is
        not zero has bits there.
    bits:
        Of the greatest term, in units of the grid.
    """
    placed = shifted_left(m, f"{name}_placed", word, exponent, max(1, below + bits))
    magnitude = Signal(bits, name=f"{name}_magnitude")
    m.d.comb += magnitude.eq(Cat(Const(0, max(0, -below)), placed[max(0, below) :]))
    heap.add_rows(negated_rows(m, name, magnitude, negative))

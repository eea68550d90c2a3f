"""Carry-propagate adders."""

from amaranth import Cat, Module, Signal, Value, ValueLike


def add_with_carry(
    m: Module, left: Value, right: ValueLike, carry_in: ValueLike
) -> tuple[Value, Value]:
    """Return the sum of two words of one width and a carry, and the carry out.

    The carry enters as one more bit below both words, so that synthesis sees one adder.
    """
    total = Signal(len(left) + 2, name="sum")
    m.d.comb += total.eq(Cat(carry_in, left) + Cat(carry_in, Value.cast(right)))
    return total[1:-1], total[-1]

"""Places in a ring."""

from amaranth import Cat, Mux, Value


def following(place: Value, depth: int) -> Value:
    """Return the place after ``place`` in a ring of ``depth``."""
    return Mux(is_at(place, depth - 1), 0, place + 1)


def is_at(place: Value, number: int) -> Value:
    """Return whether ``place`` is a number, bit by bit: see the mistake of widths that shrink."""
    return Cat(bit if number >> k & 1 else ~bit for k, bit in enumerate(place)).all()

"""A sum and an accumulator added as if exactly: one is moved to the other, wherever it is.

          +2 +p        W             R = p + 2
        ┌──────┬─────────────────┬───────────┐        the sum has W bits, the accumulator p; what
        │      │       sum       │           │●       of it lies below R is one bit that says any
        └──────┴─────────────────┴───────────┘        of them was 1
            ◀──── accumulator anywhere ────▶

An accumulator far above stops where the sum can no more reach its last place, and the exponent of
the whole is then its own. One far below counts as that last bit. Both come out as the exact sum
does when it is rounded to p bits: what is left below them is not zero, and less than a quarter.
"""

from amaranth import Cat, Const, Module, Mux, Signal, Value, signed

from macsmith.arith.barrel_shift import shifted_left
from macsmith.arith.chosen_heap import Adding, heap_of
from macsmith.arith.conditional_negate import negated_rows
from macsmith.contract.number_format import NumberFormat
from macsmith.fp.number.exponent import Exponent, bits_for
from macsmith.fp.number.unpack import Unpacked, first_exponent


def places_below(fmt: NumberFormat) -> int:
    """Return how many places `added_late` keeps below the sum."""
    return fmt.significand_bits + 2


def added_late(
    m: Module, name: str, how: Adding, total: Value, lsb: Exponent, acc: Unpacked,
    fmt: NumberFormat, beside: Value | None = None,
) -> tuple[Signal, Exponent]:  # fmt: skip
    """Return a sum plus an accumulator, and the exponent of its lowest bit.

    Parameters
    ----------
    total, lsb:
        The sum, in two's complement, and the exponent of its lowest bit.
    acc, fmt:
        The accumulator and its format.
    beside:
        A whole number in units of the sum, in place of the accumulator while that is zero.
    """
    width, digits = len(total), fmt.significand_bits
    below, highest = places_below(fmt), width + 2
    base = fmt.lsb - first_exponent(fmt)
    acc_lsb = Exponent(acc.exponent, 0, (1 << fmt.exponent_bits) - 1).plus(m, f"{name}_lsb", base)
    low, high = acc_lsb.low - lsb.high, acc_lsb.high - lsb.low
    distance = Signal(range(low, high + 1), name=f"{name}_distance")
    # At place 0 all bits of the accumulator are below what is kept.
    place = Signal(bits_for(highest + below + digits), name=f"{name}_place")
    some, far, near = (Signal(name=f"{name}_{what}") for what in ("some", "far", "near"))
    m.d.comb += [
        distance.eq(acc_lsb.value - lsb.value),
        some.eq(total.any()),
        far.eq(acc.significand.any() & (distance > highest)),
        near.eq(distance > -(below + digits)),
        place.eq(
            Mux(some, Mux(far, highest, Mux(near, distance, -(below + digits))), 0)
            + below + digits
        ),
    ]  # fmt: skip
    moved = shifted_left(m, f"{name}_moved", acc.significand, place, highest + below + 2 * digits)
    kept = Signal(len(moved) - digits, name=f"{name}_kept")
    whole: Value = Cat(moved[digits] | moved[:digits].any(), moved[digits + 1 :])
    m.d.comb += kept.eq(whole if beside is None else whole | Cat(Const(0, below), beside))
    heap = heap_of(m, how, below + highest + digits + 1, f"{name}_heap", leaves=False)
    heap.add_word(total, below)
    heap.add_rows(negated_rows(m, f"{name}_term", kept, acc.negative))
    both = Signal(signed(heap.width), name=f"{name}_total")
    low, high = min(lsb.low, acc_lsb.low - highest), max(lsb.high, acc_lsb.high)
    exponent = Signal(range(low - below, high - below + 1), name=f"{name}_exponent")
    m.d.comb += [
        both.eq(heap.sum()),
        exponent.eq(Mux(some, Mux(far, acc_lsb.value - highest, lsb.value), acc_lsb.value) - below),
    ]
    return both, Exponent(exponent, low - below, high - below)

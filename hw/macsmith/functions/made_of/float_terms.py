"""Numbers between stages: a sign, a significand and the exponent of its highest place.

They have no format: exponents are as wide as they need to be, and nothing overflows.
"""

from dataclasses import dataclass

from amaranth import Cat, Const, Module, Mux, Signal, Value, signed

from macsmith.arith.barrel_shift import shifted_left, shifted_right
from macsmith.arith.chosen_heap import Adding, heap_of
from macsmith.arith.conditional_negate import negated, negated_rows
from macsmith.arith.leading_one import leading_one
from macsmith.arith.partial_products import add_product
from macsmith.contract.number_format import NumberFormat
from macsmith.fp.dot.stage import Stage
from macsmith.fp.number.exponent import Exponent
from macsmith.fp.number.unpack import Unpacked, first_exponent
from macsmith.rtl.named_signal import wired


@dataclass(frozen=True)
class Term:
    """A number, ``(-1)^negative * significand * 2^(exponent - len(significand) + 1)``."""

    negative: Value
    significand: Value
    exponent: Exponent

    @classmethod
    def of(cls, m: Module, name: str, one: Unpacked, fmt: NumberFormat) -> "Term":
        """Return a number of a format; a subnormal one has the least exponent, as zero has."""
        field = Exponent(one.exponent, 0, (1 << fmt.exponent_bits) - 1)
        offset = fmt.lsb - first_exponent(fmt) + fmt.fraction_bits
        return cls(one.negative, one.significand, field.plus(m, f"{name}_top", offset))

    def held(self, name: str, stages: list[Stage]) -> "Term":
        """Return the number as the last of some stages holds it."""
        one = self
        for stage in stages:
            one = Term(
                stage.register(f"{name}_negative", one.negative),
                stage.register(f"{name}_size", one.significand),
                stage.exponent(f"{name}_exponent", one.exponent),
            )
        return one


def product(m: Module, name: str, how: Adding, one: Term, other: Term) -> Term:
    """Return a product, all its bits; its highest place may be zero."""
    width = len(one.significand) + len(other.significand)
    heap = heap_of(m, how, width, f"{name}_product")
    add_product(heap, one.significand, other.significand)
    low = one.exponent.low + other.exponent.low + 1
    high = one.exponent.high + other.exponent.high + 1
    exponent = Signal(range(low, high + 1), name=f"{name}_exponent")
    m.d.comb += exponent.eq(one.exponent.value + other.exponent.value + 1)
    negative = wired(m, f"{name}_negative", one.negative ^ other.negative)
    return Term(negative, heap.sum(), Exponent(exponent, low, high))


def cut(m: Module, name: str, one: Term, bits: int) -> Term:
    """Return a number with its highest bits alone; zero gets the least exponent."""
    kept = wired(m, f"{name}_kept", one.significand[len(one.significand) - bits :])
    exponent = Signal(range(one.exponent.low, one.exponent.high + 1), name=f"{name}_or_least")
    m.d.comb += exponent.eq(Mux(kept.any(), one.exponent.value, one.exponent.low))
    return Term(one.negative, kept, Exponent(exponent, one.exponent.low, one.exponent.high))


def aligned_sum(
    m: Module, name: str, how: Adding, one: Term, other: Term, guard: int
) -> tuple[Signal, Exponent]:
    """Return a sum in two's complement, and the exponent of its lowest bit.

    Both are moved to the greater exponent, and cut toward zero ``guard`` bits below the longer
    significand.
    """
    low = max(one.exponent.low, other.exponent.low)
    high = max(one.exponent.high, other.exponent.high)
    top = Signal(range(low, high + 1), name=f"{name}_top")
    first, second = one.exponent.value, other.exponent.value
    m.d.comb += top.eq(Mux(first >= second, first, second))
    width = max(len(one.significand), len(other.significand)) + guard
    heap = heap_of(m, how, width + 2, f"{name}_sum", leaves=False)
    for which, term in (("one", one), ("other", other)):
        most = high - term.exponent.low
        distance = Signal(range(most + 1), name=f"{name}_{which}_distance")
        places = Signal(range(width + 1), name=f"{name}_{which}_places")
        m.d.comb += [
            distance.eq(top - term.exponent.value),
            places.eq(Mux(distance > width, width, distance)),
        ]
        word = Cat(Const(0, width - len(term.significand)), term.significand)
        moved, _ = shifted_right(m, f"{name}_{which}_moved", word, places)
        if isinstance(term.negative, Const):
            heap.add_word(moved)  # a constant bit of a heap is a one
        else:
            heap.add_rows(negated_rows(m, f"{name}_{which}", moved, term.negative))
    total = Signal(signed(width + 2), name=f"{name}_total")
    m.d.comb += total.eq(heap.sum())
    return total, Exponent(top, low, high).plus(m, f"{name}_lsb", 1 - width)


def normalised(m: Module, name: str, total: Value, lsb: Exponent, bits: int) -> Term:
    """Return a sum with its leading one at the top, cut to so many bits below that."""
    size = negated(m, f"{name}_size", total[:-1], total[-1])
    width = len(size)
    place = wired(m, f"{name}_place", Cat(leading_one(m, f"{name}_leading", size).position))
    zeros = Signal(len(place), name=f"{name}_zeros")
    m.d.comb += zeros.eq(width - 1 - place)
    top = shifted_left(m, f"{name}_moved", size, zeros, width)
    exponent = Signal(range(lsb.low, lsb.high + width), name=f"{name}_exponent")
    m.d.comb += exponent.eq(lsb.value + place)
    kept = wired(m, f"{name}_significand", top[width - 1 - bits :])
    negative = wired(m, f"{name}_negative", total[-1])
    return Term(negative, kept, Exponent(exponent, lsb.low, lsb.high + width - 1))

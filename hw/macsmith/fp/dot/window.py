"""Terms aligned to the greatest of their exponents, in a window of so many bits below it.

Each term moves right by what its exponent lacks; bits that leave the window are dropped from its
magnitude (``toward-zero``), from its two's complement (``down``), or leave a bit that says any was
1 (``sticky``).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from amaranth import Cat, Const, Module, Mux, Signal, Value, signed

from macsmith.arith.barrel_shift import shifted_right
from macsmith.arith.bit_heap import BitHeap, Rows
from macsmith.arith.chosen_heap import heap_of
from macsmith.arith.compressor_tree import Bit
from macsmith.arith.conditional_negate import negated_rows
from macsmith.fp.dot.spec import FpDotSpec
from macsmith.fp.number.exponent import Exponent, bits_for


@dataclass(frozen=True)
class Term:
    """What a window adds, ``(-1)^negative * word``, ``lag`` places below the greatest exponent.

    Members
    -------
    integer_bits
        Bits of the word above its point.
    """

    negative: Value
    word: Value
    lag: Value
    integer_bits: int


def window_sum(
    m: Module, name: str, spec: FpDotSpec, terms: Sequence[Term], exponent: Exponent
) -> tuple[Signal, Exponent]:
    """Return the sum of terms in a window, and the exponent of its lowest bit.

    Parameters
    ----------
    exponent:
        The greatest of the terms' exponents.
    """
    fraction = spec.fraction_bits + (spec.truncation == "sticky")
    most = sum(1 << term.integer_bits + fraction for term in terms)
    heap = heap_of(m, spec, most.bit_length() + 1, f"{name}_heap", leaves=False)
    for index, term in enumerate(terms):
        _add_aligned(m, f"{name}_term{index}", spec, heap, term)
    total = Signal(signed(heap.width), name=f"{name}_total")
    m.d.comb += total.eq(heap.sum())
    return total, exponent.plus(m, f"{name}_lsb", -fraction)


def _add_aligned(m: Module, name: str, spec: FpDotSpec, heap: BitHeap, term: Term) -> None:
    width = term.integer_bits + spec.fraction_bits
    spare = width - len(term.word)
    word: Value = Cat(Const(0, spare), term.word) if spare > 0 else term.word
    # Beyond the word nothing is left, however far.
    bits = bits_for(len(word))
    places = Signal(bits, name=f"{name}_places")
    beyond = Signal(name=f"{name}_beyond")
    m.d.comb += beyond.eq(term.lag[bits:].any())
    m.d.comb += places.eq(Mux(beyond, (1 << bits) - 1, term.lag[:bits]))
    moved, lost = shifted_right(m, f"{name}_aligned", word, places)
    cut = max(-spare, 0)
    inside = Signal(width, name=f"{name}_inside")
    some = Signal(name=f"{name}_some")
    m.d.comb += [inside.eq(moved[cut:]), some.eq(lost | moved[:cut].any())]
    match spec.truncation:
        case "toward-zero":
            heap.add_rows(negated_rows(m, f"{name}_signed", inside, term.negative))
        case "sticky":
            jammed = Signal(width + 1, name=f"{name}_jammed")
            m.d.comb += jammed.eq(Cat(some, inside))
            heap.add_rows(negated_rows(m, f"{name}_signed", jammed, term.negative))
        case "down":
            # -(x + f) is less than -x: of ~x + 1 the one is missing where there is a fraction.
            rows = negated_rows(m, f"{name}_signed", inside, term.negative)
            lowest, one = rows.columns[0]
            exact = Bit(one.arrival, one.value & ~some)
            heap.add_rows(Rows(((lowest, exact), *rows.columns[1:]), rows.constant))

"""Blocks whose scale has 8 bits of its own, as those of NVFP4: its choice, and elements by it.

The scale of a block is its greatest magnitude over that of an element, 6, rounded to E4M3. A
quotient by a scale is never made: with ``s`` the scale, an element is the number of multiples
``t s`` that a magnitude has passed, where ``t`` are the places at which rounding turns.

             0   ½   1  1½   2   3   4   6      codes 0 to 7
    t/4        1   3   5   7  10  14  20        nearest
"""

from collections.abc import Sequence
from itertools import pairwise

from amaranth import Cat, Const, Module, Mux, Signal, Value

from macsmith.arith.barrel_shift import shifted_right
from macsmith.arith.onehot_mux import any_of
from macsmith.contract.number_format import NumberFormat
from macsmith.fp.convert.block_scale import greatest_of
from macsmith.fp.dot.scaled_blocks import unsigned_form
from macsmith.fp.number.exponent import Exponent, bits_for
from macsmith.fp.number.rounding import rounded_magnitude
from macsmith.fp.number.unpack import Unpacked, first_exponent, unpack
from macsmith.rtl.named_signal import wired

ROUNDED = {
    "floor": "toward-zero",
    "ceil": "away-from-zero",
    "rceil": "away-from-zero",
    "even": "nearest-even",
}
"""How a scale is rounded by each rule; whatever is not below the quotient clips nothing."""

_QUARTERS = (0, 2, 4, 6, 8, 12, 16, 24)
"""The numbers of E2M1 in quarters."""

_BELOW = 6
"""Bits of the quotient by 3 below those of the dividend: enough for a significand and a half."""


def fp8_scale(
    m: Module, name: str, codes: Sequence[Value], source: NumberFormat, scale: NumberFormat,
    rule: str,
) -> Signal:  # fmt: skip
    """Return the scale of a block of codes; of NaN and infinity its NaN."""
    one, lost = greatest_of(m, name, codes, source)
    dividend = Cat(Const(0, _BELOW), one.significand)
    quotient: list[Value] = []
    rest: tuple[Value, Value] = (Const(0, 1), Const(0, 1))
    for place in reversed(range(len(dividend))):
        # What is left, 0 to 2, twice, and the next bit: 0 to 5.
        bit, (single, double) = dividend[place], rest
        quotient.append(wired(m, f"{name}_third{place}", double | (single & bit)))
        nothing = ~(single | double)
        following = Cat((nothing & bit) | (double & ~bit), (single & ~bit) | (double & bit))
        left = wired(m, f"{name}_rest{place}", following)
        rest = left[0], left[1]
    magnitude = Cat(rest[0] | rest[1], *reversed(quotient))
    field = Exponent(one.exponent, 0, (1 << source.exponent_bits) - 1)
    # A bit below for the rest, and 6 = 2 x 3.
    lsb = field.plus(m, f"{name}_lsb", source.lsb - first_exponent(source) - _BELOW - 2)
    form = unsigned_form(scale)
    number = rounded_magnitude(
        m, f"{name}_scale", magnitude, Const(0, 1), lsb, form, ROUNDED[rule], form.greatest
    )
    code = Signal(8, name=f"{name}_code")
    m.d.comb += code.eq(Mux(lost, form.nan or 0, number.code))
    return code


def scaled_number(
    m: Module, one: Unpacked, of: NumberFormat, code: Value, scale: NumberFormat
) -> tuple[Unpacked, Exponent]:
    """Return an element times its block's scale, and the exponent of its lowest bit."""
    by = unpack(m, "scale", wired(m, "scale_size", code[:-1]), unsigned_form(scale))
    product = wired(m, "scaled", one.significand * by.significand)
    total = wired(m, "exponents", one.exponent + by.exponent)
    most = (1 << of.exponent_bits) + (1 << scale.exponent_bits) - 2
    base = of.lsb - first_exponent(of) + scale.lsb - first_exponent(scale)
    lsb = Exponent(total, 0, most).plus(m, "lsb", base)
    return Unpacked(one.negative, total, product, one.nan | by.nan, one.inf), lsb


def quotient_code(
    m: Module, one: Unpacked, lsb: Exponent, code: Value, scale: NumberFormat, rounding: str
) -> Signal:
    """Return the code of E2M1, without sign, of a number over its block's scale."""
    by = unpack(m, "scale", wired(m, "scale_size", code[:-1]), unsigned_form(scale))
    scale_lsb = scale.lsb - first_exponent(scale)
    turns = _turns(rounding)
    most_turn = (turns[-1] * ((2 << scale.fraction_bits) - 1)).bit_length()
    # In quarters of the scale's lowest bit, which moves the magnitude right or is beyond all.
    low = most_turn + scale_lsb - 2 - lsb.high
    high = most_turn + scale_lsb + (1 << scale.exponent_bits) - 1 - 2 - lsb.low
    distance = Signal(range(low, high + 1), name="distance")
    m.d.comb += distance.eq(by.exponent - lsb.value + (most_turn + scale_lsb - 2))
    word = Cat(Const(0, most_turn), one.significand)
    places = Signal(bits_for(len(word)), name="places")
    beyond = Signal(name="beyond")
    m.d.comb += [
        beyond.eq((distance < 0) & one.significand.any()),
        places.eq(Mux(distance < 0, 0, Mux(distance > len(word), len(word), distance))),
    ]
    quarters, lost = shifted_right(m, "quarters", word, places)
    some = by.significand.any()
    passed = []
    for index, turn in enumerate(turns):
        limit = wired(m, f"turn{index}", by.significand * turn)
        reached = quarters >= limit
        if rounding == "nearest-even" and index % 2 == 0:
            # The tie goes to the even code below.
            reached = (quarters > limit) | ((quarters == limit) & lost)
        passed.append(wired(m, f"passed{index}", (reached | beyond) & some))
    size = Signal(3, name="size")
    m.d.comb += size.eq(
        Cat(
            any_of([here & ~above for here, above in zip(passed[::2], [*passed[1::2], Const(0, 1)],
                                                         strict=True)]),
            passed[1] & ~passed[3] | passed[5],
            passed[3],
        )
    )  # fmt: skip
    return size


def _turns(rounding: str) -> tuple[int, ...]:
    """Return where a code turns to the next, in quarters."""
    if rounding == "toward-zero":
        return _QUARTERS[1:]
    return tuple((low + high) // 2 for low, high in pairwise(_QUARTERS))

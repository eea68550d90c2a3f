"""The scale of a block, from its greatest magnitude (OCP Microscaling Formats v1.0, 6.3)."""

from collections.abc import Sequence

from amaranth import Cat, Const, Module, Mux, Signal, Value

from macsmith.arith.barrel_shift import shifted_left
from macsmith.arith.leading_one import leading_one
from macsmith.arith.maximum import maximum
from macsmith.contract.number_format import NumberFormat
from macsmith.fp.number.unpack import Unpacked, first_exponent, unpack


def block_scale(
    m: Module, name: str, codes: Sequence[Value], source: NumberFormat, element: NumberFormat,
    rule: str,
) -> Signal:  # fmt: skip
    """Return the scale of a block of codes, a code of E8M0; of NaN and infinity its NaN.

    Magnitudes of floating-point codes are in order, so their greatest is that of the numbers.
    """
    one, lost = greatest_of(m, name, codes, source)
    # The leading one comes to the top: what is below it is the fraction.
    found = leading_one(m, f"{name}_leading", one.significand)
    zeros = Signal(range(source.significand_bits), name=f"{name}_zeros")
    fraction = Signal(source.fraction_bits, name=f"{name}_fraction")
    m.d.comb += zeros.eq(source.fraction_bits - Cat(found.position))
    top = shifted_left(m, f"{name}_top", one.significand, zeros, source.significand_bits)
    m.d.comb += fraction.eq(top[:-1])
    up = Signal(name=f"{name}_up")
    m.d.comb += up.eq(_one_more(fraction, element, rule))
    first = source.lsb + source.fraction_bits - first_exponent(source)
    low = first - source.fraction_bits - greatest_power(element)
    high = first + (1 << source.exponent_bits) - greatest_power(element)
    exponent = Signal(range(low, high + 1), name=f"{name}_exponent")
    code = Signal(8, name=f"{name}_code")
    m.d.comb += exponent.eq(one.exponent - zeros + up + (first - greatest_power(element)))
    clamped = Mux(exponent < -127, 0, Mux(exponent > 127, 254, exponent + 127))
    m.d.comb += code.eq(Mux(lost, 255, Mux(one.significand.any(), clamped, 0)))
    return code


def greatest_of(
    m: Module, name: str, codes: Sequence[Value], source: NumberFormat
) -> tuple[Unpacked, Signal]:
    """Return the greatest magnitude of a block, and whether it is no number."""
    sizes = [code[:-1] for code in codes]
    greatest = Signal(source.width - 1, name=f"{name}_greatest")
    m.d.comb += greatest.eq(maximum(m, f"{name}_sizes", sizes))
    lost = Signal(name=f"{name}_lost")
    m.d.comb += lost.eq(greatest > source.greatest)
    return unpack(m, f"{name}_taken", Cat(greatest, Const(0, 1)), source), lost


def greatest_power(element: NumberFormat) -> int:
    """Return the exponent of the greatest power of two in a format."""
    if element.integer:
        return element.fraction_bits - 1 - element.bias
    return (element.greatest >> element.fraction_bits) - element.bias


def _one_more(fraction: Value, element: NumberFormat, rule: str) -> Value:
    """Return whether the scale is twice what the greatest magnitude's leading one says."""
    bits = len(fraction)
    match rule:
        case "ceil":
            return fraction.any()
        case "rceil":
            return fraction > _fraction_of_greatest(element, bits)
        case "even":
            # Rounded to the element's fraction, it becomes two: all ones and a tie.
            kept = _element_fraction(element) + 1
            return fraction[bits - kept :].all() if kept <= bits else Const(0, 1)
    return Const(0, 1)


def _element_fraction(element: NumberFormat) -> int:
    """Return the fraction bits of an element in its greatest binade."""
    return element.fraction_bits - element.integer


def _fraction_of_greatest(element: NumberFormat, bits: int) -> int:
    """Return the fraction of a format's greatest number, of so many bits, cut if it is longer."""
    most = element.greatest & (1 << element.fraction_bits) - 1
    if element.integer:
        most = element.greatest
    own = _element_fraction(element)
    fraction = most & (1 << own) - 1
    return fraction << bits - own if bits >= own else fraction >> own - bits

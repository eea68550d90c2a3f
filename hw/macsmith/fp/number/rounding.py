"""A sum in two's complement, normalised, rounded to a format and packed."""

from dataclasses import dataclass

from amaranth import Cat, Const, Module, Mux, Signal, Value

from macsmith.arith.barrel_shift import shifted_left, shifted_right
from macsmith.arith.conditional_negate import negated
from macsmith.arith.leading_one import leading_one
from macsmith.contract.number_format import NumberFormat
from macsmith.fp.number.exponent import Exponent, bits_for


@dataclass(frozen=True)
class Rounded:
    """A rounded sum.

    Members
    -------
    negative
        Whether the sum is less than zero.
    zero
        Whether it is zero.
    code
        Its code without sign; beyond the greatest number what the format has for that.
    over
        Whether it is beyond.
    """

    negative: Value
    zero: Value
    code: Value
    over: Value


def rounded(
    m: Module, name: str, total: Value, lsb: Exponent, fmt: NumberFormat, rounding: str
) -> Rounded:
    """Return a sum as a number of a format.

    Parameters
    ----------
    total, lsb:
        The sum, in two's complement but never the least number, and the exponent of its lowest bit.
    """
    magnitude = negated(m, f"{name}_magnitude", total[:-1], total[-1])
    return rounded_magnitude(m, name, magnitude, total[-1], lsb, fmt, rounding, overflow(fmt))


def rounded_magnitude(
    m: Module, name: str, magnitude: Value, negative: Value, lsb: Exponent, fmt: NumberFormat,
    rounding: str, beyond: int,
) -> Rounded:  # fmt: skip
    """Return a magnitude with a sign as a number of a format.

    The leading one comes to the top of a word of ``2^k`` bits, or as near as the least binade
    allows. Its upper bits are the significand, the rest says how to round; a carry out of the
    significand goes into the exponent by itself.

    Parameters
    ----------
    lsb:
        The exponent of the magnitude's lowest bit.
    beyond:
        The code of what is greater than all numbers.
    """
    width = 1 << bits_for(max(len(magnitude), fmt.fraction_bits + 3) - 1)
    filled = Signal(width, name=f"{name}_filled")
    m.d.comb += filled.eq(Cat(Const(0, width - len(magnitude)), magnitude))
    # How far the top place is above the first binade of the format.
    first = fmt.lsb + fmt.fraction_bits
    room = lsb.plus(m, f"{name}_room", len(magnitude) - 1 - first)
    filled, lost, room = _not_below(m, name, filled, room)
    found = leading_one(m, f"{name}_leading", filled)
    zeros = Signal(len(found.position), name=f"{name}_zeros")
    shift = Signal(len(found.position), name=f"{name}_shift")
    binade = Signal(bits_for(room.high), name=f"{name}_binade")
    limited = room.value < zeros if room.low < width - 1 else Const(0, 1)
    m.d.comb += [
        zeros.eq(~Cat(found.position)),
        shift.eq(Mux(limited, room.value, zeros)),
        binade.eq(Mux(limited | ~found.any, 0, room.value - zeros)),
    ]
    top = shifted_left(m, f"{name}_top", filled, shift, width)
    code, over = _rounded_code(m, name, top, lost, binade, fmt, rounding, beyond)
    return Rounded(negative, ~magnitude.any(), code, over)


def _not_below(
    m: Module, name: str, word: Signal, room: Exponent
) -> tuple[Signal, Value, Exponent]:
    """Return a word moved down until its top place is in the first binade, and what it lost."""
    if room.low >= 0:
        return word, Const(0, 1), room
    most = min(-room.low, len(word))
    places = Signal(bits_for(most), name=f"{name}_below")
    m.d.comb += places.eq(Mux(room.value >= 0, 0, Mux(room.value < -most, most, -room.value)))
    moved, lost = shifted_right(m, f"{name}_lowered", word, places)
    least = Signal(bits_for(max(room.high, 0)), name=f"{name}_room_left")
    m.d.comb += least.eq(Mux(room.value < 0, 0, room.value))
    return moved, lost, Exponent(least, 0, max(room.high, 0))


def _rounded_code(
    m: Module, name: str, top: Value, lost: Value, binade: Value,
    fmt: NumberFormat, rounding: str, beyond: int,
) -> tuple[Signal, Signal]:  # fmt: skip
    """Return the code of a significand at the top of a word, in a binade above the first.

    And whether it is beyond the greatest number.
    """
    cut = len(top) - fmt.significand_bits
    fraction, hidden = top[cut:-1], top[-1]
    half = top[cut - 1]
    below = Signal(name=f"{name}_sticky")
    up = Signal(name=f"{name}_up")
    exact = Signal(max(len(binade), fmt.exponent_bits) + 1 + fmt.fraction_bits, name=f"{name}_cut")
    code = Signal(len(exact), name=f"{name}_rounded")
    m.d.comb += [
        below.eq(top[: cut - 1].any() | lost),
        up.eq(
            {
                "nearest-even": half & (below | top[cut]),
                "ties-away": half,
                "toward-zero": Const(0, 1),
                "away-from-zero": half | below,
            }[rounding]
        ),
    ]
    gradual = fmt.subnormal or fmt.integer
    if gradual:
        # The leading one counts as the first step of the exponent.
        m.d.comb += exact.eq(Cat(fraction, binade) + (hidden << fmt.fraction_bits))
    else:
        m.d.comb += exact.eq(Cat(fraction, binade))
    m.d.comb += code.eq(exact + up)
    packed = Signal(fmt.exponent_bits + fmt.fraction_bits, name=f"{name}_code")
    over = Signal(name=f"{name}_over")
    m.d.comb += over.eq(code > fmt.greatest)
    kept = Mux(over, fmt.greatest if rounding == "toward-zero" else beyond, code)
    if not gradual:
        # Below the first binade there is nothing but zero, which a carry reaches at most.
        kept = Mux(hidden, kept, 0)
    m.d.comb += packed.eq(kept)
    return packed, over


def overflow(fmt: NumberFormat) -> int:
    """Return the code of what is greater than all numbers, without sign."""
    if fmt.saturates:
        return fmt.greatest
    code = fmt.infinity if fmt.infinity is not None else fmt.nan
    return fmt.greatest if code is None else code

"""The argument of a function: a number taken apart, with its leading one at the top."""

from dataclasses import dataclass

from amaranth import Cat, Module, Signal, Value

from macsmith.arith.barrel_shift import shifted_left
from macsmith.arith.leading_one import leading_one
from macsmith.contract.number_format import NumberFormat
from macsmith.fp.number.exponent import Exponent
from macsmith.fp.number.unpack import first_exponent, unpack


@dataclass(frozen=True)
class Argument:
    """A number, ``(-1)^negative * 2^exponent * (1 + fraction / 2^M)``.

    Members
    -------
    exponent, fraction
        Nothing where it is zero, NaN or infinite.
    zero
        Whether it is zero, or flushed to that.
    """

    negative: Value
    exponent: Exponent
    fraction: Value
    zero: Value
    nan: Value
    inf: Value


def argument(m: Module, name: str, code: Value, fmt: NumberFormat, subnormals: bool) -> Argument:
    """Return the number of a code; subnormal numbers are moved up, or are zero."""
    one = unpack(m, name, code, fmt)
    bits, first = fmt.fraction_bits, first_exponent(fmt)
    offset = fmt.lsb - first + bits
    most = (1 << fmt.exponent_bits) - 1 + offset
    if not (subnormals and fmt.subnormal):
        exponent = Signal(range(first + offset, most + 1), name=f"{name}_power")
        m.d.comb += exponent.eq(one.exponent + offset)
        zero = ~one.significand[-1]
        found = Exponent(exponent, first + offset, most)
        return Argument(one.negative, found, one.significand[:-1], zero, one.nan, one.inf)
    least = first + offset - bits
    leading = leading_one(m, f"{name}_leading", one.significand)
    zeros = Signal(range(bits + 1), name=f"{name}_zeros")
    exponent = Signal(range(least, most + 1), name=f"{name}_power")
    m.d.comb += [
        zeros.eq(bits - Cat(leading.position)),
        exponent.eq(one.exponent - zeros + offset),
    ]
    moved = shifted_left(m, f"{name}_moved", one.significand, zeros, bits + 1)
    found = Exponent(exponent, least, most)
    return Argument(one.negative, found, moved[:-1], ~leading.any, one.nan, one.inf)

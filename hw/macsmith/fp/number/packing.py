"""A rounded sum as a code: its sign, and what stands for NaN and infinity."""

from amaranth import Cat, Const, Module, Mux, Signal, Value

from macsmith.contract.number_format import NumberFormat
from macsmith.fp.number.rounding import Rounded, overflow
from macsmith.fp.number.specials import Specials


def packed(
    m: Module, name: str, fmt: NumberFormat, nan_code: int, number: Rounded, specials: Specials,
    negative_zero: Value,
) -> Signal:  # fmt: skip
    """Return the code of a sum.

    Parameters
    ----------
    nan_code:
        Of NaN, without sign.
    negative_zero:
        The sign of a sum that is zero.
    """
    code = Signal(fmt.width, name=name)
    bits = fmt.width - 1
    sign = Mux(number.zero, negative_zero, number.negative)
    finite = Cat(number.code, sign)
    infinite = Cat(Const(overflow(fmt), bits), ~specials.above)
    undefined = Const(nan_code, bits + 1)
    m.d.comb += code.eq(
        Mux(specials.undefined, undefined, Mux(specials.infinite, infinite, finite))
    )
    return code

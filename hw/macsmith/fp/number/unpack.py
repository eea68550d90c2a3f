"""A code taken apart: sign, exponent, significand, and whether it is no number."""

from collections.abc import Sequence
from dataclasses import dataclass

from amaranth import Cat, Const, Module, Value

from macsmith.arith.conditional_negate import negated
from macsmith.arith.onehot_mux import Bit, select
from macsmith.contract.number_format import NumberFormat
from macsmith.rtl.named_signal import wired


@dataclass(frozen=True)
class Unpacked:
    """A number taken apart, ``(-1)^negative * significand * 2^(exponent + lsb - first)``.

    Members
    -------
    negative
        Its sign.
    exponent
        The exponent field, but 1 for a subnormal number; nothing for an integer. The least is
        ``first``, see `first_exponent`.
    significand
        With the leading one; the magnitude of an integer.
    nan, inf
        Whether it is no number; its significand then means nothing.
    """

    negative: Value
    exponent: Value
    significand: Value
    nan: Value
    inf: Value

    def bits(self) -> list[Bit]:
        """Return all but the exponent and the significand, as bits to choose from."""
        return [self.negative, self.nan, self.inf]


def first_exponent(fmt: NumberFormat) -> int:
    """Return the least exponent of `Unpacked`: 1 where the first binade is subnormal."""
    return int(fmt.subnormal)


def unpack(m: Module, name: str, code: Value, fmt: NumberFormat) -> Unpacked:
    """Return the number of a code; the sign of a format without one is not looked at."""
    zero = Const(0, 1)
    if fmt.integer:
        negative = code[-1]
        return Unpacked(negative, Const(0, 0), negated(m, name, code, negative), zero, zero)
    fraction = code[: fmt.fraction_bits]
    field = code[fmt.fraction_bits : fmt.fraction_bits + fmt.exponent_bits]
    magnitude = code[: fmt.fraction_bits + fmt.exponent_bits]
    some = wired(m, f"{name}_above", field.any())
    hidden: Value
    exponent: Value
    if fmt.first == "subnormal":
        hidden, exponent = some, Cat(field[0] | ~some, field[1:])
    elif fmt.first == "normal":
        hidden, exponent = some | fraction.any(), field
    else:
        hidden, exponent = Const(1, 1), field
    negative = code[-1] if fmt.signed else zero
    nan: Value = zero
    inf: Value = zero
    if fmt.top == "ieee":
        top = wired(m, f"{name}_top", field.all())
        nan, inf = top & fraction.any(), top & ~fraction.any()
    elif fmt.top == "nan":
        nan = magnitude.all()
    elif fmt.top == "inf":
        inf = magnitude.all()
    if fmt.negative_zero == "nan":
        nan = nan | (negative & ~magnitude.any())
    return Unpacked(
        wired(m, f"{name}_negative", negative),
        wired(m, f"{name}_exponent", exponent),
        wired(m, f"{name}_significand", Cat(fraction, hidden)),
        wired(m, f"{name}_nan", nan),
        wired(m, f"{name}_inf", inf),
    )


def chosen(m: Module, name: str, lines: Sequence[Value], choices: Sequence[Sequence[Bit]]) -> Value:
    """Return the word whose line is up; shorter ones are filled up with zeros."""
    width = max(map(len, choices))
    filled = [[*choice, *[0] * (width - len(choice))] for choice in choices]
    return wired(m, name, select(lines, filled)) if width else Const(0, 0)

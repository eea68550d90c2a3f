"""A code taken apart: sign, exponent, significand, and whether it is no number."""

from collections.abc import Sequence
from dataclasses import dataclass

from amaranth import Cat, Const, Module, Mux, Signal, Value, signed

from macsmith.arith.conditional_negate import negated
from macsmith.arith.onehot_mux import Bit, select
from macsmith.contract.number_format import NumberFormat
from macsmith.fp.number.exponent import Exponent
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

    @property
    def specials(self) -> dict[str, Value]:
        """Whether it is NaN, or an infinity of a sign, by the names of `specials.Specials`."""
        above, below = self.inf & ~self.negative, self.inf & self.negative
        return {"nan": self.nan, "above": above, "below": below}

    def as_sum(self, m: Module, name: str, fmt: NumberFormat) -> tuple[Signal, Exponent]:
        """Return the number in two's complement, and the exponent of its lowest bit."""
        total = Signal(signed(len(self.significand) + 1), name=f"{name}_total")
        m.d.comb += total.eq(Mux(self.negative, -self.significand, self.significand))
        field = Exponent(self.exponent, 0, (1 << fmt.exponent_bits) - 1)
        return total, field.plus(m, f"{name}_lsb", fmt.lsb - first_exponent(fmt))


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

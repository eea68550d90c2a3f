"""The result of a function as a code: significand and exponent, or what stands for no number."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from amaranth import Cat, Const, Module, Mux, Signal, Value

from macsmith.arith.barrel_shift import shifted_right
from macsmith.fp.number.exponent import Exponent, bits_for
from macsmith.functions.spec import FunctionSpec


def code_of(
    m: Module, name: str, spec: FunctionSpec, significand: Value, exponent: Exponent
) -> Signal:
    """Return the code, without sign, of ``significand * 2^(exponent - M)``.

    The significand has its leading one at bit M, or is ``2^(M + 1)``, which carries into the
    exponent. Below the first binade it is moved down and rounded to nearest, ties to even.
    """
    fmt = spec.fmt
    bits, first = fmt.fraction_bits, fmt.lsb + fmt.fraction_bits
    low, high = exponent.low - first, exponent.high - first
    # Where the first binade is subnormal the leading one is the first step of the exponent.
    down = int(not fmt.subnormal)
    binade = Signal(range(low - down, high + 1), name=f"{name}_binade")
    m.d.comb += binade.eq(exponent.value - first - down)
    upper_bits = max(bits_for(max(high, 0) + 3), bits_for(abs(low) + 3), fmt.exponent_bits) + 1
    upper = Signal(upper_bits, name=f"{name}_upper")
    sized = Signal(bits + upper_bits, name=f"{name}_sized")
    m.d.comb += [
        upper.eq(binade + significand[bits:]),
        sized.eq(Cat(significand[:bits], upper)),
    ]
    below: Value = Const(0, 1)
    if low < 0:
        below = Signal(name=f"{name}_below")
        none = ~sized[bits:].any() if fmt.subnormal else Const(0, 1)
        m.d.comb += below.eq(sized[-1] | none)
    over = Signal(name=f"{name}_over")
    code = Signal(fmt.width - 1, name=f"{name}_size")
    m.d.comb += over.eq((sized > fmt.greatest) & ~below)
    small: Value = Const(0, 1)
    if low < 0 and spec.keeps_subnormals:
        small = _subnormal(m, name, significand, exponent, first, bits)
    m.d.comb += code.eq(Mux(below, small, Mux(over, spec.beyond, sized)))
    return code


def _subnormal(
    m: Module, name: str, significand: Value, exponent: Exponent, first: int, bits: int
) -> Signal:
    """Return a significand moved down to the first binade, rounded to nearest even."""
    most = bits + 2
    places = Signal(range(most + 1), name=f"{name}_places")
    m.d.comb += places.eq(
        Mux(exponent.value >= first, 0, Mux(exponent.value < first - most, most,
                                            first - exponent.value))
    )  # fmt: skip
    moved, lost = shifted_right(m, f"{name}_down", Cat(Const(0, 1), significand), places)
    small = Signal(bits + 1, name=f"{name}_small")
    m.d.comb += small.eq(moved[1:] + (moved[0] & (lost | moved[1])))
    return small


def gradual(spec: FunctionSpec, code: Value) -> Value:
    """Return a rounded code without sign, or zero if it is subnormal and does not count."""
    if spec.fmt.subnormal and not spec.keeps_subnormals:
        return Mux(code >> spec.fmt.fraction_bits == 0, 0, code)
    return code


@dataclass(frozen=True)
class Special:
    """What an argument makes of a result, whatever the polynomial gives; the first that holds.

    Members
    -------
    invalid
        There is none: the argument is outside of what the function is defined for.
    nan
        The argument was none.
    infinite, zero
        The result is an infinity, or what stands for it, or zero.
    negative
        Its sign.
    pole
        The infinity is a pole of the function.
    """

    invalid: Value
    nan: Value
    infinite: Value
    zero: Value
    negative: Value
    pole: Value = field(default_factory=lambda: Const(0, 1))

    @property
    def flags(self) -> dict[str, Value]:
        """What stages must hold of it: constants are no part of that."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: flag for name, flag in found.items() if not isinstance(flag, Const)}

    def held(self, values: Mapping[str, Value]) -> "Special":
        """Return the same as a stage holds it."""
        return replace(self, **{name: values[name] for name in self.flags})


def packed(
    m: Module, name: str, spec: FunctionSpec, size: Value, special: Special
) -> tuple[Signal, Value]:
    """Return the code of a result, and whether the function has none."""
    fmt = spec.fmt
    bits = fmt.width - 1
    code = Signal(fmt.width, name=f"{name}_code")
    chosen = Signal(bits, name=f"{name}_chosen")
    nan = Const(fmt.nan or 0, fmt.width)
    m.d.comb += [
        chosen.eq(Mux(special.infinite, spec.beyond, Mux(special.zero, 0, size))),
        code.eq(
            Mux(special.invalid, Const(spec.nowhere, fmt.width),
                Mux(special.nan, nan, Cat(chosen, special.negative)))
        ),
    ]  # fmt: skip
    return code, special.invalid | special.pole

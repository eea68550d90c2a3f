"""Weights taken apart: from two's complement by a leading-one detector, or from their code.

    float        sign | exponent E | fraction F        p = 2^(L-1) [E > 0] + F,  k = max(E, 1) - 1
    magnitude    sign | magnitude

A weight with its leading one at place ``L - 1 + k`` has exponent ``k + 1``, and one below that has
exponent 0 and no leading one in its pattern, like the subnormals of IEEE 754.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from amaranth import Cat, Const, Module, Signal, Value

from macsmith.arith.conditional_negate import negated
from macsmith.arith.leading_one import leading_one
from macsmith.arith.onehot_mux import any_of, equals, select
from macsmith.arith.onehot_shift import moved
from macsmith.mac.ebsp.spec import EbspSpec
from macsmith.rtl.named_signal import wired


@dataclass(frozen=True)
class Window:
    """A number taken apart, ``(-1)^negative * pattern * 2^k``.

    Members
    -------
    negative:
        Its sign.
    pattern:
        The bits of its window; zero for a zero.
    shift:
        One line for each place k of the window, one of them up.
    """

    negative: Value
    pattern: Value
    shift: tuple[Value, ...]

    def placed(self, m: Module, name: str, word: Value) -> Signal:
        """Return ``word * 2^k``."""
        return moved(m, name, word, self.shift)

    def whole(self, m: Module, name: str) -> "Window":
        """Return the same number as a window of all places: its pattern is the magnitude."""
        return Window(self.negative, self.placed(m, name, self.pattern), (Const(1, 1),))


def window_of(m: Module, name: str, magnitude: Value, negative: Value, pattern: int) -> Window:
    """Return the window of a magnitude: ``pattern`` bits from its leading one down."""
    found = leading_one(m, f"{name}_lod", magnitude[pattern - 1 :])
    lines = Signal(len(found.lines), name=f"{name}_shift")
    # Without a leading one the window is the lowest.
    m.d.comb += lines.eq(Cat(~any_of(found.lines[1:]), *found.lines[1:]))
    words = [list(magnitude[place : place + pattern - 1]) for place in range(len(lines))]
    bits = Signal(pattern, name=f"{name}_pattern")
    m.d.comb += bits.eq(Cat(select(list(lines), words), found.any))
    return Window(negative, bits, tuple(lines))


def steered(m: Module, name: str, weight: Value, spec: EbspSpec) -> Window:
    """Return the window of a weight in two's complement."""
    sign = weight[-1]
    magnitude = negated(m, f"{name}_magnitude", weight[:-1], sign)
    window = window_of(m, name, magnitude, sign, spec.pattern)
    return window.whole(m, f"{name}_kept") if spec.code == "magnitude" else window


def encoded(window: Window, spec: EbspSpec) -> Value:
    """Return the code of a weight."""
    if spec.code == "magnitude":
        return Cat(window.pattern, window.negative)
    hidden = window.pattern[-1]
    exponents = range(1, len(window.shift) + 1)
    exponent = [
        any_of(
            [
                line & hidden if number == 1 else line
                for number, line in zip(exponents, window.shift, strict=True)
                if number >> bit & 1
            ]
        )
        for bit in range(len(window.shift).bit_length())
    ]
    return Cat(window.pattern[:-1], *exponent, window.negative)


def kept(m: Module, weights: Sequence[Value], spec: EbspSpec) -> list[Value]:
    """Return what registers hold of weights: codes, if they are made on the way in."""
    if spec.steering != "load":
        return list(weights)
    return [
        encoded(steered(m, f"weight{index}", wired(m, f"weight{index}", weight), spec), spec)
        for index, weight in enumerate(weights)
    ]


def decoded(m: Module, name: str, code: Value, spec: EbspSpec) -> Window:
    """Return the window of a code; an exponent beyond the last place reads as 1."""
    if spec.code == "magnitude":
        return Window(code[-1], code[:-1], (Const(1, 1),))
    fraction = spec.pattern - 1
    exponent = code[fraction:-1]
    pattern = Signal(spec.pattern, name=f"{name}_pattern")
    lines = Signal(spec.shifts, name=f"{name}_shift")
    upper = [equals(exponent, number) for number in range(2, spec.shifts + 1)]
    m.d.comb += [
        pattern.eq(Cat(code[:fraction], exponent.any())),
        lines.eq(Cat(~any_of(upper), *upper)),
    ]
    return Window(code[-1], pattern, tuple(lines))

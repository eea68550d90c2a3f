"""Codes of ternary numbers as two lines each: whether it is 1, whether it is -1."""

from collections.abc import Sequence
from dataclasses import dataclass

from amaranth import Module, Mux, Signal, Value

from macsmith.rtl.named_signal import wired

TRITS = 5
"""Ternary numbers of a byte."""


@dataclass(frozen=True)
class Trit:
    """A ternary number, 0 if neither line is up."""

    plus: Value
    minus: Value


def of_two_bits(m: Module, name: str, codes: Sequence[Value]) -> tuple[list[Trit], list[Value]]:
    """Return the numbers of codes of two bits, and whether each code means nothing."""
    trits: list[Trit] = []
    wrong: list[Value] = []
    for at, code in enumerate(codes):
        plus = wired(m, f"{name}{at}_plus", code[0] & ~code[1])
        minus = wired(m, f"{name}{at}_minus", code[0] & code[1])
        trits.append(Trit(plus, minus))
        wrong.append(code[1] & ~code[0])
    return trits, wrong


def of_bytes(m: Module, name: str, codes: Sequence[Value]) -> tuple[list[Trit], list[Value]]:
    """Return the numbers of bytes, five each, and whether each byte means nothing.

    The digits come from the top: what is left is compared with 3^i and its double, and the greater
    of them that fits is taken away.
    """
    trits: list[Trit] = []
    wrong: list[Value] = []
    for at, code in enumerate(codes):
        beyond = wired(m, f"{name}{at}_beyond", code >= 3**TRITS)
        rest: Value = code
        digits = []
        for place in reversed(range(TRITS)):
            unit = 3**place
            two = wired(m, f"{name}{at}_two{place}", rest >= 2 * unit)
            some = wired(m, f"{name}{at}_some{place}", rest >= unit)
            digits.append(
                Trit(
                    wired(m, f"{name}{at}_plus{place}", two & ~beyond),
                    wired(m, f"{name}{at}_minus{place}", ~some & ~beyond),
                )
            )
            if place:
                left = Signal(range(unit), name=f"{name}{at}_rest{place}")
                m.d.comb += left.eq(rest - Mux(two, 2 * unit, Mux(some, unit, 0)))
                rest = left
        trits += reversed(digits)
        wrong.append(beyond)
    return trits, wrong

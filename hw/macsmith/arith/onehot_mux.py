"""Selection by an index, written as AND and OR of the choices.

Plain assignments only: a ``case`` over a register that still has its initial value is not evaluated
by every Verilog simulator before that register changes.
"""

from collections.abc import Sequence
from functools import reduce
from operator import and_, or_

from amaranth import Cat, Const, Module, Signal, Value

Bit = Value | int
"""A bit of a choice; equal objects are the same wire, 0 and 1 are constants."""


def decode(m: Module, index: Value, count: int, name: str) -> list[Value]:
    """Return one line for each of ``count`` choices; an index past the last selects choice 0."""
    lines = Signal(count, name=name)
    others = [equals(index, choice) for choice in range(1, count)]
    m.d.comb += lines.eq(Cat(~any_of(others), *others))
    return list(lines)


def equals(word: Value, number: int) -> Value:
    """Return whether a word is a number, an AND of its bits."""
    return reduce(and_, (bit if number >> place & 1 else ~bit for place, bit in enumerate(word)))


def select(lines: Sequence[Value], choices: Sequence[Sequence[Bit]]) -> Value:
    """Return the choice whose line is up, bit by bit.

    A bit that is the same in all choices costs nothing, one that is zero in some an AND.
    """
    return Cat(_selected(lines, bits) for bits in zip(*choices, strict=True))


def _selected(lines: Sequence[Value], bits: Sequence[Bit]) -> Value:
    sources: dict[int, tuple[Bit, list[Value]]] = {}
    for line, bit in zip(lines, bits, strict=True):
        key = bit if isinstance(bit, int) else id(bit)
        sources.setdefault(key, (bit, []))[1].append(line)
    terms = []
    for bit, chosen in sources.values():
        if len(chosen) == len(lines):
            return Const(bit, 1) if isinstance(bit, int) else bit
        if not isinstance(bit, int):
            terms.append(any_of(chosen) & bit)
        elif bit:
            terms.append(any_of(chosen))
    return any_of(terms)


def any_of(bits: Sequence[Value]) -> Value:
    """Return the OR of some bits, zero if there are none."""
    return reduce(or_, bits) if bits else Const(0, 1)

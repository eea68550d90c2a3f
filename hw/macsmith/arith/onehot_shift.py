"""Words moved to one of several places, by one line for each place."""

from collections.abc import Sequence

from amaranth import Const, Module, Shape, Signal, Value


def moved(m: Module, name: str, word: Value, lines: Sequence[Value], step: int = 1) -> Signal:
    """Return ``word * 2^(k step)`` for the line k that is up, or zero if none is.

    At most one line is up.
    """
    top = (len(lines) - 1) * step
    total = Signal(Shape(len(word) + top, word.shape().signed), name=name)
    terms: Value = Const(0, 1)
    for k, line in enumerate(lines):
        place = Signal(len(total), name=f"{name}_{k * step}")
        m.d.comb += place.eq(word << k * step)
        term = place & line.replicate(len(total))
        terms = terms | term if k else term
    m.d.comb += total.eq(terms)
    return total

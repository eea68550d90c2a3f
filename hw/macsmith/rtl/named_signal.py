"""Expressions as signals."""

from amaranth import Module, Signal, Value


def wired(m: Module, name: str, word: Value) -> Signal:
    """Return a word as a signal: a slice of an expression would hold all of it once more."""
    signal = Signal(word.shape(), name=name)
    m.d.comb += signal.eq(word)
    return signal


def number(m: Module, name: str, word: Value, is_signed: bool) -> Signal:
    """Return the same of a word that is in two's complement, or is not."""
    return wired(m, name, word.as_signed() if is_signed else word)

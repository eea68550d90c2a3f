"""Expressions as signals."""

from amaranth import Module, Signal, Value


def wired(m: Module, name: str, word: Value) -> Signal:
    """Return a word as a signal: a slice of an expression would hold all of it once more."""
    signal = Signal(word.shape(), name=name)
    m.d.comb += signal.eq(word)
    return signal

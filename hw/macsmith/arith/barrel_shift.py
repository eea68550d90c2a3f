"""Words moved by a binary number of places: a row of multiplexers for each of its bits."""

from amaranth import Cat, Const, Module, Mux, Signal, Value


def shifted_left(m: Module, name: str, word: Value, amount: Value, width: int) -> Signal:
    """Return ``word * 2^amount`` modulo ``2^width``; the lowest bit of the amount comes first."""
    for stage, bit in enumerate(amount):
        step = 1 << stage
        grown = Signal(min(width, len(word) + step), name=f"{name}_by{step}")
        m.d.comb += grown.eq(Mux(bit, Cat(Const(0, step), word), word))
        word = grown
    moved = Signal(width, name=name)
    m.d.comb += moved.eq(word)
    return moved


def shifted_right(m: Module, name: str, word: Value, amount: Value) -> tuple[Signal, Signal]:
    """Return ``word / 2^amount`` without its fraction, and whether the fraction is not zero."""
    width = len(word)
    dropped: Value = Const(0, 1)
    for stage, bit in enumerate(amount):
        step = min(1 << stage, width)
        kept = Signal(width, name=f"{name}_by{1 << stage}")
        lost = Signal(name=f"{name}_lost{1 << stage}")
        m.d.comb += [
            kept.eq(Mux(bit, word[step:], word)),
            lost.eq(dropped | (bit & word[:step].any())),
        ]
        word, dropped = kept, lost
    moved, some = Signal(width, name=name), Signal(name=f"{name}_lost")
    m.d.comb += [moved.eq(word), some.eq(dropped)]
    return moved, some

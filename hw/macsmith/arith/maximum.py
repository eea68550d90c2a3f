"""The greatest of some numbers, by a tree of comparisons."""

from collections.abc import Sequence

from amaranth import Module, Mux, Signal, Value


def maximum(m: Module, name: str, numbers: Sequence[Value]) -> Value:
    """Return the greatest of unsigned numbers: one comparison less than there are."""
    level = 0
    while len(numbers) > 1:
        pairs = [numbers[at : at + 2] for at in range(0, len(numbers), 2)]
        numbers = [
            _greater(m, f"{name}_{level}_{at}", *pair) if len(pair) == 2 else pair[0]
            for at, pair in enumerate(pairs)
        ]
        level += 1
    return numbers[0]


def _greater(m: Module, name: str, one: Value, other: Value) -> Signal:
    width = max(len(one), len(other))
    greater = Signal(width, name=name)
    wins = Signal(name=f"{name}_wins")
    m.d.comb += [wins.eq(one > other), greater.eq(Mux(wins, one, other))]
    return greater

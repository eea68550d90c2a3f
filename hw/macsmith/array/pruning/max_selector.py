"""The largest of some operands: a tournament of magnitudes, as activation pruning repeats it."""

from collections.abc import Sequence

from amaranth import Cat, Module, Mux, Signal, Value

from macsmith.arith.onehot_mux import select

Player = tuple[Value, list[Value]]
"""A magnitude below its flag of taking part, and a line for each operand it may stand for."""


def magnitudes(m: Module, values: Sequence[Value], signed: bool, name: str) -> list[Value]:
    """Return the magnitudes of operands, as wide as these: that of the least is a power of two."""
    if not signed:
        return list(values)
    found: list[Value] = []
    for at, value in enumerate(values):
        magnitude = Signal(len(value), name=f"{name}_{at}")
        m.d.comb += magnitude.eq(Mux(value[-1], -value, value))
        found.append(magnitude)
    return found


def largest(m: Module, name: str, sizes: Sequence[Value], free: Sequence[Value]) -> list[Value]:
    """Return one line for each operand: that of the largest magnitude among the free ones is up.

    Of equal magnitudes the lowest place wins. No line is up if none is free. ``len(sizes) - 1``
    comparators in ``log2 len(sizes)`` levels.

        place       0  1  2  3        sizes  7  9  9  2    free  1  1  1  0
        winners     0: 1 over 0       then 1 over 2, as it is lower: line 1
    """
    players: list[Player] = [(Cat(size, one), [one]) for size, one in zip(sizes, free, strict=True)]
    level = 0
    while len(players) > 1:
        pairs = zip(players[::2], players[1::2], strict=True)
        players = [
            _winner(m, f"{name}_{level}_{number}", low, high)
            for number, (low, high) in enumerate(pairs)
        ]
        level += 1
    return players[0][1]


def chosen(m: Module, name: str, lines: Sequence[Value], values: Sequence[Value]) -> Signal:
    """Return the value whose line is up, zero if there is none."""
    value = Signal(len(values[0]), name=name)
    m.d.comb += value.eq(select(lines, [list(one) for one in values]))
    return value


def place(m: Module, name: str, lines: Sequence[Value]) -> Signal:
    """Return which line is up, 0 if there is none."""
    number = Signal(range(len(lines)), name=name)
    bits = [[line >> bit & 1 for bit in range(len(number))] for line in range(len(lines))]
    m.d.comb += number.eq(select(lines, bits))
    return number


def _winner(m: Module, name: str, low: Player, high: Player) -> Player:
    """Return the larger of two, the lower one if they are equal."""
    wins = Signal(name=f"{name}_wins")
    key = Signal(len(low[0]), name=f"{name}_key")
    lines = Signal(2 * len(low[1]), name=f"{name}_lines")
    m.d.comb += [
        wins.eq(high[0] > low[0]),
        key.eq(Mux(wins, high[0], low[0])),
        lines.eq(
            Cat(Cat(low[1]) & ~wins.replicate(len(low[1])),
                Cat(high[1]) & wins.replicate(len(high[1])))
        ),
    ]  # fmt: skip
    return key, list(lines)

"""How words move between natural order and a core: each mode has its own routes."""

from collections.abc import Callable, Iterable, Sequence

from amaranth import Value

from macsmith.arith.onehot_mux import Bit, select
from macsmith.contract.bit_routes import Source
from macsmith.contract.modes import Mode


def routed(
    lines: Sequence[Value],
    word: Value,
    modes: Iterable[Mode],
    source: Callable[[Mode], Sequence[Source]],
) -> Value:
    """Return the bits of ``word`` that the mode asks for, a zero where it asks for none.

    ``lines`` tell which mode is up, one line for each.
    """
    sources = [tuple(source(mode)) for mode in modes]
    if all(one == tuple(range(len(word))) for one in sources):
        return word
    bits = list(word)
    choices: list[list[Bit]] = [
        [0 if place is None else bits[place] for place in one] for one in sources
    ]
    return select(lines, choices)


def members(
    lines: Sequence[Value], modes: Iterable[Mode], sets: Iterable[frozenset[Mode]]
) -> Value:
    """Return a bit for each set of modes: whether the mode that is up is in it."""
    sets = list(sets)
    return select(lines, [[int(mode in one) for one in sets] for mode in modes])

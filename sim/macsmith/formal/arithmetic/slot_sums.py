"""What the next value of an accumulator is the sum of, and whether that is a sum of products."""

from collections.abc import Iterable, Mapping, Sequence

from macsmith.formal.claim import EXHAUSTIVE, PROVED
from macsmith.formal.network.bit_network import FALSE, TRUE, VARIABLE, Network, Word
from macsmith.formal.network.cuts import copied, cut_at, free_bits
from macsmith.formal.network.linear_sums import (
    AdderCell,
    LinearSum,
    Polynomial,
    added,
    first_case,
    is_sum,
    probed,
)

MOST_ENUMERATED = 22
"""Operand bits of which all values are tried."""


def summands(
    network: Network,
    word: Word,
    cells: Sequence[AdderCell],
    decided: Iterable[int],
    stands_for: Mapping[int, int],
) -> LinearSum | None:
    """Return what a word is the sum of, down to the inputs of adder cells; None if it is no sum.

    Parameters
    ----------
    cells:
        Adder cells that are known to add.
    decided:
        Places of the bits that the operands alone decide.
    stands_for:
        What free bits stand for, by their places.
    """
    for places in _frontiers(network, word, cells, set(decided)):
        cuts: dict[int, int] = {}
        cut = cut_at(network, word, places, cuts)
        sum_ = probed(network, cut)
        if is_sum(network, cut, sum_):
            resolved = LinearSum(len(word))
            resolved.add(TRUE, sum_.constant)
            known = {**stands_for, **cuts}
            for place, weight in sum_.weights.items():
                resolved.add(known.get(place, 2 * place), weight)
            resolved.rewrite(cells)
            return resolved
    return None


def _frontiers(
    network: Network, word: Word, cells: Sequence[AdderCell], decided: set[int]
) -> Iterable[set[int]]:
    """Yield where to look for the bits of a sum.

    At registers; at the outputs of adder cells too; at whatever the operands alone decide.
    """
    yield set()
    adders = {one >> 1 for cell in cells for one in (cell.total, *cell.carries)} - {0}
    yield adders
    alone = set[int]()
    for place in network.cone(word):
        if network.kinds[place] == VARIABLE:
            if place in decided:
                alone.add(place)
        elif all(literal >> 1 in alone for literal in network.inputs[place]):
            alone.add(place)
    yield adders | {place for place in alone if network.kinds[place] != VARIABLE}


def without(sum_: LinearSum, places: Iterable[int]) -> LinearSum:
    """Return a sum without the bits at some places."""
    rest, dropped = LinearSum(sum_.modulus.bit_length() - 1), set(places)
    rest.add(TRUE, sum_.constant)
    for place, weight in sum_.weights.items():
        if place not in dropped:
            rest.add(2 * place, weight)
    return rest


def product_verdict(
    network: Network,
    sum_: LinearSum,
    expected: Word,
    polynomial: Polynomial | None,
    legal: int = TRUE,
    stands_for: Mapping[int, int] = {},
) -> str | None:
    """Return how it was shown that a sum is an expected word; None if it was not.

    Parameters
    ----------
    polynomial:
        That of the expected word, if it is known.
    legal:
        Whether the operands are some that may come.
    """
    if polynomial is not None and sum_.polynomial(network) == polynomial:
        return PROVED
    word = copied(network, added(network, sum_, len(expected)), stands_for)
    wrong = network.both(network.unequal(word, expected), legal)
    free = sorted(free_bits(network, [wrong]))
    if wrong == FALSE:
        return PROVED
    if len(free) > MOST_ENUMERATED:
        return None
    return None if first_case(network, wrong, free) else EXHAUSTIVE

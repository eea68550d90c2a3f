"""Cuts of a network: free bits in the place of gates, and gates in the place of free bits."""

from collections.abc import Collection, Iterable, Mapping

from macsmith.formal.network.bit_network import VARIABLE, Network, Word


def copied(network: Network, word: Word, stands_for: Mapping[int, int]) -> Word:
    """Return a word with what some places stand for put in, and what those stand for in turn."""
    known: dict[int, int] = {0: 0}
    pending = [literal >> 1 for literal in word]
    while pending:
        place = pending[-1]
        inputs = (stands_for[place],) if place in stands_for else network.inputs[place]
        missing = [one >> 1 for one in inputs if one >> 1 not in known]
        if place not in known and missing:
            pending += missing
            continue
        pending.pop()
        if place in known:
            continue
        pins = [known[one >> 1] ^ (one & 1) for one in inputs]
        if place in stands_for:
            known[place] = pins[0]
        elif network.kinds[place] == VARIABLE:
            known[place] = 2 * place
        else:
            known[place] = network.gate(network.kinds[place], pins)
    return [known[literal >> 1] ^ (literal & 1) for literal in word]


def cut_at(network: Network, word: Word, places: Collection[int], cuts: dict[int, int]) -> Word:
    """Return a word with free bits at some places, the first from above; note what they stand for.

    Parameters
    ----------
    cuts:
        Receives of each free bit's place what it stands for.
    """
    free: dict[int, int] = {}
    pending, seen = [literal >> 1 for literal in word], set[int]()
    while pending:
        place = pending.pop()
        if place in seen:
            continue
        seen.add(place)
        if place in places:
            free[place] = network.variable()
            cuts[free[place] >> 1] = 2 * place
        else:
            pending += [literal >> 1 for literal in network.inputs[place]]
    return copied(network, word, free)


def free_bits(network: Network, word: Iterable[int]) -> set[int]:
    """Return the free bits that a word depends on."""
    return {place for place in network.cone(word) if network.kinds[place] == VARIABLE}

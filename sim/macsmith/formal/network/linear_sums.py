"""Sums of bits proved without search: adder cells rewritten backwards, down to the operands.

A word is first written as a sum of weighted bits. Then each adder cell ``a + b + c = s + 2 co``,
the latest first, replaces its outputs by its inputs, all modulo a power of two, until the bits left
are functions of a few operand bits each. These are polynomials, and so is the whole; two
polynomials in bits are equal where their coefficients are (Ciesielski et al., "Verification of
gate-level arithmetic circuits by function extraction", DAC 2015).

Every step is checked: that the word is that sum, and that each adder cell adds, is asked of a
solver. Names only say where to look.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from macsmith.formal.network.bit_network import TRUE, VARIABLE, Network, Word, valued
from macsmith.formal.network.sat import Sat

MOST_SUPPORT = 12
"""Operand bits that a bit may depend on to be made a polynomial."""

Polynomial = dict[frozenset[int], int]
"""Coefficients by the places of the bits that are multiplied."""


@dataclass(frozen=True)
class AdderCell:
    """Bits of which ``sum(inputs) == total + 2 sum(carries)`` is claimed, as literals."""

    inputs: tuple[int, ...]
    total: int
    carries: tuple[int, ...]


class LinearSum:
    """A constant and weighted bits, modulo ``2 ** width``; bits are places of a network."""

    def __init__(self, width: int) -> None:
        self.modulus, self.constant, self.weights = 1 << width, 0, dict[int, int]()

    def add(self, literal: int, weight: int) -> None:
        """Add a weighted bit; one that is inverted is ``1 - x``."""
        place = literal >> 1
        if literal & 1:
            self.constant = (self.constant + weight) % self.modulus
            weight = -weight
        if place:
            self.weights[place] = (self.weights.get(place, 0) + weight) % self.modulus
            if not self.weights[place]:
                del self.weights[place]

    def add_word(self, word: Sequence[int], weight: int = 1) -> None:
        """Add a word, lowest bit first, without a sign."""
        for bit, literal in enumerate(word):
            self.add(literal, weight << bit)

    def weight(self, literal: int) -> int:
        """Return the weight of a literal as if it were not inverted here."""
        weight = self.weights.get(literal >> 1, 0)
        return -weight % self.modulus if literal & 1 else weight

    def rewrite(self, cells: Iterable[AdderCell]) -> None:
        """Replace the outputs of adder cells by their inputs, the latest cells first."""
        for cell in sorted(cells, key=lambda cell: -max(cell.total, *cell.carries)):
            weight = self.weight(cell.total)
            if not weight:
                double = self.weight(cell.carries[0])
                if double % 2:
                    continue
                weight = double // 2
            if not weight:
                continue
            self.add(cell.total, -weight)
            for literal in cell.carries:
                self.add(literal, -2 * weight)
            for literal in cell.inputs:
                self.add(literal, weight)

    def polynomial(self, network: Network) -> Polynomial | None:
        """Return the whole as a polynomial in free bits; None if a bit depends on too many."""
        found: Polynomial = {frozenset(): self.constant} if self.constant else {}
        for place, weight in self.weights.items():
            cone = network.cone([2 * place])
            free = [one for one in cone if network.kinds[one] == VARIABLE]
            if len(free) > MOST_SUPPORT:
                return None
            for term, coefficient in _coefficients(network, place, cone, free).items():
                total = (found.pop(term, 0) + weight * coefficient) % self.modulus
                if total:
                    found[term] = total
        return found


def _coefficients(
    network: Network, place: int, cone: Sequence[int], free: Sequence[int]
) -> Polynomial:
    """Return the polynomial of one bit, by Moebius' transform of its truth table."""
    count = 1 << len(free)
    patterns = {
        one: sum(1 << row for row in range(count) if row >> index & 1)
        for index, one in enumerate(free)
    }
    truth = evaluate(network, cone, patterns, count)[place]
    table = [truth >> row & 1 for row in range(count)]
    for index in range(len(free)):
        for row in range(count):
            if row >> index & 1:
                table[row] -= table[row ^ (1 << index)]
    return {
        frozenset(free[index] for index in range(len(free)) if row >> index & 1): coefficient
        for row, coefficient in enumerate(table)
        if coefficient
    }


def evaluate(
    network: Network, cone: Iterable[int], free: Mapping[int, int], count: int
) -> dict[int, int]:
    """Return what the places of a cone hold in ``count`` cases, a bit of a number each.

    Parameters
    ----------
    cone:
        Places, rising.
    free:
        What free bits hold; those that are missing hold 0.
    """
    every = (1 << count) - 1
    values = {0: 0}

    def of(literal: int) -> int:
        return values[literal >> 1] ^ (every if literal & 1 else 0)

    for place in cone:
        kind = network.kinds[place]
        pins = [of(literal) for literal in network.inputs[place]]
        if kind == VARIABLE:
            values[place] = free.get(place, 0)
        else:
            values[place] = valued(kind, pins, every)
    return values


def probed(network: Network, word: Word) -> LinearSum:
    """Return the only sum of free bits that a word can be, by the values at zero and at each bit.

    Whether it is that sum is another question: `is_sum`.
    """
    cone = network.cone(word)
    free = [place for place in cone if network.kinds[place] == VARIABLE]
    count = len(free) + 1
    values = evaluate(network, cone, {place: 2 << at for at, place in enumerate(free)}, count)
    every = (1 << count) - 1
    columns = [values[one >> 1] ^ (every if one & 1 else 0) for one in word]
    numbers = [sum((column >> case & 1) << bit for bit, column in enumerate(columns))
               for case in range(count)]  # fmt: skip
    found = LinearSum(len(word))
    found.add(TRUE, numbers[0])
    for place, number in zip(free, numbers[1:], strict=True):
        found.add(2 * place, number - numbers[0])
    return found


def is_sum(network: Network, word: Word, claimed: LinearSum) -> bool:
    """Return whether a word is a sum of bits for all their values."""
    total = added(network, claimed, len(word))
    return not Sat(network).possible([network.unequal(total, word)])


def added(network: Network, sum_: LinearSum, width: int) -> Word:
    """Return a sum as a word: its bits by columns, reduced by full adders, lowest first."""
    columns: list[Word] = [[] for _ in range(width)]
    constant = sum_.constant
    for place, weight in sum_.weights.items():
        # Half of the range and above is a negative weight: -x = (1 - x) - 1.
        literal = 2 * place
        if weight > sum_.modulus // 2:
            literal, constant, weight = literal ^ 1, constant + weight, sum_.modulus - weight
        for bit in range(width):
            if weight >> bit & 1:
                columns[bit].append(literal)
    for bit in range(width):
        if constant >> bit & 1:
            columns[bit].append(TRUE)
    total: Word = []
    for bit, column in enumerate(columns):
        while len(column) > 1:
            a, b, *rest = column
            c, rest = (rest[0], rest[1:]) if rest else (0, rest)
            half = network.differ(a, b)
            carry = network.either(network.both(a, b), network.both(half, c))
            column = [*rest, network.differ(half, c)]
            if bit + 1 < width:
                columns[bit + 1].append(carry)
        total.append(column[0] if column else 0)
    return total


def all_add(network: Network, cells: Iterable[AdderCell], assumed: Sequence[int] = ()) -> bool:
    """Return whether the outputs of all adder cells are the sums of their inputs."""
    broken = []
    for cell in cells:
        known = LinearSum(3)
        for literal in cell.inputs:
            known.add(literal, 1)
        count = added(network, known, 3)
        given = LinearSum(3)
        given.add(cell.total, 1)
        for literal in cell.carries:
            given.add(literal, 2)
        broken.append(network.unequal(count, added(network, given, 3)))
    return not Sat(network).possible([network.any(broken), *assumed])


def of_degree_two(network: Network, word: Word) -> Polynomial:
    """Return the polynomial of a word that is a sum of products of two operands, by its values.

    A sum of products of two has no term of more than two bits, so the values where at most two are
    up decide it.
    """
    cone = network.cone(word)
    free = [place for place in cone if network.kinds[place] == VARIABLE]
    terms = [frozenset[int]()]
    terms += [frozenset({one}) for one in free]
    terms += [frozenset(pair) for pair in combinations(free, 2)]
    patterns = dict.fromkeys(free, 0)
    for case, term in enumerate(terms):
        for place in term:
            patterns[place] |= 1 << case
    values = evaluate(network, cone, patterns, len(terms))
    every = (1 << len(terms)) - 1
    columns = [values[one >> 1] ^ (every if one & 1 else 0) for one in word]
    found: Polynomial = {}
    for case, term in enumerate(terms):
        number = sum((column >> case & 1) << bit for bit, column in enumerate(columns))
        smaller = {frozenset[int](), *(frozenset({one}) for one in term)} - {term}
        number -= sum(found.get(one, 0) for one in smaller)
        if number % (1 << len(word)):
            found[term] = number % (1 << len(word))
    return found


def first_case(network: Network, wrong: int, free: Sequence[int]) -> dict[int, int] | None:
    """Return values of free bits for which something is up, of all values; None if there are none.

    They are tried 2^16 at a time, a bit of a number each.
    """
    inner, outer = free[:16], free[16:]
    count = 1 << len(inner)
    every = (1 << count) - 1
    patterns = {}
    for index, place in enumerate(inner):
        ones = (1 << (1 << index)) - 1 << (1 << index)
        period, pattern = 2 << index, ones
        while period < count:
            pattern |= pattern << period
            period *= 2
        patterns[place] = pattern
    cone = network.cone([wrong])
    for high in range(1 << len(outer)):
        for index, place in enumerate(outer):
            patterns[place] = every if high >> index & 1 else 0
        found = evaluate(network, cone, patterns, count)[wrong >> 1] ^ (every if wrong & 1 else 0)
        if found:
            case = (found & -found).bit_length() - 1
            return {place: pattern >> case & 1 for place, pattern in patterns.items()}
    return None

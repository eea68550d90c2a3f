"""Networks, sums and AIGER: against plain integers."""

import itertools

import pytest

from macsmith.formal.arithmetic.building_blocks import equal, tree_adds
from macsmith.formal.claim import FAILED, PROVED
from macsmith.formal.network.aiger import to_aiger
from macsmith.formal.network.bit_network import FALSE, TRUE, Network
from macsmith.formal.network.cuts import copied, cut_at, free_bits
from macsmith.formal.network.linear_sums import (
    AdderCell,
    LinearSum,
    added,
    all_add,
    evaluate,
    first_case,
    is_sum,
    of_degree_two,
    probed,
)
from macsmith.formal.network.sat import Sat


def truth(network: Network, literal: int, free: list[int]) -> list[int]:
    """Return what a bit is for all values of free bits, the first the lowest."""
    found = []
    for values in itertools.product((0, 1), repeat=len(free)):
        given = {one >> 1: value for one, value in zip(reversed(free), values, strict=True)}
        held = evaluate(network, network.cone([literal]), given, 1)
        found.append(held[literal >> 1] ^ (literal & 1))
    return found


def test_gates_are_what_they_are_called() -> None:
    network = Network()
    a, b, s = free = network.variables(3)
    numbers = range(8)
    assert truth(network, network.both(a, b), free) == [int(n & 3 == 3) for n in numbers]
    assert truth(network, network.differ(a, b ^ 1), free) == [(n ^ n >> 1 ^ 1) & 1 for n in numbers]
    chosen = [n >> (1 if n & 4 else 0) & 1 for n in numbers]
    assert truth(network, network.choose(a, b, s), free) == chosen


def test_constants_and_equal_gates_cost_nothing() -> None:
    network = Network()
    a, b, s = network.variables(3)
    gates = len(network.kinds)
    assert network.both(a, a ^ 1) == FALSE and network.either(a, TRUE) == TRUE
    assert network.differ(a, a) == FALSE and network.choose(a, a, s) == a
    assert len(network.kinds) == gates
    assert network.both(a, b) == network.both(b, a)
    for x, y, z in itertools.product((FALSE, TRUE, a, a ^ 1, s), repeat=3):
        expected = [(v if u else t) for t, v, u in zip(
            truth(network, x, [a, b, s]), truth(network, y, [a, b, s]),
            truth(network, z, [a, b, s]), strict=True)]  # fmt: skip
        assert truth(network, network.choose(x, y, z), [a, b, s]) == expected


def test_a_solver_agrees_with_all_values() -> None:
    network = Network()
    a, b = network.variables(3), network.variables(3)
    sums = LinearSum(4)
    sums.add_word(a)
    sums.add_word(b, 2)
    total = added(network, sums, 4)
    five = network.all([total[0], total[1] ^ 1, total[2], total[3] ^ 1])
    sat = Sat(network)
    assert sat.possible([five])
    assert (sat.value(a) + 2 * sat.value(b)) % 16 == 5
    assert not sat.possible([five, total[3]])


def test_a_sum_is_told_from_what_is_none() -> None:
    network = Network()
    a, b = network.variables(4), network.variables(4)
    sums = LinearSum(5)
    sums.add_word(a)
    sums.add_word(b)
    word = added(network, sums, 5)
    assert is_sum(network, word, probed(network, word))
    word[3] = network.either(a[3], b[3])
    assert not is_sum(network, word, probed(network, word))


def test_adder_cells_are_checked_and_rewritten() -> None:
    network = Network()
    a, b, c = network.variables(3)
    total = network.differ(network.differ(a, b), c)
    carry = network.either(network.both(a, b), network.both(network.differ(a, b), c))
    cell = AdderCell((a, b, c), total, (carry,))
    assert all_add(network, [cell])
    assert not all_add(network, [AdderCell((a, b, c), total, (network.both(a, b),))])
    sums = LinearSum(3)
    sums.add(total, 2)
    sums.add(carry ^ 1, -4)
    sums.rewrite([cell])
    assert sums.constant == 4 and sums.weights == {a >> 1: 2, b >> 1: 2, c >> 1: 2}


def test_polynomials_of_products_agree_with_their_values() -> None:
    network = Network()
    a, b = network.variables(2), network.variables(2)
    sums = LinearSum(4)
    for i, j in itertools.product(range(2), repeat=2):
        sums.add(network.both(a[i], b[j]), 1 << i + j)
    product = added(network, sums, 4)
    assert sums.polynomial(network) == of_degree_two(network, product)
    sums.add(network.both(a[1], b[1]), 8)
    assert sums.polynomial(network) != of_degree_two(network, product)


def test_cuts_are_undone_by_what_they_stand_for() -> None:
    network = Network()
    a, b, c = network.variables(3)
    inner = network.both(a, b)
    word = [network.differ(inner, c)]
    cuts: dict[int, int] = {}
    cut = cut_at(network, word, {inner >> 1}, cuts)
    assert free_bits(network, cut) == {c >> 1, *cuts}
    assert copied(network, cut, cuts) == word


@pytest.mark.parametrize("width", [3, 18])
def test_the_one_case_of_all_is_found(width: int) -> None:
    network = Network()
    bits = network.variables(width)
    free = [one >> 1 for one in bits]
    wanted = network.all(bits[1:]) if width > 3 else network.all([bits[0] ^ 1, *bits[1:]])
    found = first_case(network, network.both(wanted, bits[0] ^ 1), free)
    assert found == {place: int(at > 0) for at, place in enumerate(free)}
    assert first_case(network, FALSE, free) is None


def test_aiger_of_a_toggle() -> None:
    network = Network()
    state, enable = network.variables(2)
    following = network.differ(state, enable)
    text = to_aiger(network, [(state, following, True)], state)
    header, latch, output, ands = text.split(b"\n", 3)
    assert header == b"aig 5 1 1 1 3"
    assert (latch, output) == (b"11 1", b"4")
    assert len(ands) == 6


def test_a_wrong_block_is_refuted() -> None:
    inputs = {"a": 3, "b": 3}
    right = equal(inputs, lambda m, a, b: (a + b)[:4], lambda a, b: (a + b)[:4])
    assert right.verdict == PROVED
    wrong = equal(inputs, lambda m, a, b: (a | b)[:4], lambda a, b: (a + b)[:4])
    assert wrong.verdict == FAILED and "expected 0x" in wrong.counterexample


@pytest.mark.parametrize("wide", [False, True])
def test_a_tree_adds(wide: bool) -> None:
    assert tree_adds(9, wide).verdict == PROVED

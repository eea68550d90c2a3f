"""Prefix adders and selection, exhaustively at small widths."""

from collections.abc import Callable

import numpy as np
import pytest
from amaranth import Cat, Const, Module, Value

from macsmith.arith.onehot_mux import decode, select
from macsmith.arith.prefix_adder import NETWORKS, add_columns
from tests.support.combinational import evaluate, every


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("width", [1, 2, 3, 5, 6, 7])
def test_network_adds(network: str, width: int) -> None:
    left, right, carry = every(width, width, 1)

    def logic(m, a, b, c):
        total, top = add_columns(m, "add", list(zip(a, b, strict=True)), c, network)
        return Cat(total, top)

    got = evaluate({"a": width, "b": width, "c": 1}, width + 1, logic, a=left, b=right, c=carry)
    assert (got == left + right + carry).all()


def test_columns_may_be_short_or_constant() -> None:
    left, right = every(5, 5)

    def logic(m, a, b):
        one = Const(1, 1)
        columns = [[a[0]], [a[1], b[1]], [], [a[2], one], [one, one], [b[3]], [one], [b[4], a[4]]]
        total, top = add_columns(m, "add", columns)
        return Cat(total, top)

    def bit(word: np.ndarray, index: int) -> np.ndarray:
        return word >> index & 1

    expected = bit(left, 0) + 2 * (bit(left, 1) + bit(right, 1)) + 8 * (bit(left, 2) + 1)
    expected += 16 * 2 + 32 * bit(right, 3) + 64 + 128 * (bit(right, 4) + bit(left, 4))
    assert (evaluate({"a": 5, "b": 5}, 9, logic, a=left, b=right) == expected).all()


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (
            lambda m, a: add_columns(m, "add", [list(a)]),
            "^columns must hold at most 2 bits, not 3$",
        ),
    ],
)
def test_what_does_not_fit_is_refused(build: Callable[..., Value], sentence: str) -> None:
    def logic(m: Module, a: Value) -> Value:
        with pytest.raises(ValueError, match=sentence):
            build(m, a)
        return a

    evaluate({"a": 3}, 3, logic, a=np.zeros(1, np.int64))


def test_index_past_the_last_selects_the_first() -> None:
    index, word = every(3, 4)

    def logic(m, index, word):
        bits = list(word)
        lines = decode(m, index, 5, "lines")
        return select(lines, [[bits[0], 0], [bits[1], 1], [bits[0], 0], [0, 1], [1, bits[3]]])

    got = evaluate({"index": 3, "word": 4}, 2, logic, index=index, word=word)
    bits = [word >> place & 1 for place in range(4)]
    choices = [bits[0], bits[1] + 2, bits[0], np.full_like(word, 2), 1 + 2 * bits[3]]
    expected = np.choose(np.where(index < 5, index, 0), choices)
    assert (got == expected).all()

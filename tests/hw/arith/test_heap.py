"""The bit heap against integer sums."""

from typing import Any

import numpy as np
import pytest
from amaranth import Cat, Const, Module, Signal, Value

from macsmith.arith.bit_heap import BitHeap
from macsmith.arith.booth_rows import Alive, add_booth_product, reach_of
from macsmith.arith.partial_products import add_product
from tests.support.combinational import evaluate, every


def signed(word: np.ndarray, width: int, is_signed: np.ndarray | bool) -> np.ndarray:
    return word - np.where(is_signed, (word >> (width - 1)) << width, 0)


@pytest.mark.parametrize("signs", [(False, False), (False, True), (True, True)])
@pytest.mark.parametrize("resolved", [0, 3, 7])
def test_product_in_rows(resolved: int, signs: tuple[bool, bool]) -> None:
    a, w = every(4, 4)

    def logic(m: Module, a: Value, w: Value) -> Value:
        heap = BitHeap(m, 8, "heap")
        add_product(heap, a, w, act_sign=signs[0], weight_sign=signs[1])
        rows = heap.rows(resolved)
        assert all(len(column) <= 1 for column in rows.columns[:resolved])
        assert all(len(column) <= 2 for column in rows.columns[resolved + 1 :])
        # Wider than the rows: no carry may leave their top column.
        wide = BitHeap(m, 12, "wide")
        wide.add_rows(rows)
        return wide.sum()

    got = evaluate({"a": 4, "w": 4}, 12, logic, a=a, w=w)
    assert (got == signed(a, 4, signs[0]) * signed(w, 4, signs[1]) % (1 << 12)).all()


@pytest.mark.parametrize("leaves", [False, True])
@pytest.mark.parametrize("wide", [False, True])
def test_many_words(wide: bool, leaves: bool) -> None:
    words = every(2, 2, 2, 2, 2, 2)

    def logic(m: Module, **ports: Value) -> Value:
        heap = BitHeap(m, 5, "heap", wide=wide, leaves=leaves)
        for port in ports.values():
            heap.add_word(port)
        heap.add_constant(13)
        return heap.sum()

    names = [f"w{index}" for index in range(6)]
    got = evaluate(
        dict.fromkeys(names, 2), 5, lambda m, *ports: logic(m, **dict(zip(names, ports, strict=True))),
        **dict(zip(names, words, strict=True)),
    )  # fmt: skip
    assert (got == (sum(words) + 13) % 32).all()


@pytest.mark.parametrize("leaves", [False, True])
@pytest.mark.parametrize("constant", [0, 9, 40])
def test_no_bits_at_all(constant: int, leaves: bool) -> None:
    """Coefficients that are zero everywhere give a heap nothing to add."""

    def logic(m: Module, a: Value) -> Value:
        heap = BitHeap(m, 5, "heap", leaves=leaves)
        heap.add_constant(constant)
        return heap.sum()

    assert (evaluate({"a": 1}, 5, logic, a=every(1)[0]) == constant % 32).all()


def test_a_pending_sum_goes_into_a_heap_of_any_width() -> None:
    a, w, kept = every(3, 3, 8)

    def logic(m: Module, a: Value, w: Value, kept: Value) -> Value:
        product = BitHeap(m, 6, "product")
        add_product(product, a, w, weight_sign=True)
        heap = BitHeap(m, 8, "heap")
        heap.add_rows(product.pending())
        heap.add_word(kept)
        return heap.sum()

    got = evaluate({"a": 3, "w": 3, "k": 8}, 8, logic, a=a, w=w, k=kept)
    assert (got == (a * signed(w, 3, True) + kept) % 256).all()


def test_a_constant_that_depends_on_a_control_bit_cannot_be_pending() -> None:
    def logic(m: Module, a: Value, sign: Value) -> Value:
        heap = BitHeap(m, 4, "heap")
        heap.add(a, 1, negative=sign)
        with pytest.raises(ValueError, match=r"^constants of heap must be known to leave its sum"):
            heap.pending()
        return a

    evaluate({"a": 1, "s": 1}, 1, logic, a=every(1)[0], s=every(1)[0])


@pytest.mark.parametrize("operators", [False, True])
def test_carries_out_of_a_sum(operators: bool) -> None:
    a, b, carry = every(4, 4, 1)

    def logic(m: Module, a: Value, b: Value, carry: Value) -> Value:
        heap = BitHeap(m, 4, "heap", operators=operators)
        heap.add_word(a)
        heap.add_word(b)
        total, carries = heap.sum_and_carries(carry)
        return Cat(total, *carries)

    got = evaluate({"a": 4, "b": 4, "c": 1}, 5, logic, a=a, b=b, c=carry)
    assert (got == a + b + carry).all()


@pytest.mark.parametrize("act_signed", [False, True])
@pytest.mark.parametrize("weight_signed", [False, True])
@pytest.mark.parametrize(("act", "weight"), [(1, 1), (1, 4), (4, 1), (3, 5), (5, 5)])
def test_product(act: int, weight: int, act_signed: bool, weight_signed: bool) -> None:
    a, w = every(act, weight)

    def logic(m: Module, a: Value, w: Value) -> Value:
        heap = BitHeap(m, act + weight, "heap")
        add_product(heap, a, w, act_sign=act_signed, weight_sign=weight_signed)
        return heap.sum()

    got = evaluate({"a": act, "w": weight}, act + weight, logic, a=a, w=w)
    expected = signed(a, act, act_signed) * signed(w, weight, weight_signed)
    assert (got == expected % (1 << (act + weight))).all()


def test_product_whose_signs_are_told_by_control_bits() -> None:
    a, w, act_sign, weight_sign = every(4, 4, 1, 1)

    def logic(m: Module, a: Value, w: Value, act_sign: Value, weight_sign: Value) -> Value:
        heap = BitHeap(m, 8, "heap")
        add_product(heap, a, w, act_sign=act_sign, weight_sign=weight_sign)
        return heap.sum()

    widths = {"a": 4, "w": 4, "p": 1, "q": 1}
    got = evaluate(widths, 8, logic, a=a, w=w, p=act_sign, q=weight_sign)
    expected = signed(a, 4, act_sign == 1) * signed(w, 4, weight_sign == 1)
    assert (got == expected % 256).all()


def test_random_heaps() -> None:
    rng = np.random.default_rng(7)
    values = rng.integers(0, 1 << 24, 4096)
    for trial in range(6):
        width = int(rng.integers(3, 12))
        entries = [
            (int(rng.integers(24)), int(rng.integers(width + 1)), bool(rng.integers(2)))
            for _ in range(int(rng.integers(1, 40)))
        ]
        constant = int(rng.integers(-100, 100))

        def logic(m: Module, word: Value, entries=entries, width=width, c=constant) -> Value:
            heap = BitHeap(m, width, "heap")
            for place, weight, negative in entries:
                heap.add(word[place], weight, negative)
            heap.add_constant(c)
            heap.add_word(word[:3].as_signed(), 1)
            heap.add_constant(5, when=word[0])
            return heap.sum()

        expected = constant + 2 * signed(values & 7, 3, True) + 5 * (values & 1)
        for place, weight, negative in entries:
            expected = expected + (values >> place & 1) * (-1 if negative else 1) * (1 << weight)
        got = evaluate({"word": 24}, width, logic, word=values)
        assert (got == expected % (1 << width)).all(), f"trial {trial}: {entries}"


BY_CELLS = [
    {"full_adder": form, "stages": stages, "network": network}
    for form, stages, network in (
        ("majority", True, "kogge-stone"), ("mixed", False, "auto"), ("shared", True, "auto"),
        ("mixed", True, "ripple"),
    )
]  # fmt: skip


@pytest.mark.parametrize("how", BY_CELLS)
def test_product_by_delays_of_cells(how: dict[str, Any]) -> None:
    a, w, kept = every(4, 4, 5)

    def logic(m: Module, a: Value, w: Value, kept: Value) -> Value:
        product = BitHeap(m, 8, "product", by_cells=True, **how)
        add_product(product, a, w, weight_sign=True)
        heap = BitHeap(m, 10, "heap", by_cells=True, **how)
        heap.add_rows(product.rows(3))
        heap.add_word(kept, arrival=1)
        return Cat(*heap.sum_and_carries(kept[0], 2)[:1])

    got = evaluate({"a": 4, "w": 4, "k": 5}, 10, logic, a=a, w=w, k=kept)
    assert (got == (a * signed(w, 4, True) + kept + (kept & 1)) % 1024).all()


@pytest.mark.parametrize("form", ["majority", "mixed"])
def test_carries_of_a_heap_by_cells_count_all_that_leaves_it(form: str) -> None:
    words = every(3, 3, 3, 3)

    def logic(m: Module, *ports: Value) -> Value:
        heap = BitHeap(m, 3, "heap", by_cells=True, full_adder=form)
        for port in ports:
            heap.add_word(port)
        total, carries = heap.sum_and_carries()
        above = Signal(range(8))
        m.d.comb += above.eq(sum(carries, Const(0, 1)))
        return Cat(total, above)

    names = [f"w{index}" for index in range(4)]
    got = evaluate(dict.fromkeys(names, 3), 6, logic, **dict(zip(names, words, strict=True)))
    assert (got == sum(words)).all()


@pytest.mark.parametrize("signs", [(False, False), (False, True), (True, False), (True, True)])
@pytest.mark.parametrize("widths", [(3, 2), (4, 3), (3, 4), (5, 5)])
def test_rows_of_booth_digits(widths: tuple[int, int], signs: tuple[bool, bool]) -> None:
    a, w = every(*widths)
    reach = reach_of(*widths, multiplicand_signed=signs[0], multiplier_signed=signs[1])
    width = max(sum(widths), 1 + (reach - 1).bit_length())

    def logic(m: Module, a: Value, w: Value) -> Value:
        heap = BitHeap(m, width, "heap")
        add_booth_product(
            heap, "booth", a, w, multiplicand_signed=signs[0], multiplier_signed=signs[1]
        )
        # Wider than the rows: no carry may leave their top column.
        wide = BitHeap(m, width + 4, "wide")
        wide.add_rows(heap.rows(2))
        return wide.sum()

    got = evaluate({"a": widths[0], "w": widths[1]}, width + 4, logic, a=a, w=w)
    product = signed(a, widths[0], signs[0]) * signed(w, widths[1], signs[1])
    assert (got == product % (1 << (width + 4))).all()


def test_idle_bits_of_a_multiplicand_rest() -> None:
    a, w, narrow = every(4, 4, 1)
    used = np.where(narrow, a & 0b1100, a)

    def logic(m: Module, a: Value, w: Value, narrow: Value) -> Value:
        heap = BitHeap(m, 9, "heap")
        alive = Alive([~narrow, ~narrow, Const(1, 1), Const(1, 1)], [(0, ~narrow), (2, narrow)])
        low = [Cat(a[:2]) & (~narrow).replicate(2), a[2:]]
        add_booth_product(
            heap, "booth", Cat(*low), w, multiplicand_signed=False, multiplier_signed=True,
            alive=alive,
        )  # fmt: skip
        return heap.sum()

    got = evaluate({"a": 4, "w": 4, "n": 1}, 9, logic, a=a, w=w, n=narrow)
    assert (got == used * signed(w, 4, True) % 512).all()

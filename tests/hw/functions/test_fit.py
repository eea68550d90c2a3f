"""Tables of functions: ROM bits, bounds held by exact fractions, the search that gave the shapes."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import ceil, erfc, exp, floor, sqrt, tanh

import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.contract.errors import UserError
from macsmith.functions.constant_multiple import signed_digits
from macsmith.functions.fit.exact_values import (
    constant,
    power_of_two,
    sigmoid,
    tail_ratio,
    tanh_ratio,
)
from macsmith.functions.fit.searched_shapes import SHAPES
from macsmith.functions.fit.table import Shape, filled, leanest
from macsmith.functions.fit.targets import LogarithmRatio, Power, Reciprocal, ReciprocalRoot

FUNCTIONS = (
    "reciprocal", "sqrt", "rsqrt", "exp", "exp2", "ln", "log2", "sigmoid", "tanh", "gelu"
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "most"), [("reciprocal", 224), ("sqrt", 112), ("rsqrt", 224), ("exp2", 66)]
)
def test_rom_bits_of_fp16_by_parabolas(name: str, most: int) -> None:
    assert make_spec(name).table.rom_bits <= most


def test_rom_bits_are_those_of_the_columns() -> None:
    table = make_spec("reciprocal").table
    assert [column.bits for column in table.columns] == [11, 8, 4]
    assert (table.index_bits, table.rom_bits) == (3, 8 * (11 + 8 + 4))
    for column in table.columns:
        stored = {value - column.base for value in column.values}
        assert all(0 <= value < 1 << column.bits for value in stored)


def test_reciprocals_are_next_to_exact_fractions() -> None:
    table = make_spec("reciprocal").table
    for fraction in range(1 << 10):
        true = Fraction(1 << 21, (1 << 10) + fraction)
        assert table.value(fraction) >> table.steps.guard in (floor(true), ceil(true))


def test_square_roots_are_next_to_true_ones() -> None:
    table = make_spec("sqrt").table
    for argument in range(1 << 11):
        odd, fraction = divmod(argument, 1 << 10)
        square = (1024 + fraction) * 1024 << odd
        root = table.value(argument) >> table.steps.guard
        assert (root - 1) ** 2 < square < (root + 1) ** 2


def test_constants_have_their_published_digits() -> None:
    """To 30 digits, from the Handbook of Mathematical Functions (Abramowitz and Stegun)."""
    for name, digits in (("ln2", "0693147180559945309417232121458"),
                         ("log2e", "1442695040888963407359924681002")):  # fmt: skip
        assert abs(Fraction(constant(name, 90), 1 << 90) - Fraction(int(digits), 10**30)) < 1e-27


@pytest.mark.parametrize("z", [0.0, 0.25, 1.0, 3.5, 4.0, 5.75, 12.0])
def test_values_of_activations(z: float) -> None:
    """Beside the C library's functions."""
    one = Decimal(z)
    assert float(sigmoid(one)) == pytest.approx(1 / (1 + exp(-z)), rel=1e-14)
    assert float(tanh_ratio(one)) == pytest.approx(tanh(z) / z if z else 1, rel=1e-14)
    share = float(tail_ratio(one)) * exp(-z * z / 2)
    assert share == pytest.approx(erfc(z / sqrt(2)) / 2, rel=1e-13)


def test_powers_are_exact_where_they_are() -> None:
    assert power_of_two(3 << 7, 7, 10) == 1 << 77
    half = power_of_two(1, 1, 10)
    assert half**2 < 1 << 149 < (half + 1) ** 2


def test_multiples_have_no_two_digits_side_by_side() -> None:
    for number in (*range(600), constant("log2e", 40)):
        digits = signed_digits(number)
        assert sum(digit << place for place, digit in digits) == number
        places = [place for place, _ in digits]
        assert all(high - low > 1 for low, high in pairwise(places))


def test_a_table_that_is_off_leaves_its_bounds() -> None:
    """The bounds are those of the true value: another coefficient, and some argument breaks them."""
    target = Reciprocal(10)
    table = filled(target, Shape(*SHAPES["reciprocal", 10, 2]))
    assert table is not None
    first, *others = table.coefficients
    moved = replace(table, coefficients=((first[0] + 4, *first[1:]), *others))
    for one, right in ((table, True), (moved, False)):
        held = all(
            low <= one.value(argument) <= high
            for argument in range(1 << 10)
            for low, high in [target.bounds(argument, table.steps.guard, True)]
        )
        assert held == right


def searched(name: str, bits: int, degree: int) -> Shape | None:
    target = {
        "reciprocal": Reciprocal(bits), "rsqrt": ReciprocalRoot(bits),
        "ln": LogarithmRatio(bits, True), "exp2": Power(bits, bits + 2, False),
    }[name]  # fmt: skip
    return leanest(target, degree)


@pytest.mark.parametrize("name", ["reciprocal", "rsqrt", "exp2", "ln"])
def test_shapes_are_what_the_search_gives(name: str) -> None:
    assert searched(name, 7, 2) == Shape(*SHAPES[name, 7, 2])


@pytest.mark.slow
@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("fmt", ["dlfloat16", "fp16", "fp32"])
@pytest.mark.parametrize("degree", [1, 2, 3])
def test_all_shapes_are_what_the_search_gives(name: str, fmt: str, degree: int) -> None:
    try:
        spec = make_spec(name, {"format": fmt, "degree": degree})
    except UserError:
        # Not all functions have wide formats, or low degrees of these.
        return
    key = spec.table_name, spec.target.fraction_bits, degree
    if key in SHAPES:
        assert leanest(spec.target, degree) == Shape(*SHAPES[key])


def test_more_segments_are_fewer_bits_each() -> None:
    few, many = make_spec("sqrt").table, make_spec("sqrt", {"segments": 16}).table
    assert many.index_bits == 4 and many.steps.bits < few.steps.bits
    assert many.columns[2].bits <= few.columns[2].bits


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"segments": 2}, "segments must be more for faithful results of degree 2 in fp16, not 2; 8 are enough"),
        ({"segments": 12}, "segments must be 0, 1, 2, 4, 8, 16, 32, 64, 128, 256 or 512, not 12; the nearest is 8"),
        ({"degree": 4}, "degree must be 1, 2 or 3, not 4; the nearest is 3"),
        ({"format": "int8"}, "format must be floating point with a sign and a negative zero, not int8"),
        ({"format": "e4m3fnuz"}, "format must be floating point with a sign and a negative zero, not e4m3fnuz"),
        ({"format": "e2m1"}, "fraction bits of e2m1 must be from 2 to 23, not 1; the nearest is 2"),
        ({"undefined": "inf"}, "undefined must be one of nan, zero, not 'inf'"),
        ({"lanes": 17}, "lanes must be from 1 to 16, not 17; the nearest is 16"),
    ],
)  # fmt: skip
def test_refusal(parameters: dict[str, object], sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        make_spec("reciprocal", parameters)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("name", "parameters", "sentence"),
    [
        ("gelu", {"format": "fp32"}, "degree must be 3 for formats of more than 10 fraction bits, not 2"),
        ("ln", {"format": "fp32", "degree": 1}, "degree for fp32 must be 2 or 3, not 1; the nearest is 2"),
        ("tanh", {"format": "fp32"}, "degree must be 3 for formats of more than 10 fraction bits, not 2"),
        ("sigmoid", {"segments": 16}, "segments must be more for faithful results of degree 2 in fp16, not 16; 32 are enough"),
    ],
)  # fmt: skip
def test_refusal_of_activations(name: str, parameters: dict[str, object], sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        make_spec(name, parameters)
    assert str(caught.value) == sentence

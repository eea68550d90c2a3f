"""Models of functions against float64: faithful over every input, special cases by name."""

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.formats.number_codes import decode
from macsmith.golden.catalog import golden
from macsmith.golden.functions.activations import upper_share
from macsmith.golden.functions.faithful import Errors, errors
from macsmith.golden.functions.long_words import float_of, leading_place, scaled_down
from macsmith.host.int64s import Int64s

ACTIVATIONS = ("sigmoid", "tanh", "gelu")

FUNCTIONS = ("reciprocal", "sqrt", "rsqrt", "exp", "exp2", "ln", "log2", *ACTIVATIONS)


def over_all_codes(name: str, parameters: dict[str, Any]) -> Errors:
    spec = make_spec(name, parameters)
    return errors(golden(name, spec), [np.arange(1 << spec.fmt.width)])


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("fmt", ["fp16", "bf16", "dlfloat16", "e4m3", "e3m4"])
def test_faithful_over_every_code(name: str, fmt: str) -> None:
    found = over_all_codes(name, {"format": fmt})
    assert (found.unfaithful, found.examples) == (0, ()) and found.most < 1
    assert found.count > 1 << found.count.bit_length() - 1 and found.share > 0.5


@pytest.mark.parametrize("name", FUNCTIONS)
def test_faithful_where_subnormal_numbers_are_zero(name: str) -> None:
    found = over_all_codes(name, {"format": "e4m3", "subnormals": "flushed"})
    assert (found.unfaithful, found.examples) == (0, ())


@pytest.mark.slow
@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("fmt", ["fp16", "bf16", "dlfloat16"])
@pytest.mark.parametrize("degree", [1, 3])
def test_faithful_at_other_degrees(name: str, fmt: str, degree: int) -> None:
    found = over_all_codes(name, {"format": fmt, "degree": degree})
    assert (found.unfaithful, found.examples) == (0, ())


EXPONENTS = {
    "reciprocal": [0, 127], "sqrt": [0, 1], "rsqrt": [0, 1], "ln": [-2, -1, 0, 1, 40],
    "log2": [-2, -1, 0, 1, 40], "sigmoid": [-30, -12, -2, -1, 0, 1, 3, 4, 6],
    "tanh": [-30, -12, -2, -1, 0, 1, 2, 3, 6], "exp": [-30, -12, -2, -1, 0, 3, 6], "exp2": [-30, -12, -2, -1, 0, 6],
    "gelu": [-30, -12, -2, -1, 0, 1, 2, 3],
}  # fmt: skip
"""Of arguments, such that every table entry and every kind of alignment comes."""


def significands(exponents: list[int], negative: bool) -> Iterator[Int64s]:
    """Yield all codes of FP32 of some exponents, a million at a time."""
    for sign in range(1 + negative):
        for exponent in exponents:
            first = sign << 31 | exponent + 127 << 23
            for part in range(0, 1 << 23, 1 << 20):
                yield np.arange(first + part, first + part + (1 << 20))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "degree"),
    [
        (name, degree)
        for name in EXPONENTS
        for degree in (2, 3)
        if degree == 3 or name not in ACTIVATIONS
    ],
)
def test_faithful_over_every_significand_of_fp32(name: str, degree: int) -> None:
    spec = make_spec(name, {"format": "fp32", "degree": degree})
    codes = significands(EXPONENTS[name], name in ("reciprocal", "exp", "exp2", *ACTIVATIONS))
    found = errors(golden(name, spec), codes)
    assert (found.unfaithful, found.examples) == (0, ()) and found.most < 1


@pytest.mark.parametrize(
    "name",
    [one if one == "gelu" else pytest.param(one, marks=pytest.mark.slow) for one in FUNCTIONS],
)
def test_faithful_over_many_codes_of_fp32(name: str) -> None:
    spec = make_spec(name, {"format": "fp32", "degree": 3})
    codes = np.random.default_rng(1).integers(0, 1 << 32, 1 << 16)
    near = codes & ~(0xF << 27) | 7 << 27
    found = errors(golden(name, spec), [codes, near])
    assert (found.unfaithful, found.examples) == (0, ()) and found.most < 1


def test_words_that_are_too_long() -> None:
    """Against Python's own whole numbers: products, sums as float64, places of leading ones."""
    rng = np.random.default_rng(1)
    sizes = rng.integers(0, 1 << 50, 2000) >> rng.integers(0, 50, 2000)
    for constant, down in ((1, 0), ((1 << 45) - 1, 40), (0x171547652B82, 44), (12345, 3)):
        due = [one * constant >> down for one in sizes.tolist()]
        assert scaled_down(sizes, constant, down).tolist() == due
    totals = np.concatenate([sizes, -sizes, rng.integers(-(1 << 62), 1 << 62, 2000), [-1, 1 << 60]])
    for bits in (24, 11):
        for total, found in zip(totals.tolist(), float_of(totals, -7).tolist(), strict=True):
            step = Fraction(2) ** (max(0, abs(total).bit_length() - bits) - 7)
            assert round(Fraction(found) / step) == round(Fraction(total, 128) / step)
    positive = np.abs(totals)
    assert leading_place(positive).tolist() == [one.bit_length() - 1 for one in positive.tolist()]


def test_a_wrong_coefficient_is_found() -> None:
    spec = make_spec("reciprocal")
    first, *others = spec.table.coefficients
    wrong = replace(spec.table, coefficients=((first[0] + 4, *first[1:]), *others))
    object.__setattr__(spec, "table", wrong)
    assert errors(golden("reciprocal", spec), [np.arange(1 << 16)]).unfaithful > 0


ZERO, ONE, INF, NAN, GREATEST = 0x0000, 0x3C00, 0x7C00, 0x7E00, 0x7BFF
MINUS = 0x8000
NAMED: dict[str, list[tuple[int, int, int]]] = {
    "reciprocal": [(ZERO, INF, 1), (MINUS, MINUS | INF, 1), (INF, ZERO, 0), (MINUS | INF, MINUS, 0),
                   (ONE, ONE, 0), (1, INF, 0), (0x0100, INF, 0), (0x0101, 0x7BF8, 0), (GREATEST, 0x0100, 0)],
    "sqrt": [(MINUS, MINUS, 0), (INF, INF, 0), (MINUS | ONE, NAN, 1), (MINUS | INF, NAN, 1), (1, 0x0C00, 0)],
    "rsqrt": [(ZERO, INF, 1), (MINUS, MINUS | INF, 1), (INF, ZERO, 0), (MINUS | ONE, NAN, 1), (1, 0x6C00, 0)],
    "exp": [(ZERO, ONE, 0), (MINUS, ONE, 0), (INF, INF, 0), (MINUS | INF, ZERO, 0), (0x498C, INF, 0),
            (MINUS | 0x4C80, ZERO, 0), (1, ONE, 0)],
    "exp2": [(ONE, 0x4000, 0), (MINUS | ONE, 0x3800, 0), (0x4C00, INF, 0), (MINUS | 0x4E00, 1, 0),
             (MINUS | 0x5000, ZERO, 0)],
    "ln": [(ZERO, MINUS | INF, 1), (MINUS, MINUS | INF, 1), (ONE, ZERO, 0), (INF, INF, 0),
           (MINUS | ONE, NAN, 1)],
    "sigmoid": [(ZERO, 0x3800, 0), (MINUS, 0x3800, 0), (INF, ONE, 0), (MINUS | INF, ZERO, 0),
                (GREATEST, ONE, 0), (MINUS | GREATEST, ZERO, 0), (1, 0x3800, 0), (MINUS | 0x4C00, 2, 0)],
    "tanh": [(ZERO, ZERO, 0), (MINUS, MINUS, 0), (INF, ONE, 0), (MINUS | INF, MINUS | ONE, 0),
             (1, 1, 0), (MINUS | GREATEST, MINUS | ONE, 0)],
    "gelu": [(ZERO, ZERO, 0), (MINUS, MINUS, 0), (INF, INF, 0), (MINUS | INF, MINUS, 0),
             (GREATEST, GREATEST, 0), (MINUS | GREATEST, MINUS, 0), (2, 1, 0)],
    "log2": [(0x4000, ONE, 0), (1, MINUS | 0x4E00, 0), (ONE, ZERO, 0), (MINUS | INF, NAN, 1)],
}  # fmt: skip
"""Of FP16: an argument, its result, and whether the function has none there."""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_special_cases(name: str) -> None:
    given, due, undefined = zip(*[*NAMED[name], (NAN, NAN, 0), (0xFE01, NAN, 0)], strict=True)
    fields = {"x": np.array(given)[:, np.newaxis, np.newaxis]}
    found = golden(name, make_spec(name)).respond(None, fields)
    assert found["y"][:, 0].tolist() == list(due)
    assert found["undefined"][:, 0].tolist() == list(undefined)


def test_parameters_of_special_cases() -> None:
    """Saturating, without NaN, subnormal numbers as zeros: 1 / 0, the root of -1, 1 / 2^-15."""
    spec = {"overflow": "saturate", "undefined": "zero", "subnormals": "flushed"}
    for name, code, due in (("reciprocal", 0, GREATEST), ("sqrt", MINUS | ONE, 0),
                            ("reciprocal", 0x0200, GREATEST), ("reciprocal", GREATEST, 0)):  # fmt: skip
        found = golden(name, make_spec(name, spec)).respond(None, {"x": np.array([[[code]]])})
        assert found["y"].tolist() == [[due]]


def test_shares_of_a_normal_distribution() -> None:
    """Against the C library's error function."""
    z = np.linspace(0, 30, 601)
    due = [math.erfc(one / math.sqrt(2)) / 2 for one in z.tolist()]
    assert upper_share(z) == pytest.approx(due, rel=1e-13)


@pytest.mark.parametrize("fmt", ["fp16", "bf16"])
def test_activations_are_as_symmetric_as_functions(fmt: str) -> None:
    """tanh is odd; the sigmoids of x and -x, and gelu x - gelu -x and x, differ by roundings."""
    fmt_of = make_spec("tanh", {"format": fmt}).fmt
    codes = np.arange(fmt_of.magnitudes // 2 + (1 << fmt_of.fraction_bits))
    both = [codes[:, None, None], (codes | fmt_of.magnitudes)[:, None, None]]

    def results(name: str) -> list[Any]:
        model = golden(name, make_spec(name, {"format": fmt}))
        return [model.respond(None, {"x": one})["y"][:, 0] for one in both]

    up, down = results("tanh")
    assert (up | fmt_of.magnitudes == down).all()
    x = decode(fmt_of, codes)
    place = 2.0**-fmt_of.fraction_bits
    up, down = (decode(fmt_of, one) for one in results("sigmoid"))
    assert np.abs(up + down - 1).max() <= place / 2
    up, down = (decode(fmt_of, one) for one in results("gelu"))
    # Zeros and what is subnormal apart, where a place is no share of a number.
    some = x >= 2.0 ** (3 - fmt_of.bias)
    assert (np.abs(up - down - x) / np.where(some, x, 1.0))[some].max() <= 2 * place

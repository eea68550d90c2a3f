"""Quantisers of compact number formats: the slides' numbers, rules of rounding, sentences."""

from collections.abc import Callable

import numpy as np
import pytest

from macsmith.contract.errors import UserError
from macsmith.formats.compact.biscaled_codes import Biscaled, block_lists, marked_bits
from macsmith.formats.compact.codebook import entry_beats, shared
from macsmith.formats.compact.few_values import (
    binary,
    bytes_of,
    folded,
    ternary,
    two_bit_codes,
    two_scales,
)
from macsmith.formats.compact.fpec_codes import Fpec, needed_terms
from macsmith.formats.compact.log_codes import Logarithm

SLIDES = Fpec(integer_bits=3, fraction_bits=0)


def test_the_estimates_of_the_slides() -> None:
    parts = SLIDES.quantised([3.3, 2.95, 3.45, 2.75])
    assert parts.number.tolist() == [3, 3, 3, 3]
    assert SLIDES.errors(parts).tolist() == [0.5, 0.0, 0.5, -0.5]


@pytest.mark.parametrize("magnitude_bits", [0, 1, 2])
@pytest.mark.parametrize("signed", [False, True])
def test_a_code_is_a_number_of_more_fraction_bits(magnitude_bits: int, signed: bool) -> None:
    """Values are the nearest multiples of the least error, wherever nothing saturates."""
    form = Fpec(integer_bits=2, fraction_bits=3, signed=signed, magnitude_bits=magnitude_bits)
    values = np.random.default_rng(1).uniform(-3.9 if signed else 0.0, 3.8, 4000)
    parts = form.quantised(values)
    unit = 2.0 ** -(3 + 1 + magnitude_bits)
    assert np.abs(form.values(parts) - values).max() <= unit / 2
    again = form.parts(form.codes(parts))
    for name, one in vars(parts).items():
        used = (parts.zero == 0) | (name in ("number", "zero"))
        assert (getattr(again, name) == one)[used].all(), name


def test_ends() -> None:
    form = Fpec(integer_bits=2, fraction_bits=1, magnitude_bits=1)
    parts = form.quantised([100.0, -100.0, 3.7, -4.2])
    assert parts.number.tolist() == [7, -8, 7, -8]
    assert form.values(parts).tolist() == [3.75, -4.25, 3.75, -4.25]


def test_needed_terms() -> None:
    act, weight = SLIDES.quantised([0.4, 3.4, 2.0]), SLIDES.quantised([2.6, 0.1, 1.3])
    of_weight, of_act = needed_terms(act, weight)
    assert of_weight.tolist() == [False, False, True]
    assert of_act.tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([], "a tensor must have at least one value to be quantised, not none"),
        ([1.0, np.nan], "a tensor must have finite values to be quantised, not infinity or NaN"),
    ],
)
def test_sentences(values: list[float], sentence: str) -> None:
    with pytest.raises(UserError, match=f"^{sentence}$"):
        SLIDES.quantised(values)


# Two scales.


def test_the_elements_of_the_slides() -> None:
    form = Biscaled(bits=5, integer_bits=4, step=2)
    codes, wide = form.quantised([5.1, 44.9, 14.9, 2.9], threshold=8)
    assert (codes.tolist(), wide.tolist()) == ([5, 11, 4, 3], [False, True, True, False])
    # By the rule of overflow alone 14.9 is fine.
    codes, wide = form.quantised([5.1, 44.9, 14.9, 2.9])
    assert (codes.tolist(), wide.tolist()) == ([5, 11, 15, 3], [False, True, False, False])


def test_the_step_is_the_length_of_the_tail() -> None:
    values = np.concatenate([np.linspace(-1, 1, 980), np.full(20, 7.5)])
    form = Biscaled.fitted(values, bits=6)
    assert (form.step, form.integer_bits, form.fraction_bits) == (4, -1, 6)
    codes, wide = form.quantised(values)
    assert np.abs(form.values(codes, wide) - values).max() <= 0.25
    assert np.abs(codes).max() <= 32
    assert Biscaled.fitted(np.zeros(3), bits=6).step == 0


def test_bits_of_marks() -> None:
    """Lists cost 7 bits a wide element and 7 a block of 128: 0.055 bits an element."""
    wide = np.arange(12_800) % 100 == 0
    assert marked_bits(wide, 6) == 7
    assert marked_bits(wide, 6, 128) == 6 + 7 * 0.01 + 7 / 128
    assert block_lists(wide[:256], 128) == [[0, 100], [72]]


# Logarithms.


def test_where_logarithms_turn() -> None:
    form = Logarithm(exponent_bits=4, top=4)
    values = [0.7, 0.71, 5.6, -5.7, 0.0, 100.0, 2.0**-11]
    assert form.values(form.codes(values)).tolist() == [0.5, 1.0, 4.0, -8.0, 0.0, 16.0, 0.0]
    root = Logarithm(exponent_bits=4, top=4, halves=True)
    assert root.values(root.codes([0.3])) == pytest.approx(2**-1.5)
    assert form.codes([-0.7]).tolist() == [16 + -1 - form.least + 1]


@pytest.mark.parametrize("halves", [False, True])
def test_every_logarithm_is_the_nearest(halves: bool) -> None:
    values = np.random.default_rng(2).normal(size=2000)
    form = Logarithm.fitted(values, 4, halves)
    codes = np.arange(16)
    numbers = form.values(codes)[1:]
    found = np.abs(form.values(form.codes(values)))
    kept = found > 0
    off = np.abs(np.log2(found[kept]) - np.log2(np.abs(values[kept])))
    best = np.abs(np.log2(numbers)[:, None] - np.log2(np.abs(values[kept]))).min(axis=0)
    assert np.allclose(off, best)


# Binary and ternary.


def test_ternary_weights() -> None:
    trits, scale = ternary([0.1, -0.9, 0.8, -0.2, 0.0])
    assert (trits.tolist(), scale) == ([0, -1, 1, 0, 0], pytest.approx(0.85))
    trits, plus, minus = two_scales([0.02, -0.9, 0.8, -0.2, 0.0])
    assert trits.tolist() == [0, -1, 1, -1, 0]
    assert (plus, minus) == (0.8, pytest.approx(0.55))
    assert two_bit_codes(trits).tolist() == [0, 3, 1, 3, 0]
    assert bytes_of(np.array([[-1, -1, -1, -1, -1], [1, 1, 1, 1, 1], [0, 0, 0, 0, 0]])).tolist() == [
        [0], [242], [121]
    ]  # fmt: skip
    assert binary([0.5, -1.5, 0.0])[0].tolist() == [1, 0, 1]


def test_a_normalisation_is_a_threshold() -> None:
    rng = np.random.default_rng(3)
    gain, offset, mean = rng.normal(size=(3, 50))
    gain[0] = 0
    deviation = rng.uniform(0.1, 3, 50)
    thresholds, flips = folded(gain, offset, mean, deviation, (-100, 99))
    for s in range(-20, 20):
        expected = gain * (s - mean) / deviation + offset >= 0
        assert (((s >= thresholds) ^ (flips == 1)) == expected).all()


# Codebooks.


def test_a_codebook() -> None:
    values = np.random.default_rng(4).normal(size=500)
    book, index = shared(values, 16)
    assert np.array_equal(index, np.abs(values[:, None] - book).argmin(axis=1))
    finer, places = shared(values, 64)
    assert np.std(finer[places] - values) < np.std(book[index] - values) < 0.2
    beats = entry_beats(np.array([3, -4]), 2)
    assert beats["place"].tolist() == [0, 1] and beats["value"].tolist() == [3, -4]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: entry_beats(np.arange(17), 16), "a codebook must have at most 16 entries, not 17"),
        (lambda: bytes_of(np.zeros(7, np.int64)),
         "trits must be a multiple of 5 to fill bytes, not 7"),
        (lambda: Biscaled(bits=5, integer_bits=4, step=2).quantised([1.0], threshold=16),
         "threshold must be at most 15, the greatest fine number, not 16"),
        (lambda: Logarithm(exponent_bits=3, top=0).codes([]),
         "a tensor must have at least one value to be quantised, not none"),
        (lambda: Logarithm(exponent_bits=3, top=1001),
         "top must be from -1000 to 1000, not 1001; the nearest is 1000"),
        (lambda: shared([], 4), "a tensor must have at least one value to be quantised, not none"),
    ],
)  # fmt: skip
def test_more_sentences(wrong: Callable[[], object], sentence: str) -> None:
    with pytest.raises(UserError) as raised:
        wrong()
    assert str(raised.value) == sentence

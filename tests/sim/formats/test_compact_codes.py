"""Quantisers of compact number formats: the slides' numbers, rules of rounding, sentences."""

import numpy as np
import pytest

from macsmith.contract.errors import UserError
from macsmith.formats.compact.fpec_codes import Fpec, needed_terms

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

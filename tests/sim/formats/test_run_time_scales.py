"""Dynamic fixed point and clipping quantisers: rules by hand, and against exact fractions."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from macsmith.contract.errors import UserError
from macsmith.formats.compact.clipped import LEVELS, pact, pact_gradient, sawb, sawb_clip
from macsmith.formats.compact.dynamic_fixed_point import DynamicFixedPoint
from macsmith.golden.requantiser import requantise

DRAWN = np.random.default_rng(4).laplace(size=4000)


@pytest.mark.parametrize(
    ("largest", "fraction"), [(1.7, 6), (2.0, 6), (2.01, 5), (0.25, 9), (0.2, 9), (300.0, -2)]
)
def test_a_tensor_has_the_integer_bits_of_its_largest(largest: float, fraction: int) -> None:
    form = DynamicFixedPoint.fitted([largest / 3, -largest], bits=8)
    assert form.fraction_bits == fraction
    unsigned = DynamicFixedPoint.fitted([largest], bits=8, signed=False)
    assert unsigned.fraction_bits == fraction + 1


def test_codes_are_the_nearest_ties_to_even() -> None:
    form = DynamicFixedPoint(bits=4, fraction_bits=1)
    values = [0.25, 0.75, -0.25, -0.75, 3.5, 3.75, 9.0, -4.25, -9.0]
    assert form.codes(values).tolist() == [0, 2, 0, -2, 7, 7, 7, -8, -8]
    for value, code in zip(DRAWN, form.codes(DRAWN).tolist(), strict=True):
        exact = min(max(round(Fraction(value) * 2), -8), 7)
        assert code == exact


def test_stochastic_rounding_keeps_the_mean() -> None:
    form, rng = DynamicFixedPoint(bits=8, fraction_bits=2), np.random.default_rng(1)
    codes = form.codes(np.full(40_000, 0.3), rng)
    assert set(codes.tolist()) == {1, 2}
    assert abs(form.values(codes).mean() - 0.3) < 0.002


def test_the_fraction_follows_the_rate_of_overflows() -> None:
    form = DynamicFixedPoint(bits=8, fraction_bits=12)
    seen = [form.fraction_bits]
    for _ in range(12):
        form = form.updated(DRAWN, rate=0.001)
        seen.append(form.fraction_bits)
    settled = seen[-1]
    assert seen == [*range(12, settled, -1)] + [settled] * (13 - (12 - settled))
    assert form.overflows(DRAWN) <= 0.001
    finer = DynamicFixedPoint(bits=8, fraction_bits=settled + 1)
    assert finer.overflows(DRAWN) > 0.001
    # From below it comes to the same.
    form = DynamicFixedPoint(bits=8, fraction_bits=-3)
    for _ in range(12):
        form = form.updated(DRAWN, rate=0.001)
    assert form.fraction_bits == settled


def test_a_requantisers_shift_brings_sums_to_the_outputs_fraction() -> None:
    """Of the golden requantiser, whose shift is chosen at run time for each channel."""
    rng = np.random.default_rng(2)
    acts, weights = rng.uniform(0, 3, (40, 16)), rng.normal(size=(16, 5))
    act = DynamicFixedPoint.fitted(acts, 8, signed=False)
    weight = DynamicFixedPoint.fitted(weights, 8)
    sums = act.codes(acts) @ weight.codes(weights)
    out = DynamicFixedPoint.fitted(acts @ weights, 8)
    shift = act.shift(weight, out)
    assert shift > 0
    got = requantise(sums, np.full(5, 1), np.full(5, shift), 8, signed=True)
    exact = [
        [min(max(round(Fraction(int(one), 1 << shift)), -128), 127) for one in row] for row in sums
    ]
    assert got.tolist() == exact


def test_pact_by_hand() -> None:
    assert pact([-1, 0, 0.99, 1.01, 2.9, 3.1, 6, 80], 6.0, 2).tolist() == [0, 0, 0, 1, 1, 2, 3, 3]
    assert pact_gradient([5.9, 6.0, 7.0, -1.0], 6.0).tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize(("kind", "levels"), LEVELS.items())
def test_levels_of_weights_lie_evenly_between_the_clips(kind: str, levels: int) -> None:
    weights = np.linspace(-1, 1, 5001)
    codes, unit = sawb(weights, kind)
    alpha = sawb_clip(weights, kind)
    assert alpha < 1
    grid = np.linspace(-alpha, alpha, levels)
    nearest = np.abs(weights[:, None].clip(-alpha, alpha) - grid)
    assert np.allclose(np.abs(codes * unit - weights.clip(-alpha, alpha)), nearest.min(axis=1))
    assert len(set(codes.tolist())) == levels
    assert (0 in codes) == (levels % 2 == 1)


def test_the_clip_is_the_best_on_weights_of_usual_shapes() -> None:
    """Coefficients are fitted so; by squared error, on Gaussian weights, within a few per cent."""
    weights = np.random.default_rng(3).normal(size=20_000)

    def error(alpha: float, levels: int) -> float:
        step = 2 * alpha / (levels - 1)
        near = np.rint((weights.clip(-alpha, alpha) + alpha) / step) * step - alpha
        return float(np.mean((near - weights) ** 2))

    for kind, levels in (("2", 4), ("3", 8), ("4", 16)):
        best = min(error(alpha, levels) for alpha in np.linspace(0.5, 5, 181))
        assert error(sawb_clip(weights, kind), levels) < 1.1 * best


def test_a_negative_clip_is_the_largest_magnitude() -> None:
    """As of weights that are all of one size, whose root mean square is their mean."""
    assert sawb_clip([0.5, -0.5], "8") == 0.5
    codes, unit = sawb([0.0, 0.0], "2-symmetric")
    assert (codes.tolist(), unit) == ([0, 0], 0.0)


def _form() -> DynamicFixedPoint:
    return DynamicFixedPoint(bits=8, fraction_bits=0)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: DynamicFixedPoint(bits=1, fraction_bits=0), "bits must be from 2 to 16, not 1"),
        (lambda: DynamicFixedPoint.fitted([], 8), "a tensor must have at least one value"),
        (lambda: DynamicFixedPoint.fitted([-1.0], 8, signed=False), "signed must be true for a tensor with negative values, such as -1"),
        (lambda: _form().updated([1.0], 1.5), "rate must be from 0 to 1, not 1.5"),
        (lambda: pact([1.0], 0.0, 4), "alpha must be above 0, not 0.0"),
        (lambda: pact([1.0], 1.0, 9), "bits must be from 2 to 8, not 9"),
        (lambda: sawb([1.0], "6"), "kind must be one of 2, 2-symmetric, 3, 4, 4-symmetric, 5, 7, 8, not '6'"),
    ],
)  # fmt: skip
def test_sentences(call: Any, sentence: str) -> None:
    with pytest.raises(UserError, match=f"^{sentence}"):
        call()

"""Networks in compact formats: what products are made of, and what was recorded."""

import numpy as np
import pytest

from macsmith.networks.compact_formats import CompactFormat, compact_formats, recorded
from macsmith.networks.training import train_compact_formats

RNG = np.random.default_rng(21)
MATRIX, WEIGHTS = RNG.uniform(0, 3, (20, 30)), RNG.normal(size=(7, 30))


def errors(one: CompactFormat) -> float:
    """Return the root mean square error of a product."""
    return float(np.sqrt(np.square(one(MATRIX, WEIGHTS) - MATRIX @ WEIGHTS.T).mean()))


def test_more_bits_and_compensation_lose_less() -> None:
    found = {one.label: errors(one) for one in compact_formats()}
    for kind in ("dynamic fixed point, {} bits", "SAWB weights, PACT activations, {} bits"):
        assert found[kind.format(8)] < found[kind.format(4)]
    fixed = "fixed point, {} bits, compensated by {} of magnitude"
    for bits in (6, 4):
        assert found[fixed.format(bits, 1)] < found[fixed.format(bits, 0)]
    assert (
        found["powers of the root of two, 4 bits of exponent"]
        < found["powers of two, 4 bits of exponent"]
    )


def test_numbers_that_a_format_has_are_exact() -> None:
    (eight,) = (one for one in compact_formats() if one.label == "dynamic fixed point, 8 bits")
    matrix, weights = np.array([[0.5, 1.25, 3.0]]), np.array([[-1.0, 0.25, 0.75]])
    assert eight(matrix, weights).tolist() == (matrix @ weights.T).tolist()


def test_every_format_is_recorded() -> None:
    labels = {"float", *(one.label for one in compact_formats())}
    for task, shares in recorded()["accuracy"].items():
        assert shares.keys() == labels, task
        assert all(len(one["folds"]) == 5 for one in shares.values())


@pytest.mark.slow
def test_a_fold_is_as_accurate_as_recorded() -> None:
    """Processors add up products in different orders, and training goes elsewhere from there.

    So a format whose folds are far apart, as those of ternary weights are, may end as far away.
    """
    found = train_compact_formats.accuracies("digits", 0)
    for label, shares in recorded()["accuracy"]["digits"].items():
        noise = max(0.02, shares["std"])
        assert found[label] == pytest.approx(shares["folds"][0], abs=noise), label

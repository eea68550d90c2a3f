"""Bit planes of differences: published examples, round trips, sizes, and what is refused."""

import numpy as np
import pytest

from macsmith.formats.codecs.bit_planes import decode, encode
from macsmith.formats.codecs.bit_string import MalformedError

DENSITIES = (0.0, 0.1, 0.35, 1.0)


@pytest.mark.parametrize("density", DENSITIES)
@pytest.mark.parametrize("width", [4, 8, 16])
def test_round_trips(width: int, density: float) -> None:
    rng = np.random.default_rng([width, int(100 * density)])
    for length in (1, 7, 40, 203):
        smooth = np.abs(np.cumsum(rng.integers(-3, 4, length))) % 2**width
        values = np.where(rng.random(length) < density, smooth, 0)
        zeros, codes = encode(values, width)
        assert np.array_equal(decode(zeros, codes, length, width), values)


def test_sizes_of_data_that_is_not_smooth() -> None:
    """Non-zeros of a half normal distribution: the ratios of the authors' own model."""
    rng = np.random.default_rng(1)
    for sigma, ratio in ((4, 2.28), (12, 2.05), (40, 1.75)):
        drawn = np.clip(np.abs(rng.normal(0, sigma, 40_000)).round(), 1, 255).astype(np.int64)
        values = np.where(rng.random(len(drawn)) < 0.35, drawn, 0)
        zeros, codes = encode(values, 8)
        assert 8 * len(values) / (len(zeros) + len(codes)) == pytest.approx(ratio, rel=0.06)


def test_cut_and_longer_strings_are_refused() -> None:
    values = np.array([3, 0, 4, 5, 7, 7, 6, 4, 2, 0])
    zeros, codes = encode(values, 8)
    wrong = (
        (zeros[:-1], codes), (zeros, codes[:-1]), (zeros, np.append(codes, 1)),
        (np.append(zeros, 1), codes),
    )  # fmt: skip
    for first, second in wrong:
        with pytest.raises(MalformedError):
            decode(first, second, len(values), 8)

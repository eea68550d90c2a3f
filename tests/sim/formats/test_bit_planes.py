"""Bit planes of differences: round trips, sizes, and what is malformed."""

import numpy as np
import pytest

from macsmith.formats.codecs.bit_planes import BitPlaneCode
from macsmith.formats.codecs.bit_string import Bits, bits_of, words_of

DENSITIES = (0.0, 0.1, 0.35, 1.0)

WORD = 16


def strings(code: BitPlaneCode, values: np.ndarray) -> tuple[Bits, Bits]:
    """Return both strings in whole words."""
    zeros, blocks = (words_of(one.bits, WORD) for one in (code.zeros(values), code.blocks(values)))
    return bits_of(zeros, WORD), bits_of(blocks, WORD)


def drawn(rng: np.random.Generator, width: int, length: int) -> np.ndarray:
    smooth = np.abs(np.cumsum(rng.integers(-3, 4, length))) % 2**width
    return np.where(rng.random(length) < rng.choice(DENSITIES), smooth, 0)


@pytest.mark.parametrize(("width", "block"), [(2, 16), (5, 4), (8, 8), (16, 8)])
def test_round_trips(width: int, block: int) -> None:
    rng, code = np.random.default_rng(width), BitPlaneCode(width, block)
    for length in (1, 7, 40, 203):
        for _ in range(6):
            values = drawn(rng, width, length)
            found, bad = code.decode(*strings(code, values), length, WORD)
            assert not bad and np.array_equal(found, values)


def test_sizes_of_data_that_is_not_smooth() -> None:
    """Non-zeros of a half normal distribution: the ratios of the authors' own model."""
    rng, code = np.random.default_rng(1), BitPlaneCode(8, 8)
    for sigma, ratio in ((4, 2.28), (12, 2.05), (40, 1.75)):
        values = np.clip(np.abs(rng.normal(0, sigma, 40_000)).round(), 1, 255).astype(np.int64)
        values = np.where(rng.random(len(values)) < 0.35, values, 0)
        size = len(code.zeros(values).bits) + len(code.blocks(values).bits)
        assert 8 * len(values) / size == pytest.approx(ratio, rel=0.06)


@pytest.mark.parametrize(("width", "block"), [(3, 4), (4, 8)])
def test_what_no_encoder_writes_is_malformed(width: int, block: int) -> None:
    """Whatever is not malformed encodes to these very words: strings near to right ones."""
    rng, code = np.random.default_rng(2), BitPlaneCode(width, block)
    right = wrong = 0
    for _ in range(500):
        values = drawn(rng, width, int(rng.integers(1, 24)))
        both = strings(code, values)
        for _ in range(rng.integers(0, 3)):
            string = both[rng.integers(2)]
            string[rng.integers(len(string))] ^= 1
        found, bad = code.decode(*both, len(values) + int(rng.integers(-1, 2)) // 2, WORD)
        right, wrong = right + (not bad), wrong + bad
        if not bad:
            assert all(map(np.array_equal, both, strings(code, found)))
    assert right > 100 and wrong > 100

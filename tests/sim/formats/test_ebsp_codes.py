"""EBSP weights: how many there are, what is lost on the way to them, and their stored form."""

from itertools import pairwise

import numpy as np
import pytest

from macsmith.contract.errors import UserError
from macsmith.formats.ebsp_codes import (
    code_bits,
    decode,
    encode,
    exponent_max,
    readable,
    truncate,
)
from macsmith.formats.ebsp_values import legal_magnitudes, legal_weights, project
from macsmith.formats.field_values import coded_anyhow

FORMATS = [(bits, pattern) for bits in range(3, 17) for pattern in range(1, bits)]


def span(magnitude: int) -> int:
    """Return the bits from the leading to the lowest one."""
    digits = f"{magnitude:b}"
    return len(digits.rstrip("0"))


@pytest.mark.parametrize("bits, pattern", FORMATS)
def test_legal_weights_are_those_whose_ones_span_a_window(bits: int, pattern: int) -> None:
    every = range(1, 1 << (bits - 1))
    window = [m for m in every if span(m) <= pattern]
    run = [m for m in window if "0" not in f"{m:b}".rstrip("0")]
    assert legal_magnitudes(bits, pattern).tolist() == window
    assert legal_magnitudes(bits, pattern, "run").tolist() == run
    assert len(window) == 2**pattern - 1 + (bits - 1 - pattern) * 2 ** (pattern - 1)
    assert legal_weights(bits, pattern).tolist() == [-m for m in window[::-1]] + [0, *window]


@pytest.mark.parametrize(
    "bits, window, run", [(4, 7, 6), (5, 11, 9), (6, 15, 12), (7, 19, 15), (8, 23, 18)]
)
def test_counts_at_pattern_length_3(bits: int, window: int, run: int) -> None:
    assert len(legal_magnitudes(bits, 3)) == window
    assert len(legal_magnitudes(bits, 3, "run")) == run


@pytest.mark.parametrize(
    "bits, pattern, worst",
    [(8, 3, 0.118), (6, 3, 0.111), (5, 3, 0.111), (8, 2, 0.244), (6, 2, 0.226)],
)
def test_worst_relative_error_of_projection(bits: int, pattern: int, worst: float) -> None:
    weights = np.arange(1, 1 << (bits - 1))
    errors = np.abs(project(weights, bits, pattern) - weights) / weights
    assert errors.max() == pytest.approx(worst, abs=5e-4)


@pytest.mark.parametrize("reading", ["window", "run"])
def test_projection_is_the_nearest_and_ties_go_to_the_even_number(reading: str) -> None:
    legal = legal_weights(7, 3, reading)
    values = np.arange(-70, 71, 0.25)
    chosen = project(values, 7, 3, reading)
    distance = np.abs(values[:, np.newaxis] - legal)
    assert np.array_equal(np.abs(chosen - values), distance.min(axis=1))
    middle = len(legal) // 2
    for number, (low, high) in enumerate(pairwise(legal[middle:])):
        even = low if number % 2 == 0 else high
        assert project(np.array([low + high, -low - high]) / 2, 7, 3, reading).tolist() == [
            even, -even,
        ]  # fmt: skip
    assert np.array_equal(chosen, project(values.astype(np.float32), 7, 3, reading))


@pytest.mark.parametrize("bits, pattern", FORMATS)
def test_codes_round_trip_and_are_those_of_the_formula(bits: int, pattern: int) -> None:
    weights = legal_weights(bits, pattern)
    codes = encode(weights, bits, pattern)
    assert np.array_equal(decode(codes, bits, pattern), weights)
    assert len(set(codes.tolist())) == len(weights)
    width = code_bits(bits, pattern)
    top = bits - pattern
    assert width == 1 + len(f"{top:b}") + pattern - 1
    negative_zero = 1 << (width - 1)
    assert negative_zero not in codes and decode(np.array(negative_zero), bits, pattern) == 0
    for code, weight in zip(codes.tolist(), weights.tolist(), strict=True):
        text = f"{code:0{width}b}"
        exponent, fraction = int(text[1 : width - pattern + 1], 2), text[width - pattern + 1 :]
        p = int(f"{int(exponent > 0)}{fraction}", 2)
        assert weight == (-1) ** int(text[0]) * p * 2 ** (max(exponent, 1) - 1)
        assert exponent <= top == exponent_max(bits, pattern)


@pytest.mark.parametrize("bits, pattern", FORMATS)
def test_magnitudes_round_trip_too(bits: int, pattern: int) -> None:
    weights = legal_weights(bits, pattern)
    codes = encode(weights, bits, pattern, "magnitude")
    width = code_bits(bits, pattern, "magnitude")
    assert width == bits
    assert np.array_equal(decode(codes, bits, pattern, "magnitude"), weights)
    for code, weight in zip(codes.tolist(), weights.tolist(), strict=True):
        assert f"{code:0{width}b}" == f"{int(weight < 0)}{abs(weight):0{width - 1}b}"
    assert decode(np.array(1 << (width - 1)), bits, pattern, "magnitude") == 0


@pytest.mark.parametrize(
    "bits, pattern, width", [(6, 3, 5), (8, 3, 6), (5, 3, 5), (4, 3, 4), (8, 1, 4)]
)
def test_bits_of_a_code(bits: int, pattern: int, width: int) -> None:
    assert code_bits(bits, pattern) == width


def test_codes_of_the_example() -> None:
    weights = np.array([[0, 3, 4], [7, 10, -28]])
    assert encode(weights, 6, 3).tolist() == [
        [0b00000, 0b00011, 0b00100],
        [0b00111, 0b01001, 0b11111],
    ]


@pytest.mark.parametrize("bits, pattern", FORMATS)
def test_truncation_drops_what_is_below_the_window(bits: int, pattern: int) -> None:
    largest = (1 << (bits - 1)) - 1
    weights = np.arange(-largest, largest + 1)
    kept = truncate(weights, bits, pattern)
    legal = legal_weights(bits, pattern)
    below = legal[np.searchsorted(legal, np.abs(weights), side="right") - 1]
    assert np.array_equal(kept, np.sign(weights) * below)
    nonzero = weights != 0
    errors = (np.abs(weights) - np.abs(kept))[nonzero] / np.abs(weights[nonzero])
    assert errors.max() < 2.0 ** (1 - pattern)
    assert np.array_equal(truncate(legal, bits, pattern), legal)


@pytest.mark.parametrize(
    "call, sentence",
    [
        (lambda: legal_weights(2, 1), "weight bits must be from 3 to 16, not 2"),
        (lambda: legal_weights(17, 3), "weight bits must be from 3 to 16, not 17"),
        (
            lambda: code_bits(6, 6),
            "pattern length must be from 1 to 5, the magnitude bits of a weight of 6 bits, not 6",
        ),
        (
            lambda: legal_weights(6, 0),
            "pattern length must be from 1 to 5, the magnitude bits of a weight of 6 bits, not 0",
        ),
        (
            lambda: legal_weights(6, 3, "runs"),
            "reading must be one of window, run, not 'runs'; did you mean run",
        ),
        (
            lambda: encode(np.array([[0, 4], [-11, 8]]), 6, 3),
            "weight [1, 0] must have the ones of its magnitude inside 3 adjacent bits, not -11 = "
            "-1011; the nearest is -12 = -1100",
        ),
        (lambda: encode(np.array([-32]), 6, 3), "weight [0] must be from -31 to 31, not -32"),
        (lambda: truncate(np.array(-32), 6, 3), "weight must be from -31 to 31, not -32"),
        (
            lambda: encode(np.zeros((0, 3), np.int64), 6, 3),
            "weights must be one at least, not an empty array of shape (0, 3)",
        ),
        (
            lambda: decode(np.array([], np.int64), 6, 3),
            "codes must be one at least, not an empty array of shape (0,)",
        ),
        (lambda: encode(np.array([0.5]), 6, 3), "weights must be whole numbers, not float64"),
        (lambda: decode(np.array([32]), 6, 3), "code [0] must be from 0 to 31, not 32"),
        (
            lambda: decode(np.array([3, 0b011000]), 8, 3),
            "code [1] must have an exponent from 0 to 5, not 6, as 0b011000 has",
        ),
        (
            lambda: decode(np.array([0b101011]), 6, 3, "magnitude"),
            "code [0] must have the ones of its magnitude inside 3 adjacent bits, not -11 = -1011; "
            "the nearest is -12 = -1100",
        ),
        (
            lambda: decode(np.array([64]), 6, 3, "magnitude"),
            "code [0] must be from 0 to 63, not 64",
        ),
        (
            lambda: encode(np.array([1]), 6, 3, "magnitudes"),
            "form must be one of float, magnitude, not 'magnitudes'; did you mean magnitude",
        ),
    ],
)  # fmt: skip
def test_sentences(call, sentence: str) -> None:
    with pytest.raises(UserError) as raised:
        call()
    assert str(raised.value) == sentence


def test_a_unit_reads_codes_that_no_encoder_writes() -> None:
    """N = 8 and L = 3 have exponents to 5: 6 and 7 read as 1, and zero may have a sign."""
    codes, weights = readable(8, 3)
    meaning = dict(zip(codes.tolist(), weights.tolist(), strict=True))
    assert len(meaning) == 1 << 6
    assert (meaning[0b0_101_11], meaning[0b0_110_01], meaning[0b1_111_11]) == (7 << 4, 5, -7)
    assert meaning[0b1_000_00] == 0
    wide, _ = readable(6, 3, "magnitude")
    assert 0b0_00111 in wide and 0b1_11100 in wide and 0b0_01001 not in wide


def test_all_codes_of_a_value_come() -> None:
    drawn = coded_anyhow(np.full(200, 5), "ebsp/float/8/3", np.random.default_rng(1))
    assert set(drawn.tolist()) == {0b0_001_01, 0b0_110_01, 0b0_111_01}
    assert (coded_anyhow(np.arange(3), "integer", np.random.default_rng(1)) == np.arange(3)).all()

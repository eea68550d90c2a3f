"""The self-test arrives at the golden model's signature, and at no other's."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from macsmith.boards.expected import draw, expect, sequence, sign
from macsmith.boards.stimulus import LENGTH_BITS, PAUSES, LfsrSpec, operands
from macsmith.catalog.catalog import compared, make_spec
from macsmith.contract.modes import Mode
from macsmith.mac.spec import MacSpec
from macsmith.mac.styles import STYLES
from macsmith.mac.unit import MacUnit
from tests.support.sample import every
from tests.support.selftest_run import verdicts

CORNERS: list[tuple[str, dict[str, Any]]] = [
    ("data-gated", {"act_width": 5, "weight_width": 7, "act_signed": True}),
    ("serial-1d", {"weight_signed": False, "modes": (Mode(act_bits=8, weight_bits=8),)}),
    ("subword-st", {"length": 3, "rows": 2, "stages": 1}),
]
"""Widths that are no power of two, both operands signed; all unsigned, a single mode; a matrix."""


def unit_of(name: str, spec: MacSpec) -> MacUnit:
    return MacUnit(STYLES[name].build(spec))


@pytest.mark.parametrize(
    ("name", "parameters"), every(2, [*((name, {}) for name in compared()), *CORNERS])
)
def test_green(name: str, parameters: dict[str, Any]) -> None:
    spec = make_spec(name, parameters)
    assert verdicts(unit_of(name, spec), expect(name, spec), [], 1) == ["green"]


def test_restart_while_running_and_after_the_verdict() -> None:
    spec = make_spec("data-gated")
    expected = expect("data-gated", spec, beats=2000)
    unit = unit_of("data-gated", spec)
    assert verdicts(unit, expected, [1234, 8000], 2) == ["green", "green"]


def test_red_for_wrong_signature() -> None:
    spec = make_spec("data-gated")
    right = expect("data-gated", spec, beats=2000)
    wrong = replace(right, signature=right.signature ^ 1 << 31)
    assert verdicts(unit_of("data-gated", spec), wrong, [], 1) == ["red"]


def test_red_for_broken_unit() -> None:
    spec = make_spec("data-gated")
    broken = make_spec("data-gated", {"act_signed": True})
    expected = expect("data-gated", spec, beats=2000)
    assert verdicts(unit_of("data-gated", broken), expected, [], 1) == ["red"]


def test_expectation_is_the_same_for_units_of_one_product_a_beat() -> None:
    names = ["data-gated", "serial-1d", "serial-2d"]
    assert len({expect(name, make_spec(name), beats=2000) for name in names}) == 1


def test_accumulations_of_many_lengths() -> None:
    ends = np.flatnonzero(~draw(make_spec("data-gated"), 4000)[:, -LENGTH_BITS:].any(axis=1))
    lengths = np.diff(ends)
    assert lengths.min() == 1
    assert lengths.max() > 30
    assert 7 < lengths.mean() < 9


def test_sequence_by_hand() -> None:
    # x^3 + x + 1: b[t + 3] = b[t + 1] ^ b[t], of period 7.
    assert sequence(LfsrSpec(degree=3, tap=1, width=1, seed=0b001), 10).tolist() == [
        1,
        0,
        0,
        1,
        0,
        1,
        1,
        1,
        0,
        0,
    ]


def test_pauses_have_the_full_period() -> None:
    period = 2**PAUSES.degree - 1
    bits = sequence(PAUSES, period + PAUSES.degree).astype(np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(bits, PAUSES.degree)
    assert len(np.unique(windows[:period] @ (1 << np.arange(PAUSES.degree)))) == period


def test_operands_have_the_full_period() -> None:
    """2^127 - 1 is prime, so x^127 + x^30 + 1 is primitive if x^(2^127) = x modulo it."""
    part = operands(make_spec("data-gated"))[0]
    degree, polynomial = part.degree, 1 << part.degree | 1 << part.tap | 1
    power = 0b10
    for _ in range(degree):
        power = int(f"{power:b}".replace("0", "00").replace("1", "01"), 2)
        while power.bit_length() > degree:
            power ^= polynomial << power.bit_length() - degree - 1
    assert power == 0b10


def test_signature_by_hand() -> None:
    assert sign([1, 0, 0], 32) == 0b100
    assert sign([1 << 31, 0b1000], 32) == 0b1011


@pytest.mark.parametrize(
    ("width", "seed", "sentence"),
    [
        (98, 1, "width must be 1 to 97, not 98"),
        (8, 0, f"seed must be 1 to {2**127 - 1}, not 0"),
    ],
)
def test_sequence_rules(width: int, seed: int, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        LfsrSpec(degree=127, tap=30, width=width, seed=seed)
    assert str(caught.value) == sentence

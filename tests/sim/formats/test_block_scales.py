"""Scales of blocks: published vectors, gfloat, all rules by their definitions."""

from math import ceil, floor, log2

import numpy as np
import pytest
from gfloat import compute_scale_amax

from macsmith.contract.number_format import FORMATS
from macsmith.formats.block_scales import SCALE_RULES, scale_exponents, to_mx, to_nvfp4
from macsmith.formats.number_codes import decode

BLOCK = np.array([[7, 1, -0.4, 0.26, 5, 2.5, *[0.0] * 26]])


@pytest.mark.parametrize(
    ("name", "rounding", "expected"),
    [
        ("e2m1", "nearest-even", [6, 1, -0.5, 0.5, 4, 2]),
        ("e2m1", "ties-away", [6, 1, -0.5, 0.5, 6, 3]),
        ("e3m2", "nearest-even", [7, 1, -0.375, 0.25, 5, 2.5]),
        ("e2m3", "nearest-even", [7, 1, -0.375, 0.25, 5, 2.5]),
        ("e5m2", "nearest-even", [7, 1, -0.375, 0.25, 5, 2.5]),
        ("e4m3fn", "nearest-even", [7, 1, -0.40625, 0.25, 5, 2.5]),
    ],
)
def test_blocks_as_published(name: str, rounding: str, expected: list[float]) -> None:
    codes, scales = to_mx(BLOCK, FORMATS[name], rounding=rounding)
    values = decode(FORMATS[name], codes) * decode(FORMATS["e8m0"], scales)[:, np.newaxis]
    assert values[0, :6].tolist() == expected and not values[0, 6:].any()


@pytest.mark.parametrize("name", ["e4m3fn", "e5m2", "e3m2", "e2m3", "e2m1"])
def test_floor_as_gfloat(name: str) -> None:
    fmt, rng = FORMATS[name], np.random.default_rng(1)
    blocks = np.ldexp(rng.normal(size=(500, 32)), rng.integers(-40, 40, (500, 1)))
    top = int(np.frexp(decode(fmt, np.array(fmt.greatest)))[1]) - 1
    theirs = [log2(compute_scale_amax(top, block)) for block in blocks]
    assert scale_exponents(blocks, fmt, "floor")[0].tolist() == theirs


@pytest.mark.parametrize("name", ["e4m3fn", "e5m2", "e3m2", "e2m3", "e2m1", "mxint8"])
@pytest.mark.parametrize("rule", SCALE_RULES)
def test_rules_by_their_definitions(rule: str, name: str) -> None:
    fmt = FORMATS[name]
    most = float(decode(fmt, np.array(fmt.greatest)))
    top, fraction = floor(log2(most)), fmt.fraction_bits - fmt.integer
    for size in (*np.arange(0.5, 16, 1 / 64), most, 2 * most, 1.5 * most):
        whole = floor(log2(size))
        step = 2.0 ** (whole - fraction)
        expected = {
            "floor": whole - top,
            "ceil": ceil(log2(size)) - top,
            "rceil": ceil(log2(size / most)),
            "even": floor(log2(np.rint(size / step) * step)) - top,
        }[rule]
        found, lost = scale_exponents(np.array([[size, -size / 3]]), fmt, rule)
        assert found.tolist() == [expected] and not lost.any()


def test_blocks_without_a_scale() -> None:
    blocks = np.array([[1.0, np.nan], [np.inf, 1.0], [0.0, -0.0], [2.0**-140, 0.0]])
    exponents, lost = scale_exponents(blocks, FORMATS["e2m1"], "floor")
    assert lost.tolist() == [True, True, False, False] and exponents[2:].tolist() == [-127, -127]


def test_nvfp4_scales_by_their_definition() -> None:
    rng = np.random.default_rng(2)
    blocks = rng.normal(size=(200, 16))
    sizes = np.abs(blocks).max(axis=1)
    g = float(sizes.max() / (6 * 448))
    codes, scales = to_nvfp4(blocks, g)
    values = decode(FORMATS["e2m1"], codes) * decode(FORMATS["e4m3fn"], scales)[:, np.newaxis] * g
    assert decode(FORMATS["e4m3fn"], scales).max() == 448
    # Half of the widest step, of a scale that rounding moved by a sixteenth at most; or clipped.
    assert (np.abs(values - blocks).max(axis=1) <= sizes / 6 * (1 + 1 / 16)).all()

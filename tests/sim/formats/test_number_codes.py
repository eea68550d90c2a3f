"""Number formats against ml_dtypes, gfloat and IBM's published rules; all codes, all midpoints."""

from typing import Any

import ml_dtypes
import numpy as np
import pytest
from gfloat import RoundMode, encode_ndarray, formats, round_ndarray

from macsmith.contract.errors import UserError
from macsmith.contract.number_format import FORMATS, ROUNDINGS, NumberFormat, number_format
from macsmith.formats.exact_rounding import rounded
from macsmith.formats.number_codes import decode, encode

ML_DTYPES = {
    "e4m3fn": ml_dtypes.float8_e4m3fn, "e4m3": ml_dtypes.float8_e4m3,
    "e3m4": ml_dtypes.float8_e3m4, "e5m2": ml_dtypes.float8_e5m2,
    "hfp8-bwd": ml_dtypes.float8_e5m2, "e4m3fnuz": ml_dtypes.float8_e4m3fnuz,
    "e5m2fnuz": ml_dtypes.float8_e5m2fnuz, "e4m3b11fnuz": ml_dtypes.float8_e4m3b11fnuz,
    "e8m0": ml_dtypes.float8_e8m0fnu, "e3m2": ml_dtypes.float6_e3m2fn,
    "e2m3": ml_dtypes.float6_e2m3fn, "e2m1": ml_dtypes.float4_e2m1fn,
    "bf16": ml_dtypes.bfloat16, "fp16": np.float16, "fp32": np.float32,
}  # fmt: skip

GFLOAT = {
    "e4m3fn": formats.format_info_ocp_e4m3, "e5m2": formats.format_info_ocp_e5m2,
    "e3m2": formats.format_info_ocp_e3m2, "e2m3": formats.format_info_ocp_e2m3,
    "e2m1": formats.format_info_ocp_e2m1, "fp16": formats.format_info_binary16,
    "bf16": formats.format_info_bfloat16, "k8p4": formats.format_info_p3109(8, 4),
    "k8p3": formats.format_info_p3109(8, 3),
}  # fmt: skip

GFLOAT_ROUNDINGS = {
    "nearest-even": RoundMode.TiesToEven, "ties-away": RoundMode.TiesToAway,
    "toward-zero": RoundMode.TowardZero, "down": RoundMode.TowardNegative,
}  # fmt: skip

_HALVES = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
HALVES = _HALVES[~np.isnan(_HALVES)].astype(np.float32)
"""All numbers of FP16, and its infinities."""


def numbers(fmt: NumberFormat) -> Any:
    """Return all finite numbers of a format, in order, each once."""
    values = decode(fmt, np.arange(1 << min(fmt.width, 16)))
    return np.unique(values[np.isfinite(values)])


def hard(fmt: NumberFormat) -> Any:
    """Return all numbers of FP16 and of a format, its midpoints, and what lies next to these."""
    own = numbers(fmt)
    ties = (own[1:] + own[:-1]) / 2
    ends = own[[0, -1]] * 1.0625
    with np.errstate(all="ignore"):
        exact = np.concatenate([own, ties, ends]).astype(np.float32)
        near = [np.nextafter(exact, np.float32(side)) for side in (-np.inf, np.inf)]
    return np.concatenate([HALVES, exact, *near])


def same(ours: Any, others: Any) -> Any:
    """Return whether values are equal, signs of zeros included, or both NaN."""
    equal = (ours == others) & (np.signbit(ours) == np.signbit(others))
    return equal | (np.isnan(ours) & np.isnan(others))


@pytest.mark.parametrize("name", ML_DTYPES)
def test_all_codes_mean_what_ml_dtypes_says(name: str) -> None:
    fmt, kind = FORMATS[name], np.dtype(ML_DTYPES[name])
    codes = np.arange(1 << min(fmt.width, 16), dtype=f"u{kind.itemsize}")
    if fmt.width > 16:
        codes = codes << np.uint32(16) | codes
    with np.errstate(invalid="ignore"):
        assert same(decode(fmt, codes), codes.view(kind).astype(np.float64)).all()


@pytest.mark.parametrize("name", [name for name in ML_DTYPES if name != "fp32"])
def test_nearest_even_as_ml_dtypes(name: str) -> None:
    fmt, kind = FORMATS[name], np.dtype(ML_DTYPES[name])
    values = hard(fmt)
    # ml_dtypes rounds float32's own subnormal numbers up to a power of two.
    values = values[(name != "e8m0") | (np.abs(values) >= 2.0**-126)]
    with np.errstate(all="ignore"):
        theirs = values.astype(kind).view(f"u{kind.itemsize}")
    assert (encode(fmt, values) == theirs).all()
    assert (encode(fmt, values.astype(np.float64)) == theirs).all()


@pytest.mark.parametrize("rounding", GFLOAT_ROUNDINGS)
@pytest.mark.parametrize(
    ("name", "saturate"),
    # A format without NaN and infinity always saturates.
    [(name, sat) for name in GFLOAT for sat in (False, True) if sat or FORMATS[name].special],
)
def test_every_rounding_as_gfloat(name: str, saturate: bool, rounding: str) -> None:
    fmt, info = FORMATS[name], GFLOAT[name]
    values = hard(fmt).astype(np.float64)
    values = values[np.isfinite(values)]
    with np.errstate(all="ignore"):
        theirs = round_ndarray(info, values, GFLOAT_ROUNDINGS[rounding], sat=saturate)
        ours = decode(fmt, encode(fmt, values, rounding, saturate))
    assert same(ours, theirs).all()


def test_codes_as_gfloat_writes_them() -> None:
    for name, info in GFLOAT.items():
        own = numbers(FORMATS[name])
        assert (encode(FORMATS[name], own) == encode_ndarray(info, own)).all(), name


@pytest.mark.parametrize("name", ["e4m3fn", "e5m2", "fp16", "e2m1", "hfp8-fwd", "e8m13"])
@pytest.mark.parametrize("rounding", ROUNDINGS[:4])
def test_exact_rounding_is_the_same(name: str, rounding: str) -> None:
    fmt = FORMATS[name]
    values = hard(fmt)[::23].astype(np.float64)
    values = values[np.isfinite(values) & (values != 0)]
    fractions = [value.as_integer_ratio() for value in values.tolist()]
    exact = [rounded(fmt, top, 1 - low.bit_length(), rounding) for top, low in fractions]
    assert exact == encode(fmt, values, rounding).tolist()


def test_ties_away_as_ibm_has_it() -> None:
    """Half a unit added to the magnitude of a float32, then dropped; beyond the top, NaN."""
    fmt = FORMATS["dlfloat16"]
    values = hard(fmt)
    values = values[np.isfinite(values)]
    magnitude = values.view(np.uint32) & np.uint32(0x7FFFFFFF)
    kept = (magnitude + np.uint32(1 << 13)) & ~np.uint32((1 << 14) - 1)
    theirs = kept.view(np.float32).astype(np.float64)
    theirs[theirs < 2.0**-31 * (1 + 2.0**-9)] = 0.0
    theirs[theirs >= 2.0**32 * (2 - 2.0**-9)] = np.nan
    ours = np.abs(decode(fmt, encode(fmt, values, "ties-away")))
    assert same(ours, theirs).all()


def test_stochastic_rounding_is_fair_and_exact() -> None:
    """Of the 16 places of the noise, as many round up as the fraction has sixteenths."""
    fmt = FORMATS["e4m3fn"]
    noise = np.arange(16) / 16
    for parts in range(16):
        value = 16 * (1 + parts / 128)
        codes = encode(fmt, np.full(16, value, np.float32), "stochastic", noise=noise)
        assert decode(fmt, codes).tolist() == [16.0] * (16 - parts) + [18.0] * parts


@pytest.mark.parametrize(
    ("name", "values", "codes"),
    [
        ("dlfloat16", [1.0, 3.3, 8573157376.0, 2.0**33, 2.0**-31, -0.0], [0x3E00, 0x414D, 0x7FFE, 0x7FFF, 0, 0x8000]),
        ("hfp8-fwd", [1.0, 0.1015625, 30.0, 1e9, 1.125 * 2.0**-11, -30.0], [0x58, 0x3D, 0x7F, 0x7F, 1, 0xFF]),
        ("dl8", [448.0, 0.0087890625, 480.0], [0x7E, 1, 0x7F]),
        ("e2m1", [0, 0.5, 1, 1.5, 2, 3, 4, 6, 7, -0.25], [0, 1, 2, 3, 4, 5, 6, 7, 7, 8]),
        ("mxint8", [1.0, 127 / 64, -2.0, 2.5, 1 / 128], [64, 127, 0x81, 127, 0]),
        ("int8", [-128, 127.5, -0.5, 1.5, np.inf], [0x81, 127, 0, 2, 127]),
        ("e4m3fn", [1.0, 448, 464, 464.1, np.inf, np.nan], [0x38, 0x7E, 0x7E, 0x7F, 0x7F, 0x7F]),
        ("e5m2", [1.0, 57344, 61440, -np.inf], [0x3C, 0x7B, 0x7C, 0xFC]),
        ("k8p4", [224, 240, -1e9, -0.0], [0x7E, 0x7F, 0xFF, 0]),
    ],
)  # fmt: skip
def test_published_codes(name: str, values: list[float], codes: list[int]) -> None:
    assert encode(FORMATS[name], np.array(values, np.float64)).tolist() == codes
    assert encode(FORMATS[name], np.array(values, np.float32)).tolist() == codes


def test_a_format_of_fields_is_the_named_one() -> None:
    for text, name in (("e4m3b11+normal+number+sat", "hfp8-fwd"), ("e5m10", "fp16"),
                       ("e4m3+nan", "e4m3fn"), ("e4m3b8+number+nuz", "e4m3fnuz"),
                       ("e6m9+normal+nan", "dlfloat16")):  # fmt: skip
        codes = np.arange(1 << FORMATS[name].width)
        assert same(decode(number_format(text), codes), decode(FORMATS[name], codes)).all()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "e4m3fm",
            "format must be a name, or fields such as e4m3b11+normal+number, not 'e4m3fm'; did you mean e4m3fn",
        ),
        (
            "e4m3+norml",
            "option of format e4m3+norml must be one of normal, nan, inf, number, nuz, sat, not 'norml'; did you mean normal",
        ),
        ("e4m30", "fraction_bits must be from 0 to 23, not 30; the nearest is 23"),
        ("e4m3b999", "bias must be from -127 to 255, not 999; the nearest is 255"),
        ("e4m0", "top of e4m0 must be nan, inf or number, not ieee: a NaN needs a fraction"),
    ],
)
def test_refusal(text: str, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        number_format(text)
    assert str(caught.value) == sentence

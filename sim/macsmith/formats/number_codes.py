"""Codes of number formats to values and back, in numpy: every format, every rounding.

Values are float64, which holds all numbers of all formats. Codes of at most 16 bits are read from a
table; those of at most 8 bits are written from one too, where values come as float32.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.contract.number_format import NumberFormat
from macsmith.host.int64s import Int64s

Floats = NDArray[np.float64]

_CHUNK = 1 << 16
"""Numbers that are worked on at a time, so that they stay in a processor's cache."""


def decode(fmt: NumberFormat, codes: Any) -> Floats:
    """Return the values of codes; NaN and infinities where the format has them."""
    if fmt.width <= 16:
        return _values(fmt)[np.asarray(codes)]
    flat = np.asarray(codes).reshape(-1)
    values = np.empty(len(flat))
    for start in range(0, len(flat), _CHUNK):
        part = slice(start, start + _CHUNK)
        values[part] = _decode(fmt, flat[part].astype(np.int64))
    return values.reshape(np.shape(codes))


@cache
def _values(fmt: NumberFormat) -> Floats:
    table = _decode(fmt, np.arange(1 << fmt.width, dtype=np.int64))
    table.setflags(write=False)
    return table


def _decode(fmt: NumberFormat, codes: Int64s) -> Floats:
    if fmt.integer:
        half = 1 << fmt.width - 1
        return np.ldexp(((codes + half) % (2 * half) - half).astype(np.float64), -fmt.bias)
    magnitude = codes % fmt.magnitudes
    exponent = magnitude >> fmt.fraction_bits
    fraction = magnitude - (exponent << fmt.fraction_bits)
    hidden = np.where((exponent > 0) | (fmt.first != "subnormal"), 1 << fmt.fraction_bits, 0)
    steps = exponent - (fmt.subnormal & (exponent > 0))
    values = np.ldexp((hidden + fraction).astype(np.float64), steps + fmt.lsb)
    if fmt.first == "normal":
        values[magnitude == 0] = 0.0
    beyond = magnitude > fmt.greatest
    values[beyond] = np.nan
    if fmt.infinity is not None:
        values[magnitude == fmt.infinity] = np.inf
    negative = codes >= fmt.magnitudes
    values = np.where(negative, -values, values)
    if fmt.negative_zero == "nan":
        values[negative & (magnitude == 0)] = np.nan
    return values


def encode(
    fmt: NumberFormat,
    values: Any,
    rounding: str = "nearest-even",
    saturate: bool | None = None,
    noise: Any = None,
) -> NDArray[Any]:
    """Return the codes of values.

    What rounds to beyond the greatest number becomes infinity, or NaN where the format has none,
    or the greatest number if it saturates; toward zero, a number never rounds beyond. Infinities
    follow it where they have no code. NaN has the quiet code, and in formats without NaN that of
    zero. Formats without subnormal numbers flush to zero what is below their least number when it
    is rounded as if the exponent went on. Integers are symmetric: the least code is not used.

    Parameters
    ----------
    rounding:
        One of `macsmith.contract.number_format.ROUNDINGS`.
    saturate:
        Whether overflow gives the greatest number; by default as the format says.
    noise:
        For ``stochastic``: numbers from 0 up to 1, shape as ``values``, added below the last place
        before the fraction is dropped.
    """
    saturate = fmt.saturates if saturate is None else saturate
    given = np.asarray(values)
    if given.dtype == np.float32 and fmt.width <= 8 and rounding != "stochastic":
        bits = np.ascontiguousarray(given).view(np.uint32)
        key = (bits >> np.uint32(15)) & np.uint32(0x1FFFE)
        key |= (bits & np.uint32(0xFFFF)) != 0
        return np.take(_codes(fmt, rounding, saturate), key)
    with np.errstate(invalid="ignore"):  # a signalling NaN is not what a converter warns of
        flat = given.astype(np.float64, copy=False).reshape(-1)
    noises = None if noise is None else np.broadcast_to(noise, given.shape).reshape(-1)
    codes = np.empty(len(flat), _dtype(fmt))
    for start in range(0, len(flat), _CHUNK):
        part = slice(start, start + _CHUNK)
        codes[part] = _encode(
            fmt, flat[part], rounding, saturate, None if noises is None else noises[part]
        )
    return codes.reshape(given.shape)


def _dtype(fmt: NumberFormat) -> Any:
    return np.uint8 if fmt.width <= 8 else np.uint16 if fmt.width <= 16 else np.uint32


@cache
def _codes(fmt: NumberFormat, rounding: str, saturate: bool) -> NDArray[Any]:
    """Return the codes by the upper 16 bits of a float32, and whether there is more below these.

    A format of 8 bits has at most 7 fraction bits together with the place that decides a tie.
    """
    keys = np.arange(1 << 17, dtype=np.uint32)
    with np.errstate(invalid="ignore"):
        floats = (keys >> 1 << 16 | keys & 1).astype(np.uint32).view(np.float32)
        return _encode(fmt, floats.astype(np.float64), rounding, saturate).astype(np.uint8)


def _encode(
    fmt: NumberFormat, values: Floats, rounding: str, saturate: bool, noise: Any = None
) -> Int64s:
    negative = np.signbit(values)
    whole = np.isfinite(values)
    size = np.abs(np.where(whole, values, 0.0))
    if fmt.integer:
        exponent: Any = np.zeros(len(values), np.int64)
    else:
        binade = np.frexp(size)[1].astype(np.int64) - 1
        exponent = np.maximum(binade + fmt.bias - fmt.subnormal, 0)
    scaled = np.ldexp(size, -(exponent + fmt.lsb))
    kept = np.floor(scaled)
    rest = scaled - kept
    kept += _up(rounding, kept, rest, negative, noise)
    if fmt.integer:
        most = fmt.magnitudes - 1
        kept = np.minimum(kept, most)
        kept[np.isinf(values)] = most
        return np.where(negative, -kept, kept).astype(np.int64) % (1 << fmt.width)
    # Significands from 2^M up carry into the exponent by themselves.
    codes = (exponent << fmt.fraction_bits) + kept.astype(np.int64)
    codes[size == 0] = 0
    if not fmt.subnormal:
        codes = np.maximum(codes - (1 << fmt.fraction_bits), 0)
    inward = (rounding == "toward-zero") | ((rounding == "down") & ~negative)
    beyond = codes > fmt.greatest
    codes[beyond & inward] = fmt.greatest
    codes[(beyond & ~inward) | np.isinf(values)] = _overflow(fmt, saturate)
    if not fmt.signed:
        codes[negative | (size == 0)] = fmt.nan or 0
    else:
        signs = negative & ((codes > 0) | (fmt.negative_zero == "zero"))
        signs &= codes < fmt.magnitudes
        codes = codes + signs * fmt.magnitudes
    codes[np.isnan(values)] = fmt.nan or 0
    return codes


def _overflow(fmt: NumberFormat, saturate: bool) -> int:
    if not saturate:
        for code in (fmt.infinity, fmt.nan):
            if code is not None:
                return code
    return fmt.greatest


def _up(rounding: str, kept: Floats, rest: Floats, negative: Any, noise: Any) -> Any:
    """Return whether significands that lost ``rest`` of a unit become greater by one."""
    match rounding:
        case "nearest-even":
            return (rest > 0.5) | ((rest == 0.5) & (kept % 2 == 1))
        case "ties-away":
            return rest >= 0.5
        case "down":
            return (rest > 0) & negative
        case "stochastic":
            return (rest > 0) & (noise >= 1 - rest)
    return np.zeros(len(rest), np.bool_)

"""The stored forms of EBSP weights. The one that saves bits is a tiny float with subnormals:

    sign | exponent E | fraction F        1 + bit_length(M-L+1) + L-1 bits, sign at the top

For weights of N bits with M = N - 1 magnitude bits and pattern length L:

    p = 2^(L-1) [E > 0] + F        shift = max(E, 1) - 1        w = (-1)^sign * p * 2^shift

E is 0 to M-L+1; F has no bits if L = 1. N = 6, L = 3 takes 5 bits:

    w        0     3     4     7     10      -28
    code  0 00 00  0 00 11  0 01 00  0 01 11  0 10 01  1 11 11

Without the sign, such a code is the number of its magnitude among the legal ones, as bits of IEEE
754 floats are. The other form, ``magnitude``, saves no bits but those of a decoder:

    sign | magnitude                      N bits

The encoder never writes a negative zero; the decoder reads it as 0.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.contract.checks import check_choice
from macsmith.contract.errors import UserError
from macsmith.formats.ebsp_values import check_format, legal_magnitudes, project
from macsmith.host.int64s import Int64s

FORMS = ("float", "magnitude")


def exponent_max(bits: int, pattern: int) -> int:
    """Return the largest exponent of a code, M - L + 1."""
    check_format(bits, pattern)
    return bits - pattern


def code_bits(bits: int, pattern: int, form: str = "float") -> int:
    """Return the bits of a code."""
    check_choice("form", form, FORMS)
    exponent = exponent_max(bits, pattern).bit_length()
    return pattern + exponent if form == "float" else bits


def encode(weights: NDArray[Any], bits: int, pattern: int, form: str = "float") -> Int64s:
    """Return the codes of legal weights, in their shape.

    Raises
    ------
    UserError
        If a weight is not legal, or there is none.
    """
    values = _in_range(weights, bits, pattern)
    _check_legal("weight", values, bits, pattern)
    number = np.abs(values)
    if form == "float":
        number = np.searchsorted(legal_magnitudes(bits, pattern), number, side="right")
    return number | (values < 0).astype(np.int64) << (code_bits(bits, pattern, form) - 1)


def decode(codes: NDArray[Any], bits: int, pattern: int, form: str = "float") -> Int64s:
    """Return the weights of codes, in their shape.

    Raises
    ------
    UserError
        If a code has too many bits, too large an exponent or too wide a window, or there is none.
    """
    width, top = code_bits(bits, pattern, form), exponent_max(bits, pattern)
    numbers = _whole("code", codes)
    _check_limits("code", numbers, 0, (1 << width) - 1)
    sign = 1 - 2 * (numbers >> (width - 1))
    if form == "magnitude":
        weights = sign * (numbers & ((1 << (width - 1)) - 1))
        _check_legal("code", weights, bits, pattern)
        return weights
    fraction = numbers & ((1 << (pattern - 1)) - 1)
    exponent = numbers >> (pattern - 1) & ((1 << (width - pattern)) - 1)
    wrong = np.argwhere(exponent > top)
    if len(wrong):
        where = tuple(wrong[0].tolist())
        raise UserError(
            f"{_element('code', where)} must have an exponent from 0 to {top}, not "
            f"{exponent[where]}, as {numbers[where]:#0{width + 2}b} has"
        )
    return sign * (fraction + ((exponent > 0) << (pattern - 1)) << np.maximum(exponent, 1) - 1)


@cache
def readable(bits: int, pattern: int, form: str = "float") -> tuple[Int64s, Int64s]:
    """Return all codes that a unit reads, also those that no encoder writes, and their weights.

    A zero may have a sign, and an exponent beyond the last place reads as 1. A magnitude whose ones
    are in no window is no code.
    """
    width, top = code_bits(bits, pattern, form), exponent_max(bits, pattern)
    codes = np.arange(1 << width)
    if form == "magnitude":
        magnitudes = codes & (1 << width - 1) - 1
        codes = codes[project(magnitudes, bits, pattern) == magnitudes]
        return codes, decode(codes, bits, pattern, form)
    exponent = codes >> (pattern - 1) & (1 << (width - pattern)) - 1
    first = codes & ~((1 << width - pattern) - 1 << pattern - 1) | 1 << pattern - 1
    return codes, decode(np.where(exponent > top, first, codes), bits, pattern, form)


def truncate(weights: NDArray[Any], bits: int, pattern: int) -> Int64s:
    """Return what a datapath with a leading-one detector makes of any weight.

    It keeps the L bits from the leading one down and drops those below, so a legal weight stays
    what it is, and another shrinks by less than ``2^-(L-1)`` of itself. -2^(N-1) has no magnitude
    of N - 1 bits and is refused.

    >>> truncate(np.array([11, -13, 31, 12]), bits=6, pattern=3)
    array([ 10, -12,  28,  12])
    """
    return leading(_in_range(weights, bits, pattern), pattern)


def leading(values: Int64s, pattern: int) -> Int64s:
    """Return numbers cut to the ``pattern`` bits from the leading one of their magnitude down."""
    magnitude = np.abs(values)
    length = np.frexp(magnitude.astype(np.float64))[1].astype(np.int64)
    dropped = np.maximum(length - pattern, 0)
    return np.sign(values) * (magnitude >> dropped << dropped)


def _in_range(weights: NDArray[Any], bits: int, pattern: int) -> Int64s:
    check_format(bits, pattern)
    values = _whole("weight", weights)
    largest = (1 << (bits - 1)) - 1
    _check_limits("weight", values, -largest, largest)
    return values


def _whole(name: str, values: NDArray[Any]) -> Int64s:
    array = np.asarray(values)
    if not array.size:
        raise UserError(f"{name}s must be one at least, not an empty array of shape {array.shape}")
    if not np.issubdtype(array.dtype, np.integer):
        raise UserError(f"{name}s must be whole numbers, not {array.dtype}")
    if array.dtype == np.uint64 and (array >> np.uint64(63)).any():
        raise UserError(f"{name}s must be below 2^63, not {array.max()}")
    return array.astype(np.int64)


def _check_limits(name: str, values: Int64s, low: int, high: int) -> None:
    wrong = np.argwhere((values < low) | (values > high))
    if len(wrong):
        where = tuple(wrong[0].tolist())
        raise UserError(
            f"{_element(name, where)} must be from {low} to {high}, not {values[where]}"
        )


def _check_legal(name: str, values: Int64s, bits: int, pattern: int) -> None:
    legal = project(values, bits, pattern)
    wrong = np.argwhere(values != legal)
    if len(wrong):
        where = tuple(wrong[0].tolist())
        raise UserError(
            f"{_element(name, where)} must have the ones of its magnitude inside {pattern} "
            f"adjacent bits, not {values[where]} = {_binary(values[where])}; the nearest is "
            f"{legal[where]} = {_binary(legal[where])}"
        )


def _element(name: str, where: tuple[int, ...]) -> str:
    return f"{name} {list(where)}" if where else name


def _binary(value: np.int64) -> str:
    return f"{value:b}"

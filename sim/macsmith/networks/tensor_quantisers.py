"""Quantisers of tensors to compact formats, each with what is known of the errors that it makes.

They take numbers near whole ones: the weights and activations of a layer.
"""

from collections.abc import Callable
from math import ceil, log2
from typing import Any

import numpy as np

from macsmith.formats.compact.biscaled_codes import Biscaled
from macsmith.formats.compact.codebook import shared
from macsmith.formats.compact.few_values import binary, ternary, two_scales
from macsmith.formats.compact.fpec_codes import Fpec
from macsmith.formats.compact.log_codes import Logarithm
from macsmith.formats.compact.real_values import Floats

Quantised = tuple[Floats, Floats]
"""Numbers as a format has them, and estimates of what they are off the true ones."""

Quantise = Callable[[Floats], Quantised]
"""Quantises a tensor."""


def whole(values: Floats) -> Quantised:
    """Return a tensor as it is."""
    return values, np.zeros_like(values)


def _exact(values: Any) -> Quantised:
    found = np.asarray(values, np.float64)
    return found, np.zeros_like(found)


def _signed(values: Floats) -> bool:
    return bool((values < 0).any())


def fixed(bits: int, magnitude_bits: int | None = None) -> Quantise:
    """Return fixed point of so many bits, or with compensation by so many bits of magnitude."""

    def quantise(values: Floats) -> Quantised:
        top = float(np.abs(values).max())
        signed = _signed(values)
        integer = ceil(log2(top)) if top else 0
        form = Fpec(
            integer_bits=integer, fraction_bits=bits - signed - integer, signed=signed,
            magnitude_bits=magnitude_bits or 0,
        )  # fmt: skip
        parts = form.quantised(values)
        number = np.ldexp(parts.number.astype(float), -form.fraction_bits)
        return number, np.zeros_like(number) if magnitude_bits is None else form.errors(parts)

    return quantise


def biscaled(bits: int) -> Quantise:
    """Return fixed point of two scales, its step by the tail."""

    def quantise(values: Floats) -> Quantised:
        form = Biscaled.fitted(values, bits, _signed(values))
        return _exact(form.values(*form.quantised(values)))

    return quantise


def logarithm(exponent_bits: int, halves: bool = False) -> Quantise:
    """Return powers of two, or of its root."""

    def quantise(values: Floats) -> Quantised:
        form = Logarithm.fitted(values, exponent_bits, halves, _signed(values))
        return _exact(form.values(form.codes(values)))

    return quantise


def codebook(entries: int) -> Quantise:
    """Return values that share a codebook."""

    def quantise(values: Floats) -> Quantised:
        book, index = shared(values, entries)
        return _exact(book[index])

    return quantise


def twn(values: Floats) -> Quantised:
    """Return ternary numbers with one scale."""
    trits, scale = ternary(values)
    return _exact(trits * scale)


def ttq(values: Floats) -> Quantised:
    """Return ternary numbers with two scales."""
    trits, plus, minus = two_scales(values)
    return _exact(np.where(trits > 0, plus, -minus) * (trits != 0))


def bipolar(values: Floats) -> Quantised:
    """Return signs with one scale."""
    bits, scale = binary(values)
    return _exact((2 * bits - 1) * scale)

"""The digits network with numbers of its layers in other formats, without training it anew.

Weights and activations of the network of 8 bits are taken for the true numbers, and each layer's
are quantised by themselves. Sums are rounded to whole units of the network's own accumulators.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, log2
from typing import Any

import numpy as np

from macsmith.formats.compact.biscaled_codes import Biscaled
from macsmith.formats.compact.codebook import shared
from macsmith.formats.compact.few_values import binary, ternary, two_scales
from macsmith.formats.compact.fpec_codes import Fpec
from macsmith.formats.compact.log_codes import Logarithm
from macsmith.formats.compact.real_values import Floats
from macsmith.networks.digits import QuantisedNetwork, quantise_images
from macsmith.networks.im2col import im2col

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


@dataclass(frozen=True)
class Requantised:
    """A network whose layers' weights and activations are quantised."""

    network: QuantisedNetwork
    weights: Quantise
    acts: Quantise = whole

    def accuracy(self) -> float:
        """Return the share of held-out images that are labelled right."""
        network = self.network
        codes = quantise_images(network.images, network.activation_bits, network.pixel_max)
        for layer in network.layers:
            shape = layer.shape
            a, da = self.acts(codes.astype(float))
            w, dw = self.weights(layer.weights.astype(float))
            gather = shape.kernel, shape.stride, shape.padding
            rows, errors = im2col(a, *gather), im2col(da, *gather)
            sums = rows @ (w + dw).T + errors @ w.T
            acc = np.rint(sums).astype(np.int64) + layer.bias
            out = shape.output((codes.shape[1], codes.shape[2], codes.shape[3]))
            codes = layer.finish(acc.reshape(len(codes), *out))
        labels = np.argmax(codes.reshape(len(codes), -1), axis=1)
        return float(np.mean(labels == network.labels))

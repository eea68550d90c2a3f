"""Networks whose operands are quantised to compact formats after training, and how good they stay.

The accuracies are in ``compact_formats.json`` beside this file; see
`macsmith.networks.training.train_compact_formats`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, log2
from pathlib import Path
from typing import Any

import numpy as np

from macsmith.formats.compact.clipped import pact, sawb
from macsmith.formats.compact.dynamic_fixed_point import DynamicFixedPoint
from macsmith.formats.compact.real_values import Floats
from macsmith.networks.tensor_quantisers import (
    Quantise,
    Quantised,
    bipolar,
    biscaled,
    codebook,
    fixed,
    logarithm,
    ttq,
    twn,
    whole,
)

FIGURES = Path(__file__).with_name("compact_formats.json")

LEVELS = 40
"""Clipping levels that are tried, even shares of the largest activation."""


@dataclass(frozen=True)
class CompactFormat:
    """Formats of both operands of all products.

    Members
    -------
    label
        What accuracies are kept by.
    weights, acts
        How they are quantised.
    """

    label: str
    weights: Quantise
    acts: Quantise

    def __call__(self, matrix: Floats, weights: Floats) -> Floats:
        """Return ``matrix @ weights.T`` of quantised operands, with errors that are estimated."""
        a, da = self.acts(matrix)
        w, dw = self.weights(weights)
        product: Floats = a @ (w + dw).T + da @ w.T
        return product


def dynamic(bits: int) -> Quantise:
    """Return fixed point whose fraction length follows the tensor."""

    def quantise(values: Floats) -> Quantised:
        form = DynamicFixedPoint.fitted(values, bits, bool((values < 0).any()))
        found = form.values(form.codes(values))
        return found, np.zeros_like(found)

    return quantise


def clipped_acts(bits: int) -> Quantise:
    """Return PACT's quantiser at the level of least squared error, as none was trained."""

    def quantise(values: Floats) -> Quantised:
        top = float(values.max())
        found = values
        if top > 0:
            tried = [top * (at + 1) / LEVELS for at in range(LEVELS)]
            rounded = (
                pact(values, one, bits).astype(np.float64) * (one / ((1 << bits) - 1))
                for one in tried
            )
            found = min(rounded, key=lambda one: float(np.square(one - values).sum()))
        return found, np.zeros_like(found)

    return quantise


def clipped_weights(kind: str) -> Quantise:
    """Return SAWB's quantiser."""

    def quantise(values: Floats) -> Quantised:
        codes, unit = sawb(values, kind)
        found = codes.astype(np.float64) * unit
        return found, np.zeros_like(found)

    return quantise


def _scaled(quantise: Quantise) -> Quantise:
    """Return a quantiser of numbers near whole ones for numbers of any size."""

    def quantised(values: Floats) -> Quantised:
        top = float(np.abs(values).max())
        move = 7 - ceil(log2(top)) if top else 0
        found, errors = quantise(np.ldexp(values, move))
        return np.ldexp(found, -move), np.ldexp(errors, -move)

    return quantised


def compact_formats() -> Iterator[CompactFormat]:
    """Yield all formats."""
    both: list[tuple[str, Quantise]] = [
        *((f"dynamic fixed point, {bits} bits", dynamic(bits)) for bits in (8, 6, 4)),
        *(
            (f"fixed point, {bits} bits, compensated by {em} of magnitude", fixed(bits, em))
            for bits in (6, 4, 3) for em in (0, 1)
        ),
        *((f"two scales, {bits} bits and marks", biscaled(bits)) for bits in (6, 5, 4)),
        *((f"powers of two, {bits} bits of exponent", logarithm(bits)) for bits in (4, 3)),
        *(
            (f"powers of the root of two, {bits} bits of exponent", logarithm(bits, halves=True))
            for bits in (4, 3)
        ),
    ]  # fmt: skip
    for label, quantise in both:
        yield CompactFormat(label, _scaled(quantise), _scaled(quantise))
    for kind in ("8", "5", "4", "3", "2"):
        label = f"SAWB weights, PACT activations, {kind} bits"
        yield CompactFormat(label, clipped_weights(kind), clipped_acts(int(kind)))
    weights: list[tuple[str, Quantise]] = [
        ("powers of two, 4 bits of exponent, weights alone", logarithm(4)),
        ("codebook of 256 entries a layer, weights alone", codebook(256)),
        ("codebook of 16 entries a layer, weights alone", codebook(16)),
        ("TTQ, weights alone", ttq),
        ("TWN, weights alone", twn),
        ("-1, 1 with one scale, weights alone", bipolar),
    ]
    for label, quantise in weights:
        yield CompactFormat(label, _scaled(quantise), whole)


def recorded() -> dict[str, Any]:
    """Return the recorded accuracies by task and label."""
    found: dict[str, Any] = json.loads(FIGURES.read_text())
    return found

"""Accuracies of the digits network with numbers in these formats."""

from macsmith.figures.docs_page import Region, Shown
from macsmith.figures.markdown import table
from macsmith.networks.digits import load
from macsmith.networks.requantised import (
    Requantised,
    bipolar,
    biscaled,
    codebook,
    fixed,
    logarithm,
    ttq,
    twn,
    whole,
)

_SAME = [
    *((f"fixed point, {bits} bits", fixed(bits)) for bits in (8, 6, 5, 4, 3)),
    *((f"two scales, {bits} bits and marks", biscaled(bits)) for bits in (6, 5, 4)),
    *(
        (f"fixed point, {bits} bits, compensated by {em} of magnitude", fixed(bits, em))
        for bits in (4, 3) for em in (0, 1)
    ),
    ("powers of two, 4 bits of exponent", logarithm(4)),
    ("powers of two, 3 bits of exponent", logarithm(3)),
    ("powers of the root of two, 4 bits of exponent", logarithm(4, halves=True)),
]  # fmt: skip
"""Formats of weights, and of weights and activations."""

_WEIGHTS = [
    ("codebook of 16 entries a layer", codebook(16)),
    ("codebook of 4 entries a layer", codebook(4)),
    ("-1, 0, 1 with two scales", ttq),
    ("-1, 0, 1 with one scale", twn),
    ("-1, 1 with one scale", bipolar),
]
"""Formats of weights alone."""


def accuracies() -> Shown:
    """Return the share of images labelled right, in percent, by format."""
    network = load("8x8")
    rows = [["8 bits, as trained", f"{100 * network.accuracy():.1f}", ""]]
    for label, quantise in _SAME:
        both = (Requantised(network, quantise, acts).accuracy() for acts in (whole, quantise))
        rows.append([label, *(f"{100 * one:.1f}" for one in both)])
    for label, quantise in _WEIGHTS:
        rows.append([label, f"{100 * Requantised(network, quantise).accuracy():.1f}", ""])
    head = ["format", "weights alone, %", "weights and activations, %"]
    return Shown(table(head, rows))


REGIONS = (Region("accuracies", accuracies),)

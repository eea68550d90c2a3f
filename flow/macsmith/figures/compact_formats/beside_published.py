"""Figures of papers beside ours: energies of units here, accuracies of the networks of folds."""

from collections.abc import Mapping, Sequence

import numpy as np

from macsmith.figures.docs_page import GatheredRegion, LibraryRun, Row, Shown, records_of
from macsmith.figures.markdown import table
from macsmith.formats.compact.biscaled_codes import Biscaled, marked_bits
from macsmith.networks import digits
from macsmith.networks.compact_formats import recorded

FORMATS = records_of("number-formats", "formats")
PAIRS = records_of("number-formats", "compensation")

EIGHT = "plain, 7 fraction bits"
"""Plain fixed point of eight bits, with the sign."""

COMPENSATED, SELECTIVE = (f"4 bits, 0 of magnitude, `{kind}`" for kind in ("cycle", "selective"))

BITS, BLOCK = 6, 128
"""Of elements with two scales, and of blocks of their lists, as published."""


def published(runs: Mapping[str, Sequence[LibraryRun]]) -> Shown:
    """Return each claim with the paper's figure and ours."""
    few = {one["label"]: one for one in runs[FORMATS.name][0].records}
    pairs = {one["label"]: one for one in runs[PAIRS.name][0].records}
    found = [
        ["compensation: energy of 8 bits of fixed point, to it", "1.13 to 1.7",
         " and ".join(f"{_to(pairs, kind):.2f}" for kind in ("uniform", "laplace"))],
        ["compensation: share of terms that are needed", "30%", f"{_needed(pairs):.0%}"],
        [f"two scales: bits of an element of {BITS} with a list's, share of wide ones",
         "6.16, 1.1%", "{:.2f}, {:.0%}".format(*_wide())],
        [f"two scales: points lost by {BITS} bits to 8 of fixed point", "none",
         _lost("two scales, 6 bits and marks", "dynamic fixed point, 8 bits")],
        ["logarithms (LogNet): points lost", "3.2",
         _lost("powers of the root of two, 4 bits of exponent")],
        ["ternary weights (TWN, MNIST), trained: points lost", "0.06",
         f"untrained {_lost('TWN, weights alone')}"],
        ["binary weights (XNOR-Net, AlexNet), trained: points lost", "-0.2",
         f"untrained {_lost('-1, 1 with one scale, weights alone')}"],
        ["256 shared weights a layer (the paper: 32 in full ones): points lost", "none",
         _lost("codebook of 256 entries a layer, weights alone")],
        ["energy of 8x8, to binary (BrainTTA)", "11.6", f"{_ratio(few, '`xnor`'):.1f}"],
        ["energy of 8x8, to ternary (BrainTTA)", "6.0", f"{_ratio(few, '`ternary`'):.1f}"],
        ["products a second, binary to ternary, of one area (RaPiD)", "2.08",
         f"{_rates(few):.2f}"],
    ]  # fmt: skip
    return Shown(table(["", "published", "ours"], found, 1))


def _to(pairs: Mapping[str, Row], kind: str) -> float:
    """Return what plain fixed point of eight bits takes, to compensation without magnitude."""
    plain, compensated = pairs[EIGHT], pairs[COMPENSATED]
    return float(plain["pj"][kind] / compensated["pj"][kind])


def _needed(pairs: Mapping[str, Row]) -> float:
    """Return the share of the two terms of each product that lists hold, of Laplace operands."""
    useful = float(pairs[SELECTIVE]["useful"]["laplace"])
    return (1 / useful - 1) / 2


def _wide() -> tuple[float, float]:
    """Return the bits of an element of the digits network's weights, and the share of wide ones."""
    layers = [layer.weights.astype(np.float64).reshape(-1) for layer in digits.load().layers]
    wide = [Biscaled.fitted(one, bits=BITS).quantised(one)[1] for one in layers]
    return (
        float(
            np.average(
                [marked_bits(one, BITS, BLOCK) for one in wide], weights=list(map(len, wide))
            )
        ),
        float(np.concatenate(wide).mean()),
    )


def _lost(label: str, other: str = "float") -> str:
    """Return the points that a format loses to another, on each task."""
    return ", ".join(
        f"{100 * (shares[other]['mean'] - shares[label]['mean']):.1f} ({task})"
        for task, shares in recorded()["accuracy"].items()
    )


def _ratio(few: Mapping[str, Row], label: str) -> float:
    """Return the energy of products of eight bits over that of another format."""
    return float(few["`data-gated` 8x8"]["pj"]["random"] / few[label]["pj"]["random"])


def _rates(few: Mapping[str, Row]) -> float:
    """Return the products a second and area of binary operands over that of ternary ones."""
    binary, ternary = (
        one["operations_per_cycle"] / one["period_ns"] / one["area_um2"]
        for one in (few["`xnor`"], few["`ternary`"])
    )
    return float(binary / ternary)


REGIONS = (GatheredRegion("published", (FORMATS, PAIRS), published),)

"""The digits network at 8x8, dense and pruned to density bounds.

``pruned_train`` prunes and trains; its networks are in ``digits_pruned.npz`` beside this file, with
their figures in ``digits_pruned.json``. The dense one is that of ``digits``.

    >>> network = load("2:4")
    >>> [round(float((layer.weights != 0).mean()), 2) <= 0.5 for layer in network.layers]
    [False, True, True, True]

Blocks lie along K as ``im2col`` orders it, channels fastest, so a block holds channels of one pixel
of the kernel. The first layer has one channel and 9 weights an output; it stays dense, as it does
in the published networks, and takes more passes on hardware for blocks.
"""

import json
from pathlib import Path

import numpy as np

from macsmith.contract.errors import UserError
from macsmith.networks import digits
from macsmith.networks.digits import QuantisedNetwork

PRECISION = "8x8"

BOUNDS: dict[str, tuple[int, int] | None] = {
    "dense": None, "2:4": (2, 4), "4/8": (4, 8), "3/8": (3, 8), "2/8": (2, 8),
}  # fmt: skip
"""Non-zeros that a block may have, and its weights."""

NETWORKS = tuple(BOUNDS)

ARCHIVE = Path(__file__).with_name("digits_pruned.npz")
FIGURES = Path(__file__).with_name("digits_pruned.json")


def load(name: str = "dense") -> QuantisedNetwork:
    """Return the network of that name, with the held-out images.

    Raises
    ------
    UserError
        If there is none.
    """
    if name not in BOUNDS:
        raise UserError(f"network must be one of {', '.join(NETWORKS)}, not {name!r}")
    if BOUNDS[name] is None:
        return digits.load(PRECISION)
    with np.load(digits.ARCHIVE) as images, np.load(ARCHIVE) as arrays:
        whole = {**arrays, "images": images["images"], "labels": images["labels"]}
        return digits.assemble(whole, PRECISION, name)


def fold_accuracies() -> dict[str, tuple[float, float]]:
    """Return mean and deviation of the accuracy over five folds, by network."""
    dense = {"dense": digits.fold_accuracies()[PRECISION]}
    figures = json.loads(FIGURES.read_text())["accuracy"]
    return dense | {name: (values["mean"], values["std"]) for name, values in figures.items()}

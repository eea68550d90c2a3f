"""The tables of docs/networks.md: accuracies, as the training recorded them."""

import json

import numpy as np

from macsmith.figures.docs_page import Page, Region, Shown
from macsmith.figures.markdown import table
from macsmith.networks import digits, pruned_digits


def accuracy() -> Shown:
    """Return the network's accuracy as its training recorded it, and on its held-out images."""
    figures = json.loads(digits.FIGURES.read_text())["accuracy"]
    folds = figures["float"]
    rows: list[list[str]] = [["float", f"{folds['mean']:.2%}", f"{folds['std']:.2%}", ""]]
    for precision in digits.PRECISIONS:
        folds = figures[precision]
        committed = digits.load(precision).accuracy()
        rows.append([precision, f"{folds['mean']:.2%}", f"{folds['std']:.2%}", f"{committed:.2%}"])
    head = ["activations x weights", "mean of five folds", "deviation", "committed network"]
    return Shown(table(head, rows))


def pruned_accuracy() -> Shown:
    """Return the accuracy of each pruned network, and the share of weights that it keeps."""
    rows = []
    for name, (mean, deviation) in pruned_digits.fold_accuracies().items():
        network = pruned_digits.load(name)
        weights = [layer.weights for layer in network.layers]
        kept = sum(map(np.count_nonzero, weights)) / sum(matrix.size for matrix in weights)
        rows.append(
            [name, f"{kept:.1%}", f"{mean:.2%}", f"{deviation:.2%}", f"{network.accuracy():.2%}"]
        )
    head = ["network at 8x8", "non-zero weights", "mean of five folds", "deviation",
            "committed network"]  # fmt: skip
    return Shown(table(head, rows))


PAGE = Page("docs/networks.md", (Region("accuracy", accuracy), Region("pruned", pruned_accuracy)))

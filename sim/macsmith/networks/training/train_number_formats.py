"""Accuracies of digits and letters in each number format after training: ``number_formats.json``.

    python -m macsmith.networks.training.train_number_formats     (about three minutes on one core)

The float networks are those of `train_digits` and of `train_ebsp`, trained anew, fold by fold; each
is measured on the fold that it has not seen, weights and activations rounded, nothing tuned.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from macsmith.networks.number_formats import FIGURES, FloatLayer, Multiply, logits, quantisers
from macsmith.networks.training.cross_validation import FOLDS, Fold, scale_images, summary
from macsmith.networks.training.train_ebsp import FLOAT_EPOCHS, task

TASKS = ("digits", "letters")
SEED = 1


def layers_of(fold: Fold) -> list[FloatLayer]:
    """Return the layers of a fold's float network."""
    return [
        FloatLayer(
            layer.shape,
            layer.parameters["weights"].astype(np.float64),
            layer.parameters["bias"].astype(np.float64),
            layer.last,
        )
        for layer in fold.network.layers
    ]


class FoldedNetwork:
    """A fold's float network, and the images that it has not seen."""

    def __init__(self, name: str, number: int, epochs: int) -> None:
        fold = Fold(task(name), number, epochs, 0, SEED)
        self.layers = layers_of(fold)
        images = fold.held_out["images"].astype(np.int64)
        self.images = scale_images(images, 8, fold.task.pixel_max).astype(np.float64)
        self.labels = fold.held_out["labels"]

    def accuracy(self, multiply: Multiply | None) -> float:
        """Return the share of images that are labelled right, products as they are or quantised."""
        labels = np.argmax(logits(self.layers, self.images, multiply), axis=1)
        return float(np.mean(labels == self.labels))

    def accuracies(self, formats: Mapping[str, Multiply]) -> dict[str, float]:
        """Return that in float and in each format."""
        found = {label: self.accuracy(multiply) for label, multiply in formats.items()}
        return {"float": self.accuracy(None), **found}


def accuracies(name: str, number: int, epochs: int = FLOAT_EPOCHS) -> dict[str, float]:
    """Return the accuracy of a fold's network in float and in each format."""
    formats = {one.label: one.multiply for one in quantisers()}
    return FoldedNetwork(name, number, epochs).accuracies(formats)


def write_record(figures: Path, of_fold: Callable[[str, int], Mapping[str, float]]) -> None:
    """Write a record of what each fold of each task gives, as far as it is each time."""
    record: dict[str, Any] = {"seed": SEED, "epochs": FLOAT_EPOCHS, "accuracy": {}}
    for name in TASKS:
        folds: dict[str, list[float]] = defaultdict(list)
        for number in range(FOLDS):
            for label, share in of_fold(name, number).items():
                folds[label].append(share)
            print(name, number, flush=True)
        record["accuracy"][name] = summary(folds)
        figures.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    with threadpool_limits(1):
        write_record(FIGURES, accuracies)

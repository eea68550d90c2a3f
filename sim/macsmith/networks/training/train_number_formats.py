"""Accuracies of digits and letters in each number format after training: ``number_formats.json``.

    python -m macsmith.networks.training.train_number_formats     (about three minutes on one core)

The float networks are those of `train_digits` and of `train_ebsp`, trained anew, fold by fold; each
is measured on the fold that it has not seen, weights and activations rounded, nothing tuned.
"""

import json
from collections import defaultdict
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from macsmith.networks.number_formats import FIGURES, FloatLayer, Quantiser, logits, quantisers
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


def accuracies(name: str, number: int, epochs: int = FLOAT_EPOCHS) -> dict[str, float]:
    """Return the accuracy of a fold's network in float and in each format."""
    fold = Fold(task(name), number, epochs, 0, SEED)
    layers = layers_of(fold)
    images = scale_images(fold.held_out["images"].astype(np.int64), 8, fold.task.pixel_max)
    found = {}
    each: list[Quantiser | None] = [None, *quantisers()]
    for one in each:
        labels = np.argmax(logits(layers, images.astype(np.float64), one), axis=1)
        right = float(np.mean(labels == fold.held_out["labels"]))
        found["float" if one is None else one.label] = right
    return found


def main() -> None:
    """Write the record."""
    record: dict[str, Any] = {"seed": SEED, "epochs": FLOAT_EPOCHS, "accuracy": {}}
    for name in TASKS:
        folds: dict[str, list[float]] = defaultdict(list)
        for number in range(FOLDS):
            for label, share in accuracies(name, number).items():
                folds[label].append(share)
            print(name, number, flush=True)
        record["accuracy"][name] = summary(folds)
        FIGURES.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    with threadpool_limits(1):
        main()

"""Train the digits network, quantise it, and write ``digits.npz`` and ``digits.json``.

    python -m macsmith.networks.training.train_digits          (about two minutes on one core)

The data are the 1,797 images that come with scikit-learn (half of UCI "Optical Recognition of
Handwritten Digits", 13 writers). They are dealt into five folds, digit by digit. Each fold is
held out once, while a float network is trained on the other four and then tuned to each precision:
no accuracy is measured on an image seen in training, though the writers are the same. The number
of epochs is fixed, the last epoch is taken, and the settings below were tried on folds 1 to 4 only.
Fold 0 chose nothing; the networks that held it out are committed, with its images.

The same versions on the same kind of processor give the same arrays; another processor may add
floats in another order.
"""

import argparse
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

from macsmith.networks import digits
from macsmith.networks.digits import Integers
from macsmith.networks.training import cross_validation
from macsmith.networks.training.cross_validation import FOLDS, Arrays, Task, provenance, summary
from macsmith.networks.training.qat import Floats, TrainedNetwork

SEED = 1
BATCH = 64
RATE = 3e-3
FLOAT_EPOCHS = 40
TUNE_EPOCHS = 30
QUICK_EPOCHS = 3


def read_data() -> tuple[Integers, Integers]:
    """All images (1797, 8, 8), pixels 0 to 16, and their digits (1797,)."""
    data = load_digits()
    return data.images.astype(np.int64), data.target.astype(np.int64)


def deal_folds(labels: Integers) -> Integers:
    """Fold (n,) of each image."""
    return cross_validation.deal_folds(labels, SEED)


def shift_images(images: Floats, rng: np.random.Generator) -> Floats:
    """Move half of the images (n, 8, 8, 1) by -1, 0 or 1 pixel along each axis, zeros coming in."""
    moves = rng.integers(-1, 2, size=(len(images), 2)) * rng.integers(2, size=(len(images), 1))
    padded = np.pad(images[..., 0], ((0, 0), (1, 1), (1, 1)))
    windows = sliding_window_view(padded, (8, 8), axis=(1, 2))
    return windows[np.arange(len(images)), 1 + moves[:, 0], 1 + moves[:, 1], :, :, np.newaxis]


@cache
def task() -> Task:
    """The images, their folds, and how the network is trained."""
    images, labels = read_data()
    return Task(
        shapes=digits.SHAPES,
        images=images,
        labels=labels,
        folds=deal_folds(labels),
        pixel_max=digits.PIXEL_MAX,
        batch=BATCH,
        rate=RATE,
        calibration=len(labels),
        augment=shift_images,
    )


def train(network: TrainedNetwork, images: Floats, labels: Integers, epochs: int) -> float:
    """Train in place; the mean loss of the last epoch."""
    return task().train(network, images, labels, epochs, SEED)


class Fold(cross_validation.Fold):
    """One fold of the digits held out, and the networks trained on the others."""

    def __init__(self, number: int, float_epochs: int, tune_epochs: int, seed: int = SEED) -> None:
        super().__init__(task(), number, float_epochs, tune_epochs, seed)


def quick() -> float:
    """Loss of a few epochs of float training on fold 0: a check that training is reproduced."""
    return Fold(0, QUICK_EPOCHS, 0).float_loss


def cross_validate() -> tuple[Arrays, dict[str, list[float]]]:
    """The networks that held out fold 0, and the accuracies of each precision, fold by fold."""
    accuracies: dict[str, list[float]] = {key: [] for key in ("float", *digits.PRECISIONS)}
    committed: Arrays = {}
    for number in range(FOLDS):
        fold = Fold(number, FLOAT_EPOCHS, TUNE_EPOCHS)
        accuracies["float"].append(fold.float_accuracy())
        committed |= fold.held_out if number == 0 else {}
        for precision in digits.PRECISIONS:
            arrays = fold.tune(precision)
            accuracies[precision].append(fold.accuracy(arrays, precision))
            committed |= arrays if number == 0 else {}
        print(f"fold {number}:", {key: round(values[-1], 4) for key, values in accuracies.items()})
    return committed, accuracies


def record(archive: Path, accuracies: dict[str, list[float]], quick_loss: float) -> dict[str, Any]:
    """What is written to the JSON file: how the archive was made and how good it is."""
    return {
        "data": "scikit-learn load_digits, 1797 images of 8x8 pixels",
        "split": "5 folds stratified by digit; trained on 4, accuracy on the fifth; "
        "digits.npz is the network and the images of held-out fold 0",
        "seed": SEED,
        "epochs": {"float": FLOAT_EPOCHS, "tuned": TUNE_EPOCHS},
        "accuracy": summary(accuracies),
        "quick_loss": quick_loss,
        **provenance(archive),
    }


def main() -> None:
    """Train everything and write both files into a folder, by default beside this one."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--folder", type=Path, default=digits.ARCHIVE.parent)
    folder = parser.parse_args().folder
    with threadpool_limits(1):
        quick_loss = quick()
        arrays, accuracies = cross_validate()
    archive = folder / digits.ARCHIVE.name
    np.savez_compressed(archive, **arrays)  # type: ignore[arg-type]
    text = json.dumps(record(archive, accuracies, quick_loss), indent=2)
    archive.with_suffix(".json").write_text(text + "\n")


if __name__ == "__main__":
    main()

"""Train the digits network, quantise it, and write ``digits.npz`` and ``digits.json``.

    python -m macsmith.workloads.digits_train          (about two minutes on one core)

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
import copy
import hashlib
import json
import math
import platform
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import sklearn
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from macsmith.workloads import digits
from macsmith.workloads.digits import Integers
from macsmith.workloads.qat import Adam, Floats, TrainedNetwork, cross_entropy

Arrays: TypeAlias = dict[str, NDArray[Any]]

SEED = 1
FOLDS = 5
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
    """Fold (n,) of each image: every digit is shuffled and dealt to the folds in turn."""
    rng = np.random.default_rng(SEED)
    folds = np.empty_like(labels)
    start = 0
    for digit in range(10):
        indices = rng.permutation(np.flatnonzero(labels == digit))
        folds[indices] = (start + np.arange(len(indices))) % FOLDS
        start += len(indices)
    return folds


def scale_images(images: Integers, bits: int) -> Floats:
    """Input codes of ``bits`` bits as the network sees them, (n, 8, 8, 1) of 0 to 1."""
    top = np.float32((1 << bits) - 1)
    return digits.quantise_images(images, bits).astype(np.float32) / top


def shift_images(images: Floats, rng: np.random.Generator) -> Floats:
    """Move half of the images (n, 8, 8, 1) by -1, 0 or 1 pixel along each axis, zeros coming in."""
    moves = rng.integers(-1, 2, size=(len(images), 2)) * rng.integers(2, size=(len(images), 1))
    padded = np.pad(images[..., 0], ((0, 0), (1, 1), (1, 1)))
    windows = sliding_window_view(padded, (8, 8), axis=(1, 2))
    return windows[np.arange(len(images)), 1 + moves[:, 0], 1 + moves[:, 1], :, :, np.newaxis]


def train(network: TrainedNetwork, images: Floats, labels: Integers, epochs: int) -> float:
    """Train in place at a rate that falls to 0 as a cosine; the mean loss of the last epoch."""
    rng = np.random.default_rng(SEED)
    adam = Adam(network)
    batches = math.ceil(len(labels) / BATCH)
    for epoch in range(epochs):
        losses = []
        for number, batch in enumerate(np.array_split(rng.permutation(len(labels)), batches)):
            logits = network.forward(shift_images(images[batch], rng))
            loss, gradient = cross_entropy(logits, labels[batch])
            progress = (epoch + number / batches) / epochs
            adam.step(network.backward(gradient), RATE * 0.5 * (1 + math.cos(math.pi * progress)))
            losses.append(loss)
    return float(np.mean(losses))


def export(network: TrainedNetwork, precision: str) -> Arrays:
    """Integer weights, biases and requantisers of a quantised network, named as in the archive."""
    arrays: Arrays = {}
    weight_bits = int(precision.split("x")[1])
    input_step = np.exp(network.input_log_step[0])
    for layer in network.layers:
        key = f"{precision}/{layer.shape.name}"
        weight_step = np.exp(layer.parameters["weight_step"][:, 0])
        unit = input_step * weight_step
        arrays[f"{key}/weights"] = layer.round_weights(weight_bits).codes.astype(np.int8)
        arrays[f"{key}/bias"] = np.rint(layer.parameters["bias"] / unit).astype(np.int32)
        if not layer.last:
            output_step = np.exp(layer.parameters["output_step"][0])
            mult, shift = fixed_point((unit / output_step).astype(np.float64))
            arrays[f"{key}/mult"] = mult.astype(np.uint16)
            arrays[f"{key}/shift"] = np.array(shift, dtype=np.uint8)
            input_step = output_step
    return arrays


def fixed_point(ratios: NDArray[np.float64]) -> tuple[NDArray[np.float64], int]:
    """(mult, shift) with ``mult / 2**shift`` next to each ratio, the largest mult of 16 bits."""
    shift = 15 - math.floor(math.log2(float(ratios.max())))
    mult = np.rint(np.ldexp(ratios, shift))
    if not 0 <= shift <= 47 or mult.max() > 0xFFFF:
        raise ValueError(
            f"ratios must fit a 16-bit multiplier and a shift of 0 to 47, not {ratios}"
        )
    return mult, shift


class Fold:
    """One fold held out, and the networks trained on the others."""

    def __init__(self, number: int, float_epochs: int, tune_epochs: int) -> None:
        images, labels = read_data()
        held_out = deal_folds(labels) == number
        self.images, self.labels = images[~held_out], labels[~held_out]
        self.held_out = {
            "images": images[held_out].astype(np.uint8),
            "labels": labels[held_out].astype(np.uint8),
        }
        self.tune_epochs = tune_epochs
        self.network = TrainedNetwork(digits.SHAPES, SEED)
        self.float_loss = train(
            self.network, scale_images(self.images, 8), self.labels, float_epochs
        )

    def float_accuracy(self) -> float:
        """Accuracy of the float network on the held-out fold."""
        logits = self.network.forward(scale_images(self.held_out["images"].astype(np.int64), 8))
        return float(np.mean(np.argmax(logits, axis=1) == self.held_out["labels"]))

    def tune(
        self, precision: str, prune: Callable[[TrainedNetwork], None] = lambda network: None
    ) -> Arrays:
        """Prune a copy of the float network, tune it to a precision and return it in integers."""
        activation_bits, weight_bits = map(int, precision.split("x"))
        images = scale_images(self.images, activation_bits)
        network = copy.deepcopy(self.network)
        prune(network)
        network.quantise((activation_bits, weight_bits), images)
        train(network, images, self.labels, self.tune_epochs)
        return export(network, precision)

    def accuracy(self, arrays: Arrays, precision: str) -> float:
        """Accuracy of an integer network on the held-out fold."""
        return digits.assemble(self.held_out | arrays, precision).accuracy()


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


def summary(accuracies: Mapping[str, list[float]]) -> dict[str, Any]:
    """Mean, deviation and folds of each accuracy."""
    return {
        key: {
            "mean": float(np.mean(values)),
            "std": float(np.std(values, ddof=1)),
            "folds": values,
        }
        for key, values in accuracies.items()
    }


def provenance(archive: Path) -> dict[str, Any]:
    """What an archive holds, as a hash, and what it was made with."""
    return {
        "archive_sha256": hashlib.sha256(archive.read_bytes()).hexdigest(),
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scikit-learn": sklearn.__version__,
        },
        "machine": platform.machine(),
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

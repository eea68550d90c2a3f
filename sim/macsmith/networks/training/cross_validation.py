"""Cross-validated training of small networks: a task, its folds, and export to integers.

Each fold of the examples is held out once, while a float network is trained on the others and then
tuned with quantised weights and activations. The number of epochs is fixed and the last epoch is
taken.
"""

import copy
import hashlib
import math
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from macsmith.networks import digits
from macsmith.networks.digits import Integers, LayerShape
from macsmith.networks.training.qat import (
    Adam,
    Floats,
    Parameters,
    Rounding,
    TrainedNetwork,
    cross_entropy,
)

Arrays: TypeAlias = dict[str, NDArray[Any]]
FOLDS = 5


class Penalty(Protocol):
    """A term of the loss besides the cross-entropy, which changes from epoch to epoch."""

    def start(self, epoch: int) -> None:
        """Prepare an epoch."""

    def add(self, gradients: list[Parameters]) -> None:
        """Add the gradients of the term to those of the loss, layer by layer."""


def unchanged(images: Floats, rng: np.random.Generator) -> Floats:
    """Augment nothing."""
    return images


@dataclass(frozen=True, kw_only=True, eq=False)
class Task:
    """Examples, a network for them, and how it is trained.

    ``images`` are (n, h, w) with pixels 0 to ``pixel_max``; ``folds`` tells the fold of each. The
    first ``calibration`` of those trained on set the first steps of the activations.
    """

    shapes: tuple[LayerShape, ...]
    images: Integers
    labels: Integers
    folds: Integers
    pixel_max: int
    batch: int
    rate: float
    calibration: int = 256
    augment: Callable[[Floats, np.random.Generator], Floats] = unchanged

    def train(
        self,
        network: TrainedNetwork,
        images: Floats,
        labels: Integers,
        epochs: int,
        seed: int,
        penalty: Penalty | None = None,
    ) -> float:
        """Train in place at a rate that falls to 0 as a cosine; the mean loss of the last epoch."""
        rng = np.random.default_rng(seed)
        adam = Adam(network)
        batches = math.ceil(len(labels) / self.batch)
        for epoch in range(epochs):
            losses = []
            if penalty is not None:
                penalty.start(epoch)
            for number, batch in enumerate(np.array_split(rng.permutation(len(labels)), batches)):
                logits = network.forward(self.augment(images[batch], rng))
                loss, gradient = cross_entropy(logits, labels[batch])
                gradients = network.backward(gradient)
                if penalty is not None:
                    penalty.add(gradients)
                progress = (epoch + number / batches) / epochs
                adam.step(gradients, self.rate * 0.5 * (1 + math.cos(math.pi * progress)))
                losses.append(loss)
        return float(np.mean(losses))


def deal_folds(labels: Integers, seed: int) -> Integers:
    """Fold (n,) of each example: every class is shuffled and dealt to the folds in turn."""
    rng = np.random.default_rng(seed)
    folds = np.empty_like(labels)
    start = 0
    for label in range(int(labels.max()) + 1):
        indices = rng.permutation(np.flatnonzero(labels == label))
        folds[indices] = (start + np.arange(len(indices))) % FOLDS
        start += len(indices)
    return folds


def scale_images(images: Integers, bits: int, pixel_max: int = digits.PIXEL_MAX) -> Floats:
    """Input codes of ``bits`` bits as the network sees them, (n, h, w, 1) of 0 to 1."""
    top = np.float32((1 << bits) - 1)
    return digits.quantise_images(images, bits, pixel_max).astype(np.float32) / top


def export(network: TrainedNetwork, precision: str) -> Arrays:
    """Integer weights, biases and requantisers of a quantised network, named as in the archive."""
    arrays: Arrays = {}
    input_step = np.exp(network.input_log_step[0])
    for layer in network.layers:
        key = f"{precision}/{layer.shape.name}"
        weight_step = np.exp(layer.parameters["weight_step"][:, 0])
        unit = input_step * weight_step
        arrays[f"{key}/weights"] = layer.round_weights().codes.astype(np.int8)
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
    """One fold of a task held out, and the networks trained on the others."""

    def __init__(
        self, task: Task, number: int, float_epochs: int, tune_epochs: int, seed: int
    ) -> None:
        held_out = task.folds == number
        self.task, self.seed = task, seed
        self.images, self.labels = task.images[~held_out], task.labels[~held_out]
        self.held_out = {
            "images": task.images[held_out].astype(np.uint8),
            "labels": task.labels[held_out].astype(np.uint8),
        }
        self.tune_epochs = tune_epochs
        self.network = TrainedNetwork(task.shapes, seed)
        images = scale_images(self.images, 8, task.pixel_max)
        self.float_loss = task.train(self.network, images, self.labels, float_epochs, seed)

    def float_accuracy(self) -> float:
        """Accuracy of the float network on the held-out fold."""
        images = self.held_out["images"].astype(np.int64)
        logits = self.network.forward(scale_images(images, 8, self.task.pixel_max))
        return float(np.mean(np.argmax(logits, axis=1) == self.held_out["labels"]))

    def tune(
        self,
        precision: str,
        prune: Callable[[TrainedNetwork], None] = lambda network: None,
        rounding: Rounding | None = None,
        penalise: Callable[[TrainedNetwork], Penalty | None] = lambda network: None,
    ) -> Arrays:
        """Prune a copy of the float network, tune it to a precision and return it in integers."""
        activation_bits, weight_bits = map(int, precision.split("x"))
        images = scale_images(self.images, activation_bits, self.task.pixel_max)
        network = copy.deepcopy(self.network)
        prune(network)
        first = images[: self.task.calibration]
        network.quantise((activation_bits, weight_bits), first, rounding)
        self.task.train(
            network, images, self.labels, self.tune_epochs, self.seed, penalise(network)
        )
        return export(network, precision)

    def accuracy(self, arrays: Arrays, precision: str) -> float:
        """Accuracy of an integer network on the held-out fold."""
        task = self.task
        whole = self.held_out | arrays
        network = digits.assemble(whole, precision, shapes=task.shapes, pixel_max=task.pixel_max)
        return network.accuracy()


def summary(accuracies: Mapping[str, list[float]], each: str = "folds") -> dict[str, Any]:
    """Mean and deviation of each accuracy, and those of folds, or of what ``each`` says."""
    return {
        key: {
            "mean": float(np.mean(values)),
            "std": float(np.std(values, ddof=1)),
            each: values,
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
            "scikit-learn": version("scikit-learn"),
        },
        "machine": platform.machine(),
    }

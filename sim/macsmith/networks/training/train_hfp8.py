"""Train the letters network with HFP8 operands and short accumulators: ``hfp8_training.json``.

    python -m macsmith.networks.training.train_hfp8          (some ten minutes on one core)

All three products of a layer (Sun et al., NeurIPS 2019) have operands of 8 bits: forward weights by
activations, both 1-4-3; backward gradients, 1-5-2, by weights; and gradients by activations. Each
product joins the sum by itself, which is rounded then; with chunks (Wang et al., NeurIPS 2018) the
sums of so many products are added to an outer sum, rounded too. Weights and Adam are float32.

The batch is larger than that of `train_ebsp`, as the sums over it are the long ones.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from macsmith.contract.number_format import FORMATS
from macsmith.formats.number_codes import decode, encode
from macsmith.networks.im2col import col2im, im2col
from macsmith.networks.number_formats import TRAINING, Reals
from macsmith.networks.training.cross_validation import scale_images, summary
from macsmith.networks.training.qat import Floats, Parameters, TrainedLayer, TrainedNetwork
from macsmith.networks.training.train_ebsp import task

EPOCHS, BATCH, SEED = 12, 1024, 1
RUNS = (0, 1, 2)
"""Folds that are held out."""

LOSS_SCALE = 2.0**12
"""What gradients are multiplied by before they are rounded."""


@dataclass(frozen=True)
class Arithmetic:
    """Operands of 8 bits or none, and what sums are kept in: ``chunk`` products, 0 for all."""

    operands: bool = True
    acc: str = "fp32"
    chunk: int = 0

    def product(self, a: Reals, b: Reals) -> Reals:
        """Return ``a @ b`` as it is accumulated, of (M, K) and (K, N)."""
        if self.acc == "fp32":
            return a @ b
        length = a.shape[1]
        outer = np.zeros((len(a), b.shape[1]))
        for start in range(0, length, self.chunk or length):
            inner = np.zeros_like(outer)
            for k in range(start, min(start + (self.chunk or length), length)):
                inner = rounded_to(self.acc, inner + a[:, k, np.newaxis] * b[k])
            outer = inner if start == 0 else rounded_to(self.acc, outer + inner)
        return outer


SETTINGS: Mapping[str, Arithmetic] = {
    "float32": Arithmetic(operands=False),
    "HFP8, float32 sums": Arithmetic(),
    "HFP8, DLFloat16 sums": Arithmetic(acc="dlfloat16"),
    "HFP8, DLFloat16 sums, chunks of 64": Arithmetic(acc="dlfloat16", chunk=64),
    "HFP8, FP16 sums": Arithmetic(acc="fp16"),
    "HFP8, FP16 sums, chunks of 64": Arithmetic(acc="fp16", chunk=64),
}
"""What is compared; chunks of one product are none."""


def rounded_to(acc: str, values: Reals) -> Reals:
    """Return values as an accumulator holds them: FP16 to nearest even, DLFloat16 ties away."""
    if acc == "fp16":
        return values.astype(np.float16).astype(np.float64)
    # Half of the last of 9 fraction bits is added to the magnitude, and the rest cut off.
    drop = 52 - FORMATS["dlfloat16"].fraction_bits
    bits = np.ascontiguousarray(values).view(np.int64)
    cut = ((bits + (1 << drop - 1)) & ~np.int64((1 << drop) - 1)).view(np.float64)
    return np.where(np.abs(cut) > 2.0**-31, cut, 0.0)


def narrow(name: str, values: Reals) -> Reals:
    """Return values as a format of 8 bits has them."""
    fmt = FORMATS[name]
    return decode(fmt, encode(fmt, values, "nearest-even", True))


class Hfp8Layer(TrainedLayer):
    """A layer whose products are made of 8-bit operands; see `TrainedLayer`."""

    how = Arithmetic()

    def _narrow(self, name: str, values: Any) -> Reals:
        exact = np.asarray(values, np.float64)
        return narrow(name, exact) if self.how.operands else exact

    def forward(self, inputs: Floats, input_log_step: Floats) -> Floats:
        self.input_shape = inputs.shape
        matrix = im2col(inputs, self.shape.kernel, self.shape.stride, self.shape.padding)
        self.acts = self._narrow("hfp8-fwd", matrix)
        self.taken = self._narrow("hfp8-fwd", self.parameters["weights"])
        product = self.how.product(self.acts, self.taken.T)
        acc: Floats = (product + self.parameters["bias"]).astype(np.float32)
        if not self.last:
            acc = self._activate(acc)
        return acc.reshape(len(inputs), *self.shape.output(inputs.shape[1:]))

    def backward(self, gradient: Floats) -> tuple[Floats, Parameters]:
        gradient = gradient.reshape(-1, self.shape.channels)
        if not self.last:
            gradient = gradient * self.passed
        short = self._narrow("hfp8-bwd", gradient * LOSS_SCALE)
        weights = self.how.product(short.T, self.acts) / LOSS_SCALE
        inputs = self.how.product(short, self.taken) / LOSS_SCALE
        gradients = {"bias": gradient.sum(axis=0), "weights": weights.astype(np.float32)}
        spread = col2im(
            inputs.astype(np.float32), self.input_shape, self.shape.kernel, self.shape.stride,
            self.shape.padding,
        )  # fmt: skip
        return spread, gradients


def accuracy(how: Arithmetic, number: int, epochs: int = EPOCHS) -> float:
    """Return the accuracy on a fold of a network trained on the others."""
    mine = replace(task("letters"), batch=BATCH)
    held_out = mine.folds == number
    network = TrainedNetwork(mine.shapes, SEED)
    for index, layer in enumerate(network.layers):
        network.layers[index] = Hfp8Layer(layer.shape, layer.parameters, layer.last)
        network.layers[index].how = how
    images = scale_images(mine.images, 8, mine.pixel_max)
    mine.train(network, images[~held_out], mine.labels[~held_out], epochs, SEED)
    found = np.argmax(network.forward(images[held_out]), axis=1)
    return float(np.mean(found == mine.labels[held_out]))


def main() -> None:
    """Write the record, after each setting."""
    shares: dict[str, list[float]] = {}
    for label, how in SETTINGS.items():
        shares[label] = [accuracy(how, number) for number in RUNS]
        print(label, shares[label], flush=True)
        record = {
            "seed": SEED, "epochs": EPOCHS, "batch": BATCH, "accuracy": summary(shares),
        }  # fmt: skip
        TRAINING.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    with threadpool_limits(1):
        main()

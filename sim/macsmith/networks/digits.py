"""A small convolutional network on 8x8 handwritten digits, in integers, at five precisions.

Three convolutions and a dense layer, trained by ``digits_train`` on the digits that come with
scikit-learn. Weights, requantisers and held-out images are in ``digits.npz`` beside this file,
so that neither the demonstration nor the tests need scikit-learn or floating point:

    >>> network = load("4x4")
    >>> network.infer_labels(network.images[:3]).shape
    (3,)

Number formats at precision ``AxW``: activations unsigned A bits, input image included; weights
two's-complement W bits; biases integers in units of the accumulator. Between layers

    code = saturate(round_half_even(acc * mult / 2**shift), 0, 2**A - 1)

which is also the ReLU. The last layer's accumulators are the logits.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from macsmith.golden.requantiser import requantise
from macsmith.networks.im2col import im2col, output_size

Integers: TypeAlias = NDArray[np.int64]

PRECISIONS = ("8x8", "8x4", "8x2", "4x4", "2x2")
"""Activation bits x weight bits, the MAC modes of the project."""

PIXEL_MAX = 16
"""Brightest pixel of the images as they are stored; the darkest is 0."""

ARCHIVE = Path(__file__).with_name("digits.npz")
FIGURES = Path(__file__).with_name("digits.json")


@dataclass(frozen=True, kw_only=True)
class LayerShape:
    """Geometry of a layer: ``channels`` outputs a pixel, kernel in pixels, zero padding."""

    name: str
    kind: str
    channels: int
    kernel: tuple[int, int]
    stride: int = 1
    padding: int = 0

    def output(self, shape: tuple[int, int, int]) -> tuple[int, int, int]:
        """Shape (h, w, c) of the output for an input of ``shape`` (h, w, c)."""
        height, width = (
            output_size(size, kernel, self.stride, self.padding)
            for size, kernel in zip(shape[:2], self.kernel, strict=True)
        )
        return height, width, self.channels


SHAPES = (
    LayerShape(name="conv1", kind="conv", channels=16, kernel=(3, 3), padding=1),
    LayerShape(name="conv2", kind="conv", channels=32, kernel=(3, 3), stride=2, padding=1),
    LayerShape(name="conv3", kind="conv", channels=32, kernel=(3, 3), padding=1),
    LayerShape(name="dense", kind="dense", channels=10, kernel=(4, 4)),
)
"""8x8x1 -> 8x8x16 -> 4x4x32 -> 4x4x32 -> 10; K = 9, 144, 288, 512 products an output."""


@dataclass(frozen=True, kw_only=True, eq=False)
class QuantisedLayer:
    """One layer in integers.

    ``weights`` are codes (cols, K) with K in the order of ``im2col``, ``bias`` and ``mult`` are
    (cols,), ``shift`` is common to the layer. The last layer is not requantised: ``mult`` is None.
    """

    shape: LayerShape
    activation_bits: int
    weight_bits: int
    weights: Integers
    bias: Integers
    mult: Integers | None
    shift: int

    @property
    def name(self) -> str:
        return self.shape.name

    @property
    def kind(self) -> str:
        return self.shape.kind

    def operands(self, codes: Integers) -> Integers:
        """Gather input codes (n, h, w, c) into the matrix A (rows, K) of this layer."""
        return im2col(codes, self.shape.kernel, self.shape.stride, self.shape.padding)

    def accumulate(self, codes: Integers) -> Integers:
        """Accumulators (n, out_h, out_w, cols), bias included, of input codes (n, h, w, c)."""
        count, height, width, channels = codes.shape
        out = self.shape.output((height, width, channels))
        return (self.operands(codes) @ self.weights.T + self.bias).reshape(count, *out)

    def forward(self, codes: Integers) -> Integers:
        """Output codes of input codes; the accumulators themselves in the last layer."""
        return self.finish(self.accumulate(codes))

    def finish(self, acc: Integers) -> Integers:
        """Output codes of accumulators (n, out_h, out_w, cols), bias included."""
        if self.mult is None:
            return acc
        return requantise(acc, self.mult, self.shift, self.activation_bits)


@dataclass(frozen=True, kw_only=True, eq=False)
class QuantisedNetwork:
    """The network at one precision, with the held-out images (n, 8, 8), 0 to 16, and labels."""

    activation_bits: int
    weight_bits: int
    layers: tuple[QuantisedLayer, ...]
    images: Integers
    labels: Integers
    pixel_max: int = PIXEL_MAX

    def infer(self, images: Integers) -> Integers:
        """Logits (n, 10) of images (n, 8, 8) with pixels 0 to 16, in integers only."""
        return self._codes(len(self.layers), images).reshape(len(images), -1)

    def infer_labels(self, images: Integers) -> Integers:
        """Digits (n,) of images (n, 8, 8)."""
        return np.argmax(self.infer(images), axis=1)

    def accuracy(self) -> float:
        """Share of the held-out images that are labelled right, 0 to 1."""
        return float(np.mean(self.infer_labels(self.images) == self.labels))

    def gemm(self, layer_index: int, images: Integers) -> tuple[Integers, Integers]:
        """The operands (A, W) that a layer sees for images (n, 8, 8).

        A is (rows, K), unsigned activation codes, a row for each output pixel; W is (cols, K),
        signed weight codes. ``A @ W.T + bias`` are the layer's accumulators.
        """
        layer = self.layers[layer_index]
        return layer.operands(self._codes(layer_index, images)), layer.weights

    def _codes(self, depth: int, images: Integers) -> Integers:
        """Activation codes (n, h, w, c) after the first ``depth`` layers."""
        codes = quantise_images(images, self.activation_bits, self.pixel_max)
        for layer in self.layers[:depth]:
            codes = layer.forward(codes)
        return codes


def load(precision: str = "8x8") -> QuantisedNetwork:
    """The committed network at ``precision``, one of ``PRECISIONS``."""
    if precision not in PRECISIONS:
        raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, not {precision!r}")
    with np.load(ARCHIVE) as arrays:
        return assemble(arrays, precision)


def fold_accuracies() -> dict[str, tuple[float, float]]:
    """Mean and deviation of the accuracy over five folds, by precision."""
    figures = json.loads(FIGURES.read_text())["accuracy"]
    return {name: (values["mean"], values["std"]) for name, values in figures.items()}


def assemble(
    arrays: Mapping[str, NDArray[Any]],
    precision: str,
    name: str | None = None,
    *,
    shapes: tuple[LayerShape, ...] = SHAPES,
    pixel_max: int = PIXEL_MAX,
) -> QuantisedNetwork:
    """The network at ``precision`` from arrays named as in the archive.

    ``images`` and ``labels`` are common to all networks; ``4x4/conv1/weights``, ``.../bias``,
    ``.../mult`` and ``.../shift`` belong to a layer of the one called ``name``, else after its
    precision.
    """
    activation_bits, weight_bits = map(int, precision.split("x"))
    layers = []
    for shape in shapes:
        key = f"{name or precision}/{shape.name}"
        last = shape is shapes[-1]
        layers.append(
            QuantisedLayer(
                shape=shape,
                activation_bits=activation_bits,
                weight_bits=weight_bits,
                weights=arrays[f"{key}/weights"].astype(np.int64),
                bias=arrays[f"{key}/bias"].astype(np.int64),
                mult=None if last else arrays[f"{key}/mult"].astype(np.int64),
                shift=0 if last else int(arrays[f"{key}/shift"]),
            )
        )
    return QuantisedNetwork(
        activation_bits=activation_bits,
        weight_bits=weight_bits,
        layers=tuple(layers),
        images=arrays["images"].astype(np.int64),
        labels=arrays["labels"].astype(np.int64),
        pixel_max=pixel_max,
    )


def quantise_images(images: Integers, bits: int, pixel_max: int = PIXEL_MAX) -> Integers:
    """Input codes (n, h, w, 1), 0 to 2**bits - 1, of pixels 0 to ``pixel_max``; ties round up."""
    top = (1 << bits) - 1
    return ((images * top + pixel_max // 2) // pixel_max)[..., np.newaxis]

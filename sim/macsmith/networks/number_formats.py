"""Networks whose operands are rounded to a number format after training, and how good they stay.

The accuracies are in ``number_formats.json`` beside this file; see
`macsmith.networks.training.train_number_formats`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from macsmith.contract.number_format import FORMATS
from macsmith.formats.block_scales import SCALE_RULES, to_mx, to_nvfp4
from macsmith.formats.number_codes import decode, encode
from macsmith.networks.digits import LayerShape
from macsmith.networks.im2col import im2col

Reals: TypeAlias = NDArray[np.float64]

Multiply: TypeAlias = Callable[[Reals, Reals], Reals]
"""Returns the products of a matrix (rows, K) and weights (cols, K)."""

FIGURES = Path(__file__).with_name("number_formats.json")
TRAINING = Path(__file__).with_name("hfp8_training.json")

PLAIN = ("fp16", "bf16", "dlfloat16", "e5m2", "e4m3fn", "e3m4", "hfp8-fwd", "e3m2", "e2m3", "e2m1",
         "int8", "int4")  # fmt: skip
"""Formats of numbers that stand alone."""

BLOCKS: Mapping[str, str] = {
    "mxfp8": "e4m3fn", "mxfp8-e5m2": "e5m2", "mxfp6-e3m2": "e3m2", "mxfp6-e2m3": "e2m3",
    "mxfp4": "e2m1", "mxint8": "mxint8", "nvfp4": "e2m1",
}  # fmt: skip
"""Formats of blocks, and their elements."""

MX_BLOCK, NV_BLOCK = 32, 16


@dataclass(frozen=True)
class Quantiser:
    """Rounds matrices to a format, in blocks along their rows where it has any.

    Formats of up to 8 bits without blocks share a scale that brings the greatest magnitude of the
    whole matrix to their greatest number; wider ones have none.
    """

    name: str
    rule: str = ""

    @property
    def label(self) -> str:
        """What accuracies are kept by."""
        return f"{self.name} {self.rule}".strip()

    def __call__(self, matrix: Reals) -> Reals:
        """Return a matrix (rows, K) as the format has it."""
        if self.name in BLOCKS:
            return self._in_blocks(matrix)
        fmt = FORMATS[self.name]
        greatest = float(np.abs(matrix).max())
        scale = 1.0
        if fmt.width <= 8 and greatest > 0:
            scale = greatest / float(decode(fmt, np.array(fmt.greatest)))
        return decode(fmt, encode(fmt, matrix / scale, "nearest-even", True)) * scale

    def multiply(self, matrix: Reals, weights: Reals) -> Reals:
        """Return ``matrix @ weights.T`` of rounded operands."""
        return exact(self(matrix), self(weights))

    def _in_blocks(self, matrix: Reals) -> Reals:
        nv = self.name == "nvfp4"
        size = NV_BLOCK if nv else MX_BLOCK
        rows, length = matrix.shape
        padded = np.pad(matrix, ((0, 0), (0, -length % size))).reshape(rows, -1, size)
        fmt = FORMATS[BLOCKS[self.name]]
        if nv:
            tensor = float(np.abs(matrix).max()) / (6 * 448) or 1.0
            codes, scales = to_nvfp4(padded, tensor, rule=self.rule)
            sizes = decode(FORMATS["e4m3fn"], scales) * tensor
        else:
            codes, scales = to_mx(padded, fmt, self.rule)
            sizes = decode(FORMATS["e8m0"], scales)
        values = decode(fmt, codes) * sizes[..., np.newaxis]
        return values.reshape(rows, -1)[:, :length]


def exact(matrix: Reals, weights: Reals) -> Reals:
    """Return ``matrix @ weights.T``."""
    product: Reals = matrix @ weights.T
    return product


def quantisers() -> list[Quantiser]:
    """Return all formats, those of blocks by every scale rule."""
    plain = [Quantiser(name) for name in PLAIN]
    return [*plain, *(Quantiser(name, rule) for name in BLOCKS for rule in SCALE_RULES)]


@dataclass(frozen=True)
class FloatLayer:
    """A layer as it was trained: weights (cols, K) and bias (cols,)."""

    shape: LayerShape
    weights: Reals
    bias: Reals
    last: bool


def logits(layers: list[FloatLayer], images: Reals, multiply: Multiply | None) -> Reals:
    """Return the logits of images (n, h, w, 1), products exact or as something multiplies.

    Sums are exact to float64; biases and what follows a layer are not rounded.
    """
    values = images.astype(np.float64)
    for layer in layers:
        out = layer.shape.output(values.shape[1:])
        matrix = im2col(values, layer.shape.kernel, layer.shape.stride, layer.shape.padding)
        product = (multiply or exact)(matrix, layer.weights)
        acc = product + layer.bias
        values = (acc if layer.last else np.maximum(acc, 0)).reshape(len(images), *out)
    return values.reshape(len(images), -1)


def recorded() -> dict[str, Any]:
    """Return the recorded accuracies by task and label."""
    found: dict[str, Any] = json.loads(FIGURES.read_text())
    return found

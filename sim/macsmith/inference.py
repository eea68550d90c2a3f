"""A quantised network layer by layer on an array: convolutions as matrix products.

The array multiplies; bias, requantisation and ReLU follow in numpy. Each layer takes what the one
before it gave, and each sum is compared with the golden model of the same operands.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from macsmith.golden.array import ArrayModel
from macsmith.golden.model import Int64s
from macsmith.stream_array import Counters, MatrixArray
from macsmith.tiling import Tiling
from macsmith.workloads.digits import QuantisedNetwork, quantise_images


@dataclass(frozen=True, kw_only=True)
class LayerRun:
    """One layer on an array.

    Parameters
    ----------
    name:
        Of the layer.
    density:
        Share of its weights that are not zero.
    keep, lost:
        Activations that are kept of a block, and the share of the sum of activations that is lost;
        None and 0 unless activations are density bound.
    counters:
        What it cost.
    words:
        Sums that were compared.
    mismatches:
        How many differ from the golden model.
    example:
        A sentence about the first that does.
    codes:
        Its outputs, (n, h, w, c).
    """

    name: str
    density: float
    keep: int | None
    lost: float
    counters: Counters
    words: int
    mismatches: int
    example: str | None
    codes: Int64s

    def to_json(self) -> dict[str, Any]:
        """Return the run as plain JSON values."""
        shape = self.counters.shape
        return {
            "layer": self.name,
            "m": shape.m, "k": shape.k, "n": shape.n,
            "density": self.density,
            "keep": self.keep,
            "lost": self.lost,
            "passes": shape.passes,
            "tiles": shape.tiles,
            "steps": shape.steps,
            "cycles": self.counters.cycles,
            "macs": shape.macs,
            "macs_per_cycle": self.counters.macs_per_cycle,
            "utilisation": self.counters.utilisation,
            "words": self.words,
            "mismatches": self.mismatches,
            "example": self.example,
        }  # fmt: skip


class ModelArray:
    """The golden model in place of an array, its cycles by formula.

    Parameters
    ----------
    spec, mode:
        What it models, and the index of its mode.
    """

    def __init__(self, spec: Any, mode: int = 0) -> None:
        self.spec, self.mode, self.model = spec, mode, ArrayModel(spec)

    def gemm(self, acts: Int64s, weights: Int64s) -> tuple[Int64s, Counters]:
        """See `MatrixArray.gemm`."""
        precision = self.spec.modes[self.mode]
        shape = Tiling(self.spec, acts, weights, self.mode).shape
        cycles = self.model.cycles(shape.tiles, shape.steps)
        peak = self.spec.macs_per_cycle(precision)
        counters = Counters(shape=shape, cycles=cycles, peak=peak)
        return self.model.matmul(precision, acts, weights), counters


def run_layers(
    network: QuantisedNetwork,
    array: MatrixArray,
    spec: Any,
    mode: int,
    images: Int64s,
    own: Mapping[str, tuple[MatrixArray, Any]] = MappingProxyType({}),
) -> Iterator[LayerRun]:
    """Yield the run of each layer; the codes of the last are the logits.

    Parameters
    ----------
    array:
        The array.
    spec, mode:
        What it is and the index of its mode, for the golden model.
    images:
        Input images (n, 8, 8).
    own:
        Of layers that run on another array, by name: that array, and what it is.
    """
    default, precision = (array, spec), spec.modes[mode]
    codes = quantise_images(images, network.activation_bits, network.pixel_max)
    for layer in network.layers:
        acts, weights = layer.operands(codes), layer.weights.T
        array, spec = own.get(layer.name, default)
        model = ArrayModel(spec)
        sums, counters = array.gemm(acts, weights)
        expected = model.matmul(precision, acts, weights)
        wrong = np.argwhere(sums != expected)
        example = None
        if len(wrong):
            row, column = wrong[0]
            example = (
                f"layer {layer.name}: sum of row {row}, column {column} is {sums[row, column]}, "
                f"expected {expected[row, column]}"
            )
        shape = (len(images), *layer.shape.output((*codes.shape[1:],)))
        codes = layer.finish((sums + layer.bias).reshape(shape))
        yield LayerRun(
            name=layer.name, density=float(np.mean(weights != 0)),
            keep=spec.act_nonzeros if spec.joint else None,
            lost=float(1 - np.abs(model.kept(acts)).sum() / max(1, np.abs(acts).sum())),
            counters=counters, words=sums.size, mismatches=len(wrong), example=example, codes=codes,
        )  # fmt: skip

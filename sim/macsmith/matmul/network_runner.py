"""A quantised network layer by layer on an array: convolutions as matrix products.

Each layer takes what the one before it gave, and each word that the array gives is compared with
the golden model of the same operands: sums, if bias, requantisation and ReLU follow in numpy
(`in_numpy`), or the layer's results, if the array requantises them itself (`in_hardware`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from macsmith.contract.errors import UserError
from macsmith.golden.array import ArrayModel
from macsmith.host.int64s import Int64s
from macsmith.matmul.engine_array import EngineArray
from macsmith.matmul.engine_jobs import Channels
from macsmith.matmul.stream_array import Counters, MatrixArray
from macsmith.matmul.tiling import Tiling
from macsmith.networks.digits import QuantisedLayer, QuantisedNetwork, quantise_images


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an array made of a layer.

    Parameters
    ----------
    word:
        What it gave for each output: a sum, or a result.
    words, expected:
        Those, and what they should be, (M, N).
    outputs:
        Of the layer, (M, N).
    counters:
        What it cost.
    """

    word: str
    words: Int64s
    expected: Int64s
    outputs: Int64s
    counters: Counters


Multiply = Callable[[QuantisedLayer, Int64s, Int64s], Outcome]
"""Takes a layer, its activations (M, K) and the golden sums (M, N)."""


def in_numpy(array: MatrixArray) -> Multiply:
    """Return layers whose sums come from an array, and whose outputs are computed from them."""

    def multiply(layer: QuantisedLayer, acts: Int64s, golden: Int64s) -> Outcome:
        sums, counters = array.gemm(acts, layer.weights.T)
        return Outcome(
            word="sum", words=sums, expected=golden, outputs=layer.finish(sums + layer.bias),
            counters=counters,
        )  # fmt: skip

    return multiply


def in_hardware(engine: EngineArray) -> Multiply:
    """Return layers whose outputs come from an engine.

    Of the last layer, which is not requantised, the accumulators come, and the bias follows.
    """

    def multiply(layer: QuantisedLayer, acts: Int64s, golden: Int64s) -> Outcome:
        if layer.mult is None:
            return in_numpy(engine)(layer, acts, golden)
        channels = Channels(
            bias=layer.bias, mult=layer.mult, shift=np.full(len(layer.bias), layer.shift)
        )  # fmt: skip
        results, counters = engine.gemm(acts, layer.weights.T, channels)
        return Outcome(
            word="result", words=results, expected=layer.finish(golden + layer.bias),
            outputs=results, counters=counters,
        )  # fmt: skip

    return multiply


def check_results(spec: Any, network: QuantisedNetwork) -> None:
    """Raise a sentence if an engine's results cannot be a network's activations."""
    bits = network.activation_bits
    if spec.out_width != bits:
        raise UserError(
            f"out_width must be {bits}, the bits of the network's activations, not {spec.out_width}"
        )
    if spec.out_signed:
        raise UserError("out_signed must be false, as the network's activations are, not true")


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
    word:
        What was compared: each sum, or each result.
    words:
        How many.
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
    word: str
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
            "formula_cycles": self.counters.formula,
            "macs": shape.macs,
            "macs_per_cycle": self.counters.macs_per_cycle,
            "utilisation": self.counters.utilisation,
            "counters": dict(self.counters.events),
            "compared": f"{self.word}s",
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

    @property
    def array(self) -> Any:
        """The array that it models."""
        return self.spec

    def gemm(self, acts: Int64s, weights: Int64s) -> tuple[Int64s, Counters]:
        """See `MatrixArray.gemm`."""
        precision = self.spec.points[self.mode]
        shape = Tiling(self.spec, acts, weights, self.mode).shape
        cycles = self.model.cycles(shape.tiles, shape.steps)
        peak = self.spec.macs_per_cycle(precision)
        counters = Counters(shape=shape, cycles=cycles, peak=peak)
        return self.model.matmul(precision, acts, weights), counters


def run_layers(
    network: QuantisedNetwork,
    multiply: Multiply,
    spec: Any,
    mode: int,
    images: Int64s,
    own: Mapping[str, tuple[Multiply, Any]] = MappingProxyType({}),
) -> Iterator[LayerRun]:
    """Yield the run of each layer; the codes of the last are the logits.

    Parameters
    ----------
    multiply:
        Layers on an array: `in_numpy` or `in_hardware`.
    spec, mode:
        The array and the index of its mode, for the golden model.
    images:
        Input images (n, 8, 8).
    own:
        Of layers that run on another array, by name: that array, and what it is.
    """
    default, precision = (multiply, spec), spec.points[mode]
    codes = quantise_images(images, network.activation_bits, network.pixel_max)
    for layer in network.layers:
        acts, weights = layer.operands(codes), layer.weights.T
        on_array, spec = own.get(layer.name, default)
        model = ArrayModel(spec)
        came = on_array(layer, acts, model.matmul(precision, acts, weights))
        wrong = np.argwhere(came.words != came.expected)
        example = None
        if len(wrong):
            row, column = wrong[0]
            example = (
                f"layer {layer.name}: {came.word} of row {row}, column {column} is "
                f"{came.words[row, column]}, expected {came.expected[row, column]}"
            )
        codes = came.outputs.reshape(len(images), *layer.shape.output((*codes.shape[1:],)))
        yield LayerRun(
            name=layer.name, density=float(np.mean(weights != 0)),
            keep=spec.zeros.act_bound,
            lost=float(1 - np.abs(model.kept(acts)).sum() / max(1, np.abs(acts).sum())),
            counters=came.counters, word=came.word, words=came.words.size,
            mismatches=len(wrong), example=example, codes=codes,
        )  # fmt: skip

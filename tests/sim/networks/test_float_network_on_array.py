"""A network end to end in an array of floating-point MACs: FP8 in, FP8 out, layer after layer."""

from typing import Any

import numpy as np
import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.contract.number_format import FORMATS
from macsmith.formats.number_codes import decode, encode
from macsmith.host.int64s import Int64s
from macsmith.matmul.array_gemm import Gemm
from macsmith.matmul.stream_array import stream_model
from macsmith.networks.im2col import im2col
from macsmith.networks.number_formats import FloatLayer, Reals, logits
from macsmith.networks.training.cross_validation import Fold, scale_images
from macsmith.networks.training.train_ebsp import task
from macsmith.networks.training.train_number_formats import layers_of

IMAGES, EPOCHS = 6, 25

E4M3 = FORMATS["e4m3fn"]

ROOM = 224.0
"""Greatest sum that a layer is scaled to, half of what E4M3 has."""

SHAPE: dict[str, Any] = {"mac": "fp-dot", "rows": 2, "cols": 4, "b": 4, "result": "e4m3fn"}

ARRAYS: dict[str, dict[str, Any]] = {
    "output": {"overflow": "saturate"},
    "weight": {"overflow": "saturate", "mac.acc": "bf16", "depth": 64},
}


class Network:
    """The network with a power of two in each layer, so that all activations fit E4M3.

    Biases are weights of an activation that is one, so that all of a layer but its rectifier is
    the array's.
    """

    def __init__(self, layers: list[FloatLayer], images: Reals) -> None:
        self.layers, self.weights = layers, []
        values, scale = images, 1.0
        for layer in layers:
            sums = _unrolled(values, layer) @ layer.weights.T + layer.bias
            step = 2.0 ** np.floor(np.log2(ROOM / (scale * np.abs(sums).max())))
            scale *= step
            both = np.column_stack([layer.weights * step, layer.bias * scale])
            self.weights.append(encode(E4M3, both, "nearest-even", True).astype(np.int64).T)
            out = layer.shape.output(values.shape[1:])
            values = np.maximum(sums, 0).reshape(len(images), *out)

    def infer(self, images: Reals, unit: Any, spec: Any) -> Reals:
        """Return the logits, times a power of two, of sums that are those of the model."""
        codes: Int64s = encode(E4M3, images, "nearest-even", True).astype(np.int64)
        for layer, weights in zip(self.layers, self.weights, strict=True):
            acts = _unrolled(codes, layer)
            ones = np.full((len(acts), 1), encode(E4M3, np.array(1.0)))
            gemm = Gemm(spec, np.hstack([acts, ones]).astype(np.int64), weights)
            beats = list(gemm.beats(np.random.default_rng(2)).values())
            results, _ = unit.run_timed(beats, gemm.result_count(), (0.2, 0.2), 1)
            sums = gemm.sums(results)
            assert np.array_equal(sums, gemm.expected())
            rectified = sums if layer.last else np.where(sums >= E4M3.magnitudes, 0, sums)
            codes = rectified.reshape(len(images), *layer.shape.output(codes.shape[1:]))
        return decode(E4M3, codes).reshape(len(images), -1)


def _unrolled(values: Any, layer: FloatLayer) -> Any:
    return im2col(values, layer.shape.kernel, layer.shape.stride, layer.shape.padding)


@pytest.fixture(scope="module")
def trained() -> tuple[list[FloatLayer], Reals, Int64s]:
    """The digits network, images that it was not trained with, and what they show."""
    fold = Fold(task("digits"), 0, EPOCHS, 0, 1)
    pixels = fold.held_out["images"].astype(np.int64)
    images = scale_images(pixels, 8, fold.task.pixel_max).astype(np.float64)
    return layers_of(fold), images, fold.held_out["labels"].astype(np.int64)


@pytest.mark.slow
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("dataflow", ARRAYS)
def test_the_digits_network(dataflow: str, trained: tuple[list[FloatLayer], Reals, Int64s]) -> None:
    layers, images, labels = trained
    spec = make_spec("systolic", {**SHAPE, **ARRAYS[dataflow], "dataflow": dataflow})
    network = Network(layers, images[IMAGES : 4 * IMAGES])
    found = network.infer(images[:IMAGES], stream_model(spec), spec)
    exact = logits(layers, images[:IMAGES], None)
    assert np.array_equal(np.argmax(found, axis=1), np.argmax(exact, axis=1))
    assert (np.argmax(found, axis=1) == labels[:IMAGES]).mean() >= 5 / 6
    scale = np.exp2(np.round(np.log2(np.abs(found).max() / np.abs(exact).max())))
    assert np.abs(found / scale - exact).max() < 0.2 * np.abs(exact).max()

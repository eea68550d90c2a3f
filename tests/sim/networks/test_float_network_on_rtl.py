"""A network end to end on RTL: converters make its operands, the dot-product unit its sums."""

from typing import Any

import numpy as np
import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.contract.number_format import FORMATS
from macsmith.formats.number_codes import decode, encode
from macsmith.formats.stream_words import unpack
from macsmith.golden.catalog import golden
from macsmith.networks.im2col import im2col
from macsmith.networks.number_formats import FloatLayer, Reals, logits
from macsmith.networks.training.cross_validation import Fold, scale_images
from macsmith.networks.training.train_ebsp import task
from macsmith.networks.training.train_number_formats import layers_of
from macsmith.operands.batches import Batch
from macsmith.rtlsim.bulk_engine import bulk_engine

IMAGES, EPOCHS = 4, 25

OPERANDS: dict[str, dict[str, Any]] = {
    "e4m3fn": {"formats": ("e4m3fn",), "products": 4},
    "mxfp8": {"formats": ("mxfp8",), "products": 32, "alignment": "window"},
    "nvfp4": {"formats": ("nvfp4",), "products": 16},
}


class OnRtl:
    """Products of matrices in a format, each beat compared with the golden models."""

    def __init__(self, name: str) -> None:
        self.dot = make_spec("fp-dot", OPERANDS[name])
        (self.point,) = self.dot.points
        self.lanes = self.dot.products
        # Of a block of MXFP8 the greatest may be up to 512 scales, and E4M3 ends at 448.
        self.convert = make_spec("fp-convert", {
            "source": "fp32", "target": name, "lanes": self.lanes, "scale_rule": "even",
            "overflow": "saturate",
        })  # fmt: skip
        self.engines = {
            "fp-dot": bulk_engine("fp-dot", self.dot),
            "fp-convert": bulk_engine("fp-convert", self.convert),
        }
        self.compared = 0

    def _through(self, name: str, spec: Any, fields: dict[str, Any]) -> dict[str, Any]:
        """Return what a unit makes of beats, which is what its model says."""
        batch = Batch("layer", 0, fields)
        (got,) = self.engines[name].stream(spec, [batch], 0.2, 1)
        assert np.array_equal(got, batch.expected(spec, golden(name, spec)))
        self.compared += batch.beats
        (layout,) = spec.outputs(spec.points[0]).values()
        return dict(unpack(layout, got))

    def codes(self, matrix: Reals) -> dict[str, Any]:
        """Return a matrix (rows, K) in the format, shape (rows, beats, lanes)."""
        padded = np.pad(matrix, ((0, 0), (0, -matrix.shape[1] % self.lanes)))
        beats = encode(FORMATS["fp32"], padded).astype(np.int64).reshape(-1, 1, self.lanes)
        found = self._through("fp-convert", self.convert, {"x": beats})
        return {name: one.reshape(len(matrix), -1, one.shape[-1]) for name, one in found.items()}

    def product(self, a: Reals, b: Reals) -> Reals:
        """Return ``a @ b.T``, a packet for each sum."""
        mine, other = self.codes(a), self.codes(b)
        fields = {}
        for side, codes, spread in (("a", mine, lambda one: np.repeat(one, len(b), axis=0)),
                                    ("b", other, lambda one: np.tile(one, (len(a), 1, 1)))):  # fmt: skip
            fields[side] = spread(codes["y"])
            if "scale_y" in codes:
                fields[f"scale_{side}"] = spread(codes["scale_y"])
        sums = self._through("fp-dot", self.dot, fields)["sum"]
        return decode(FORMATS["fp32"], sums).reshape(len(a), len(b))


def infer(layers: list[FloatLayer], images: Reals, unit: OnRtl) -> Reals:
    """Return the logits of images (n, h, w, 1)."""
    values = images
    for layer in layers:
        out = layer.shape.output(values.shape[1:])
        matrix = im2col(values, layer.shape.kernel, layer.shape.stride, layer.shape.padding)
        acc = unit.product(matrix, layer.weights) + layer.bias
        values = (acc if layer.last else np.maximum(acc, 0)).reshape(len(images), *out)
    return values.reshape(len(images), -1)


@pytest.mark.slow
@pytest.mark.parametrize("name", OPERANDS)
def test_the_digits_network(name: str) -> None:
    fold = Fold(task("digits"), 0, EPOCHS, 0, 1)
    layers = layers_of(fold)
    pixels = fold.held_out["images"][:IMAGES].astype(np.int64)
    images = scale_images(pixels, 8, fold.task.pixel_max).astype(np.float64)
    unit = OnRtl(name)
    found, exact = infer(layers, images, unit), logits(layers, images, None)
    assert unit.compared > 5000
    found_labels = np.argmax(found, axis=1)
    assert np.array_equal(found_labels, np.argmax(exact, axis=1))
    assert (found_labels == fold.held_out["labels"][:IMAGES]).mean() >= 3 / 4
    assert np.abs(found - exact).max() < (0.2 if name != "nvfp4" else 0.6) * np.abs(exact).max()

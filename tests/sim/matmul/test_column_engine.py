"""A pruned network on the engine for compressed columns, layer by layer, on its RTL."""

import numpy as np

from macsmith.catalog.catalog import make_spec
from macsmith.matmul.sparse.column_engine import ColumnEngine
from macsmith.networks.digits import quantise_images
from macsmith.networks.pruned_digits import load


def test_a_pruned_network_end_to_end() -> None:
    """Every sum of every layer, and the cycles of every run."""
    spec = make_spec(
        "eie",
        {
            "codebook": False, "value_bits": 8, "lanes": 4, "shift": 0, "data_width": 24,
            "depth": 128, "words": 1024,
        },
    )  # fmt: skip
    engine, network = ColumnEngine("eie", spec), load("2/8")
    images = network.images[:2]
    codes = quantise_images(images, network.activation_bits)
    for layer in network.layers:
        acts = layer.operands(codes)
        got = engine.multiply(layer.weights, acts)
        assert not got.errors
        assert np.array_equal(got.sums, acts @ layer.weights.T)
        assert np.array_equal(got.cycles, got.modelled)
        out = layer.forward(codes)
        assert np.array_equal(layer.finish(got.sums + layer.bias).reshape(out.shape), out)
        codes = out
    assert np.array_equal(codes.reshape(2, -1).argmax(axis=1), network.infer_labels(images))

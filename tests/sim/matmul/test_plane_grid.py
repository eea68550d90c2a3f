"""Layers of a pruned network on the grid for compressed convolutions, on its RTL."""

import numpy as np

from macsmith.catalog.catalog import make_spec
from macsmith.matmul.sparse.plane_grid import PlaneGrid
from macsmith.networks.digits import quantise_images
from macsmith.networks.pruned_digits import load


def test_pruned_convolutions() -> None:
    """Every sum of two layers, the one of stride 2 at all places; cycles and conflicts."""
    spec = make_spec(
        "scnn",
        {"data_width": 24, "tile": 5, "group": 8, "channels": 32, "act_words": 512,
         "weight_words": 2048, "banks": 16},
    )  # fmt: skip
    grid, network = PlaneGrid("scnn", spec), load("2/8")
    codes = quantise_images(network.images[:1], network.activation_bits)
    for layer in network.layers[:3]:
        if layer.name != "conv1":
            padded = np.pad(codes[0], ((1, 1), (1, 1), (0, 0)))
            weights = layer.weights.reshape(-1, *layer.shape.kernel, codes.shape[-1])
            side = -(-len(padded) // 2)
            got = grid.convolve(padded, weights, (side, side))
            step = layer.shape.stride
            sums = got.results[np.newaxis, ::step, ::step] + layer.bias
            assert not got.errors
            assert np.array_equal(sums, layer.accumulate(codes))
            assert np.array_equal(layer.finish(sums), layer.forward(codes))
            assert (got.cycles, got.conflicts, got.waits) == got.modelled
            assert got.vector_cycles < got.cycles
        codes = layer.forward(codes)

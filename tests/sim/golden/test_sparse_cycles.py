"""Cycle models of engines that are published without RTL: against what is published of them."""

import numpy as np
import pytest

from macsmith.golden.sparse.cnvlutin import SkippingLanes
from macsmith.golden.sparse.scnn import ScnnGrid, dense_cycles

SPEEDS = {1.0: 0.77, 0.8: 1.01, 0.6: 1.69, 0.4: 3.4, 0.2: 11.0, 0.1: 28.0}
"""Speed over dense by density of both operands, of a layer of 28 x 28 x 96 and 128 filters of 3 x 3.

The paper draws 0.79 at full density, breaks even at 0.85 and gains 24 times at 0.1.
"""


def layer(density: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    acts = (rng.random((28, 28, 96)) < density).astype(np.int64)
    return acts, (rng.random((128, 3, 3, 96)) < density).astype(np.int64)


@pytest.mark.parametrize("density", SPEEDS)
def test_products_of_non_zeros_by_density(density: float) -> None:
    grid = ScnnGrid()
    acts, weights = layer(density, np.random.default_rng(1))
    speed = dense_cycles(acts, weights, grid.multipliers) / grid.cycles(acts, weights)
    assert grid.multipliers == 1024
    assert speed == pytest.approx(SPEEDS[density], rel=0.03)


def test_products_of_non_zeros_by_hand() -> None:
    """Two PEs of two by two; 3 and 1 activations, 5 and 2 weights of two channels."""
    grid = ScnnGrid(rows=1, cols=2, activations=2, weights=2, group=1)
    acts = np.zeros((2, 4, 2), np.int64)
    acts[0, :2, 0], acts[1, 0, 0], acts[0, 3, 1] = 1, 1, 1
    weights = np.zeros((1, 3, 3, 2), np.int64)
    weights[0].reshape(-1, 2)[:5, 0] = weights[0].reshape(-1, 2)[:2, 1] = 1
    # The first PE: 2 vectors by 3; the second: 1 by 1.
    assert grid.cycles(acts, weights) == 6


def test_lanes_by_hand() -> None:
    """Two lanes and bricks of two: five bricks a window, of 2, 0, 1, 2 and 2 values."""
    chip = SkippingLanes(lanes=2, brick=2, filters=4)
    acts = np.array([[[3, 3], [0, 0], [0, 7], [1, 1], [2, 2]]])
    assert chip.cycles(acts, (1, 5), 4) == max(2 + 1 + 2, 1 + 2)
    assert chip.cycles(acts, (1, 5), 4, skip=False) == 6
    assert chip.cycles(acts, (1, 5), 5) == 10


@pytest.mark.parametrize("density", [0.25, 0.5, 0.75])
def test_lanes_wait_for_one_another(density: float) -> None:
    """Less is won than zeros would let, by three tenths at most."""
    acts = (np.random.default_rng(2).random((14, 14, 256)) < density).astype(np.int64)
    chip = SkippingLanes()
    speed = chip.cycles(acts, (3, 3), 256, skip=False) / chip.cycles(acts, (3, 3), 256)
    assert 0.7 / density < speed < 1 / density

"""The table of docs/sparse-engines.md: what zeros are worth to each engine, by cycle models."""

import numpy as np

from macsmith.figures import tile_buffers, zeros_worth
from macsmith.figures.docs_page import Page, Region, Shown
from macsmith.figures.markdown import table
from macsmith.formats.relative_columns import deal
from macsmith.golden.sparse.cnvlutin import SkippingLanes
from macsmith.golden.sparse.eie import cycles
from macsmith.golden.sparse.scnn import ScnnGrid, dense_cycles
from macsmith.host.int64s import Int64s

SHAPE, KERNEL, OUTPUTS = (28, 28, 96), (3, 3), 128
"""The layer: inputs, kernel and output channels; a layer of GoogLeNet that SCNN's paper draws."""

DENSITIES = (1.0, 0.75, 0.5, 0.375, 0.25, 0.125, 0.05)
"""Shares of activations, and of weights, that are not zero, anywhere."""

BLOCK = 8
"""Weights, and activations, of a block under a density bound."""

COLUMN_PES, QUEUE, POSITIONS = 8, 8, 2
"""The engine for compressed columns, and output positions that stand for all."""


def speeds() -> Shown:
    """Return cycles of dense hardware over those of each engine, of equally many multipliers."""
    rows = []
    for density in DENSITIES:
        rng = np.random.default_rng(1)
        acts = (rng.random(SHAPE) < density).astype(np.int64)
        weights = (rng.random((OUTPUTS, *KERNEL, SHAPE[2])) < density).astype(np.int64)
        kept = max(1, round(density * BLOCK))
        rows.append(
            [
                f"{density:.1%}", "1.00", f"{BLOCK / kept:.2f}", f"{BLOCK / kept:.2f}",
                f"{_skipped_activations(acts):.2f}", f"{_all_by_all(acts, weights):.2f}",
                f"{_columns(acts, weights):.2f}",
            ]
        )  # fmt: skip
    head = ["not zero", "dense, gated", f"k of {BLOCK} weights", f"k of {BLOCK} of both",
            "Cnvlutin", "SCNN", "EIE"]  # fmt: skip
    return Shown(table(head, rows))


def _skipped_activations(acts: Int64s) -> float:
    chip = SkippingLanes(filters=OUTPUTS)
    dense = chip.cycles(acts, KERNEL, OUTPUTS, skip=False)
    return dense / chip.cycles(acts, KERNEL, OUTPUTS)


def _all_by_all(acts: Int64s, weights: Int64s) -> float:
    grid = ScnnGrid()
    return dense_cycles(acts, weights, grid.multipliers) / grid.cycles(acts, weights)


def _columns(acts: Int64s, weights: Int64s) -> float:
    """Return the same of a matrix by the vector of each output position."""
    parts = deal(weights.reshape(OUTPUTS, -1), COLUMN_PES, 4)
    entries = np.stack([np.diff(part.pointers) for part in parts], axis=1)
    spent = 0
    for at in range(POSITIONS):
        window = acts[at : at + KERNEL[0], at : at + KERNEL[1]].reshape(-1)
        spent += cycles(window.reshape(-1, COLUMN_PES), entries, QUEUE)
    return POSITIONS * weights.size / COLUMN_PES / spent


PAGE = Page(
    "docs/sparse-engines.md", (tile_buffers.REGION, Region("speeds", speeds), *zeros_worth.REGIONS)
)

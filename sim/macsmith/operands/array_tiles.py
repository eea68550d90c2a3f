"""Operands of an array whose switching is measured: matrix products, and which tiles are run.

    for layer in layers_of(Uniform(), spec, mode):
        ...  # layer.share of the products are like those of layer.tiles

Uniform operands are those of `macsmith.operands.stimulus.Uniform`: tiles of ``length`` steps. Of
density-bound weights each block has ``nonzeros`` at random places; of EBSP all are legal. The
network is the digits network, pruned to the array's bound if there is such a one, and that with
EBSP weights at 8x6 and 8x5; rows follow one another as ``im2col`` gives them, and of each drawn row
of tiles all columns of tiles are run in turn.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from macsmith.formats.density_bound import DensityBound, encode, random_mask
from macsmith.formats.stream_words import operand_range
from macsmith.formats.zero_flags import gating
from macsmith.golden.array import ArrayModel
from macsmith.host.int64s import Int64s
from macsmith.networks import pruned_digits
from macsmith.networks.digits import QuantisedNetwork
from macsmith.operands.mac_source import random_weights
from macsmith.operands.stimulus import Stimulus, check_some_mode, digits_of
from macsmith.operands.user_file import check_operands

FEWEST_TILES = 2
"""Tiles that count, however large a PE is."""

PES = 8
"""Most rows of a grid that are simulated, and most of its PEs with delays."""


@dataclass(frozen=True, eq=False)
class Layer:
    """A product ``acts @ weights``, shapes (M, K) and (K, N), and tiles of it in their order.

    Members
    -------
    share:
        Of all products of the stimulus, those that this layer stands for.
    tiles:
        Rows and columns of each tile, filled up by repetition: ``rows a`` and ``cols c`` of them.
    """

    spec: Any
    mode: int
    share: float
    acts: Int64s
    weights: Int64s
    tiles: tuple[tuple[Int64s, Int64s], ...]

    @cached_property
    def encoded(self) -> DensityBound | None:
        """The blocks of density-bound weights, in as many passes as the densest needs."""
        if not self.spec.zeros.stores_blocks:
            return None
        return encode(self.weights, self.spec.block, self.spec.nonzeros, passes=None)

    @property
    def passes(self) -> int:
        """How often a step's activations are multiplied."""
        return self.encoded.passes if self.encoded else 1

    @property
    def reads(self) -> int:
        """Words of activations in a tile."""
        return -(-len(self.weights) // terms_of(self.spec, self.mode))

    @property
    def steps(self) -> int:
        """Cycles of a tile in which PEs multiply."""
        return self.reads * self.passes * self.each

    @property
    def each(self) -> int:
        """Cycles for which weights stay, of activations that come one after the other."""
        return int(self.spec.zeros.step_cycles)

    @property
    def interval(self) -> int:
        """Cycles from tile to tile."""
        return max(self.steps, int(self.spec.tile_interval))

    @property
    def macs(self) -> int:
        """Products of the dense matrices in one PE's part of a tile."""
        return int(self.spec.a * self.spec.c * len(self.weights))

    @property
    def issued(self) -> int:
        """The same with zeros that fill up the last step along K."""
        return int(self.spec.a * self.spec.c * self.reads * terms_of(self.spec, self.mode))

    @property
    def executed(self) -> float:
        """Multiplications in one PE's part of a tile: kept weights, pairs without a gated zero."""
        if self.encoded is not None:
            return float(self.steps * self.spec.a * self.spec.c * self.spec.lanes)
        if self.spec.zeros.gates_zeros:
            idle = [
                gating(self.acts[rows], self.weights[:, columns]).idle_products
                for rows, columns in self.tiles
            ]
            return self.macs * (1 - float(np.mean(idle)))
        return float(self.macs)


def terms_of(spec: Any, mode: int) -> int:
    """Return the elements along K of a step."""
    return int(spec.b * spec.mac.element_acts(spec.points[mode]))


def layers_of(stimulus: Stimulus, spec: Any, mode: int) -> list[Layer]:
    """Return what a stimulus has for an array in a mode; shares add up to 1.

    Grids have `PES` rows at most: a PE does the same in all of them.

    Raises
    ------
    UnfitError
        If it has nothing.
    """
    return stimulus.on_array(Grid(replace(spec, rows=min(spec.rows, PES)), mode))


def check(stimulus: Stimulus, spec: Any) -> None:
    """Refuse an array none of whose modes takes these operands.

    Raises
    ------
    UnfitError
        Of the mode that comes first.
    """
    check_some_mode(spec, lambda mode: layers_of(stimulus, spec, mode))


@dataclass(frozen=True)
class Grid:
    """An array in a mode, for which stimuli have operands; see `ProductMaker`."""

    spec: Any
    mode: int

    def uniform(self, beats: int, length: int, seed: int) -> list[Layer]:
        """See `ProductMaker.uniform`."""
        spec, mode = self.spec, self.mode
        precision, rng = spec.points[mode], self._generator(seed)
        count = _tiles(spec, beats, length)
        rows, columns = count * spec.rows * spec.a, count * spec.cols * spec.c
        k = length * terms_of(spec, mode)
        acts = rng.integers(
            *operand_range(precision.act_bits, spec.mac.act_signed), (rows, k), endpoint=True
        )
        limits = operand_range(precision.weight_bits, spec.mac.weight_signed)
        usual = ArrayModel(spec).mac.usual_weights(precision)
        weights = random_weights(rng, limits, usual, (k, columns))
        if spec.zeros.stores_blocks:
            weights *= random_mask(rng, weights.shape, spec.block, spec.nonzeros)
        tiles = zip(
            np.arange(rows).reshape(count, -1), np.arange(columns).reshape(count, -1), strict=True
        )
        return [Layer(spec, mode, 1.0, acts, weights, tuple(tiles))]

    def network(self, images: int, beats: int, seed: int) -> list[Layer]:
        """See `ProductMaker.network`."""
        network = _fitting(self.spec, self.mode)
        rng = self._generator(seed)
        operands = [
            network.gemm(index, network.images[:images]) for index in range(len(network.layers))
        ]
        total = sum(len(acts) * weights.size for acts, weights in operands)
        return [
            _layer(
                self.spec, self.mode, len(acts) * weights.size / total, acts, weights.T, beats, rng
            )
            for acts, weights in operands
        ]  # fmt: skip

    def product(self, acts: Int64s, weights: Int64s, beats: int, seed: int) -> list[Layer]:
        """See `ProductMaker.product`."""
        rng = self._generator(seed)
        return [_layer(self.spec, self.mode, 1.0, acts, weights, beats, rng)]

    def _generator(self, seed: int) -> np.random.Generator:
        return np.random.default_rng([seed, self.mode])


def _fitting(spec: Any, mode: int) -> QuantisedNetwork:
    """Return the digits network of a mode's precision, within the array's bound if there is one."""
    precision = str(spec.points[mode])
    bounds = {bound: name for name, bound in pruned_digits.BOUNDS.items() if bound}
    name = bounds.get((spec.nonzeros, spec.block)) if spec.zeros.stores_blocks else None
    if name is None or precision != pruned_digits.PRECISION:
        return digits_of(precision)
    return pruned_digits.load(name)


def _layer(
    spec: Any, mode: int, share: float, acts: Int64s, weights: Int64s, beats: int,
    rng: np.random.Generator,
) -> Layer:  # fmt: skip
    """Return a layer of which rows of tiles are drawn at random."""
    check_operands(acts, weights, spec, spec.points[mode])
    height, width = spec.rows * spec.a, spec.cols * spec.c
    panels = -(-weights.shape[1] // width)
    columns = [np.arange(k * width, (k + 1) * width) % weights.shape[1] for k in range(panels)]
    whole = Layer(spec, mode, share, acts, weights, ())
    wanted = _tiles(spec, beats, whole.interval)
    drawn = rng.integers(-(-len(acts) // height), size=-(-wanted // panels))
    tiles = [
        (np.arange(row * height, (row + 1) * height) % len(acts), column)
        for row in drawn
        for column in columns
    ]
    return Layer(spec, mode, share, acts, weights, tuple(tiles))


def _tiles(spec: Any, beats: int, interval: int) -> int:
    """Return the tiles after which as many multipliers have worked as in ``beats`` of a MAC."""
    multipliers = min(PES, spec.cols) * spec.a * spec.c * spec.lanes
    return max(FEWEST_TILES, -(-beats // (multipliers * interval)))

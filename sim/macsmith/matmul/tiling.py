"""A matrix product as the tiles of a systolic array: beats in, columns of sums out.

``C (M, N) = A (M, K) @ W (K, N)`` is cut into tiles of ``rows * a`` rows by ``cols * c`` columns,
row of tiles by row of tiles. A tile's beats go along K, ``b`` elements each; a density-bound matrix
of several passes repeats each beat's activations for each pass. Zeros fill up what is ragged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.contract.errors import UserError
from macsmith.formats.density_bound import DensityBound, encode
from macsmith.formats.stream_words import Words, operand_range, place, words_for
from macsmith.host.int64s import Int64s
from macsmith.matmul.output_beats import lasts_of, sums_of


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How a product lies on an array."""

    m: int
    k: int
    n: int
    passes: int
    row_tiles: int
    column_tiles: int
    steps: int
    """Beats of a tile."""

    @property
    def tiles(self) -> int:
        """Tiles of the product."""
        return self.row_tiles * self.column_tiles

    @property
    def macs(self) -> int:
        """Products of the dense matrices."""
        return self.m * self.k * self.n


class Tiling:
    """One product on one array.

    Parameters
    ----------
    spec:
        The array, a `macsmith.array.spec.SystolicSpec`.
    acts, weights:
        A (M, K) and W (K, N).
    mode:
        Index of the mode in ``spec.points``.
    passes:
        Most passes that a density-bound matrix may take; None for as many as it needs.

    Raises
    ------
    UserError
        If an operand does not fit, or a block has more non-zeros than the passes hold.
    """

    def __init__(
        self, spec: Any, acts: Int64s, weights: Int64s, mode: int = 0, passes: int | None = None
    ) -> None:
        self.spec, self.mode = spec, mode
        precision = spec.points[mode]
        _check("activations", acts, precision.act_bits, spec.mac.act_signed)
        _check("weights", weights, precision.weight_bits, spec.mac.weight_signed)
        if acts.shape[1] != len(weights):
            raise UserError(
                f"weights must have as many rows as activations have columns = {acts.shape[1]}, "
                f"not {len(weights)}"
            )
        self.acts, self.weights = acts, weights
        self.encoded: DensityBound | None = None
        if spec.zeros.stores_blocks:
            self.encoded = encode(weights, spec.block, spec.nonzeros, passes)
        self.tile_rows, self.tile_columns = spec.rows * spec.a, spec.cols * spec.c
        # What a row of activations brings to a step.
        self.terms = spec.act_lanes(precision) // self.tile_rows
        turns = self.encoded.passes if self.encoded else 1
        self.shape = Shape(
            m=len(acts), k=len(weights), n=weights.shape[1], passes=turns,
            row_tiles=-(-len(acts) // self.tile_rows),
            column_tiles=-(-weights.shape[1] // self.tile_columns),
            steps=-(-len(weights) // self.terms) * turns,
        )  # fmt: skip

    def beats(self) -> Words:
        """Return all input payloads, shape (tiles * steps, words)."""
        return np.concatenate(list(self.rows_of_beats()))

    def rows_of_beats(self) -> Iterator[Words]:
        """Yield the payloads of one row of tiles after the other, (columns * steps, words)."""
        shape, fields = self.shape, self._fields()
        width = words_for(fields["last"] + 1)
        weights = self._weight_words(fields, width)
        acts = self._act_words(width)
        for row in acts.reshape(shape.row_tiles, 1, shape.steps, width):
            yield (weights | row).reshape(-1, width)

    def gather(self, columns: Words) -> Int64s:
        """Return C (M, N) of the output payloads of all tiles, shape (tiles * cols, words).

        Raises
        ------
        RuntimeError
            If ``last`` is not at the last column of each tile.
        """
        if not (self.found_lasts(columns) == self.lasts()).all():
            raise RuntimeError("the array did not mark the last column of each tile")
        return self.padded(columns)[: self.shape.m, : self.shape.n]

    def lasts(self) -> NDArray[np.bool_]:
        """Return which output payloads end their tile."""
        ends = np.arange(self.spec.cols) == self.spec.cols - 1
        return np.tile(ends, self.shape.tiles)

    def found_lasts(self, columns: Words) -> NDArray[np.bool_]:
        """Return which output payloads say so."""
        return lasts_of(self.spec, columns)

    def padded(self, columns: Words) -> Int64s:
        """Return C of the output payloads of all tiles, filled up to whole tiles."""
        spec, shape = self.spec, self.shape
        grid = (
            sums_of(spec, columns)
            .reshape(shape.row_tiles, shape.column_tiles, spec.cols, self.tile_rows, spec.c)
            .transpose(0, 3, 1, 2, 4)
        )
        return grid.reshape(shape.row_tiles * self.tile_rows, -1)

    def _fields(self) -> dict[str, int]:
        """Return the first bit of each field of a payload."""
        spec = self.spec
        acts = max(spec.act_lanes(mode) * mode.act_bits for mode in spec.points)
        weights = max(spec.weight_lanes(mode) * mode.weight_bits for mode in spec.points)
        zeros = spec.zeros
        places = spec.cols * spec.c * zeros.weight_words * zeros.index_bits
        mode = (len(spec.points) - 1).bit_length()
        starts = np.cumsum([0, acts, weights, places, zeros.keep_bits, mode]).tolist()
        return dict(zip(("a", "w", "index", "keep", "mode", "last"), starts, strict=True))

    def _act_words(self, width: int) -> Words:
        """Return the activation fields, (row tiles * steps, words)."""
        shape, bits = self.shape, self.spec.points[self.mode].act_bits
        reads = shape.steps // shape.passes
        filled = _filled(self.acts, shape.row_tiles * self.tile_rows, reads * self.terms)
        rows = filled.reshape(shape.row_tiles, self.tile_rows, reads, self.terms)
        lanes = rows.transpose(0, 2, 1, 3).reshape(shape.row_tiles * reads, -1)
        words = np.zeros((len(lanes), width), np.uint64)
        _place_lanes(words, lanes, bits, 0)
        return words.repeat(shape.passes, axis=0)

    def _weight_words(self, fields: dict[str, int], width: int) -> Words:
        """Return all other fields, (column tiles, steps, words)."""
        shape, spec = self.shape, self.spec
        columns = shape.column_tiles * self.tile_columns
        words = np.zeros((shape.column_tiles * shape.steps, width), np.uint64)
        bits = spec.points[self.mode].weight_bits
        if self.encoded is None:
            filled = _filled(self.weights.T, columns, shape.steps * self.terms)
            values: Int64s = filled.reshape(1, columns, shape.steps, self.terms)
        else:
            values = self._bound_lanes(self.encoded.values, columns, 0)
            # An idle block still needs places that rise.
            idle = np.arange(spec.nonzeros)
            places = self._bound_lanes(self.encoded.places, columns, idle)
            _place_lanes(words, self._by_step(places), spec.zeros.index_bits, fields["index"])
        bound, keep_bits = spec.zeros.act_bound, spec.zeros.keep_bits
        if bound is not None:
            # All of a block are kept by 0.
            keep = np.full(len(words), bound % spec.block, np.int64)
            place(words, keep, keep_bits, fields["keep"])
        _place_lanes(words, self._by_step(values), bits, fields["w"])
        modes = np.full(len(words), self.mode, np.int64)
        place(words, modes, fields["last"] - fields["mode"], fields["mode"])
        ends = np.arange(len(words)) % shape.steps == shape.steps - 1
        place(words, ends.astype(np.int64), 1, fields["last"])
        return words.reshape(shape.column_tiles, shape.steps, width)

    def _bound_lanes(self, slots: Int64s, columns: int, idle: Int64s | int) -> Int64s:
        """Return slots (passes, N, blocks, k) as (passes, columns, reads, lanes)."""
        passes, used, blocks, each = slots.shape
        reads = self.shape.steps // passes
        filled = np.empty((passes, columns, reads * self.spec.b // self.spec.block, each), np.int64)
        filled[:] = idle
        filled[:, :used, :blocks] = slots
        return filled.reshape(passes, columns, reads, -1)

    def _by_step(self, lanes: Int64s) -> Int64s:
        """Return lanes (passes, columns, reads, each) as (column tiles * steps, lanes of a beat).

        The passes of one read of activations follow one another.
        """
        passes, _, reads, each = lanes.shape
        tiles = self.shape.column_tiles
        split = lanes.reshape(passes, tiles, self.tile_columns, reads, each)
        ordered = split.transpose(1, 3, 0, 2, 4)
        return ordered.reshape(tiles * reads * passes, self.tile_columns * each)


def _check(name: str, values: NDArray[np.int64], bits: int, signed: bool) -> None:
    """Raise a sentence if operands are no matrix, or do not fit."""
    if values.ndim != 2 or not values.size:
        raise UserError(f"{name} must be a matrix that is not empty, not of shape {values.shape}")
    low, high = operand_range(bits, signed)
    wrong = values[(values < low) | (values > high)]
    if wrong.size:
        raise UserError(f"{name} of {bits} bits must be from {low} to {high}, not {wrong[0]}")


def _filled(matrix: Int64s, rows: int, columns: int) -> Int64s:
    """Return a matrix with zeros below and to the right."""
    return np.pad(matrix, ((0, rows - matrix.shape[0]), (0, columns - matrix.shape[1])))


def _place_lanes(words: Words, lanes: Int64s, bits: int, offset: int) -> None:
    """Write lanes of equal width side by side."""
    for lane in range(lanes.shape[1]):
        place(words, lanes[:, lane], bits, offset + lane * bits)

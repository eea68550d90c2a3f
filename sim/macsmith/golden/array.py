"""Model of a systolic array: what a matrix product gives, and how long the stream unit takes."""

from typing import Any

import numpy as np

from macsmith.formats.pruning import keep_largest
from macsmith.golden.array_sums import SCALE_PLACE, SUMS
from macsmith.golden.catalog import golden
from macsmith.golden.fp.fp_convert import FpConvertModel
from macsmith.host.int64s import Int64s, wrap


class ArrayModel:
    """Bit-exact model of an output-stationary array of tensor PEs.

    Parameters
    ----------
    spec:
        The array, or any object with its parameters: ``a``, ``b``, ``c``, ``rows``, ``cols``,
        ``acc_width``, ``block``, the name of the MACs, in ``mac`` those of one dot product, and in
        ``zeros.act_bound`` the activations of a block that are multiplied.
    """

    def __init__(self, spec: Any) -> None:
        self.spec = spec
        self.mac = golden(spec.mac_name, spec.mac)
        self.sums = SUMS[spec.mac.arithmetic](spec, self.mac)

    @property
    def signed(self) -> bool:
        """Whether sums are two's complement."""
        return bool(self.spec.mac.act_signed or self.spec.mac.weight_signed)

    def acc_bits(self, mode: Any) -> int:
        """Return the bits of an accumulator: the widest mode has ``acc_width``."""
        return self.sums.acc_bits(mode)

    def kept(self, acts: Int64s) -> Int64s:
        """Return activations as the array multiplies them: of joint density bounds pruned ones."""
        bound = self.spec.zeros.act_bound
        return acts if bound is None else keep_largest(acts, self.spec.block, bound)

    def matmul(self, mode: Any, acts: Int64s, weights: Int64s) -> Int64s:
        """Return ``acts (M, K) @ weights (K, N)``; zeros that are gated change nothing.

        Sums of integers are wrapped; for those of floating point see `FloatSums`. Of joint density
        bounds each block of activations keeps its largest alone.
        """
        return self.sums.matmul(mode, self.kept(acts), weights)

    def as_left(self, sums: Int64s) -> Int64s:
        """Return sums of whole tiles, shape (M, N), in the format in which they leave.

        Of formats of blocks the scale of its block lies above each: see `SCALE_PLACE`.
        """
        converter = self.spec.converter
        if converter is None:
            return sums
        rows = self.spec.movement.gives_rows or self.spec.c > 1
        lines = sums if rows else sums.T
        scale = converter.to.scale
        size = scale.block if scale is not None else lines.shape[1]
        model = FpConvertModel(converter)
        found = model.respond(converter.points[0], {"x": lines.reshape(-1, 1, size)})
        codes = found["y"]
        if scale is not None:
            codes = codes | found["scale_y"] << SCALE_PLACE
        codes = codes.reshape(lines.shape)
        return codes if rows else codes.T

    def matmul_bound(self, mode: Any, acts: Int64s, values: Int64s, places: Int64s) -> Int64s:
        """Return the same from density-bound blocks, slot by slot as multipliers meet them.

        Parameters
        ----------
        values, places:
            Kept weights and their places, shape (passes, N, blocks, slots).
        """
        block = self.spec.block
        blocks = values.shape[2]
        filled = np.pad(
            self.mac.read_acts(self.kept(acts)), ((0, 0), (0, blocks * block - acts.shape[1]))
        )
        first = np.arange(blocks)[:, np.newaxis] * block
        sums = np.zeros((len(acts), values.shape[1]), np.int64)
        for turn_values, turn_places in zip(values, places, strict=True):
            for column in range(values.shape[1]):
                chosen = filled[:, (first + turn_places[column]).reshape(-1)]
                sums[:, column] += chosen @ self.mac.read_weights(turn_values[column].reshape(-1))
        return wrap(sums, self.acc_bits(mode), self.signed)

    def cycles(self, tiles: int, steps: int) -> int:
        """Return the clock cycles of a stream of tiles without stalls, reset to last column.

            steps    = beats, of joint density bounds beats times act_nonzeros
            interval = max(steps, 2 cols - 1)
            drain    = stages + rows + 3 + 2 (cols - 1)
            pair     = max(2 interval, drain)
            cycles   = max(steps - 1, 2 cols - 1)
                       + floor((tiles - 1) / 2) pair + ((tiles - 1) mod 2) interval
                       + drain + 1 + conversion

        A tile takes as long as its steps, or as its sums need to leave the grid, two cycles a
        column; to another format these take one or two more, once. From its last step, sums run
        through the MAC, down the rows and out; the next but one tile ends after that, as the
        collector holds two. Long tiles take ``tiles * steps + drain``.

        Parameters
        ----------
        tiles, steps:
            Tiles, and the beats of each.
        """
        spec = self.spec
        steps *= spec.zeros.act_bound or 1
        interval = max(steps, 2 * spec.cols - 1)
        drain = spec.mac.stages + spec.rows + 3 + 2 * (spec.cols - 1)
        pairs, odd = divmod(tiles - 1, 2)
        between = pairs * max(2 * interval, drain) + odd * interval
        return int(max(steps - 1, 2 * spec.cols - 1) + between + drain + 1 + spec.result_latency)

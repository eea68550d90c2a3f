"""Model of a systolic array: what a matrix product gives, and how long the stream unit takes."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from macsmith.formats.pruning import keep_largest
from macsmith.golden.catalog import golden
from macsmith.host.int64s import Int64s, wrap


@dataclass(frozen=True)
class _Dot:
    """What a model of a MAC reads of one dot product's parameters."""

    act_width: int
    weight_width: int
    length: int
    headroom: int = 0
    levels: int = 2
    rows: int = 1
    pattern: int = 0
    lut: str = ""


class ArrayModel:
    """Bit-exact model of an output-stationary array of tensor PEs.

    Parameters
    ----------
    spec:
        Any object with the parameters of the array: those of its operands and accumulators, ``a``,
        ``b``, ``c``, ``rows``, ``cols``, ``sparsity``, ``block``, ``nonzeros``, ``mac``,
        ``pattern``, ``lut``, ``modes``, ``stages``.
    """

    def __init__(self, spec: Any) -> None:
        self.spec = spec
        # Of a block one product a cycle, as many as weights are stored, or all.
        products = {"joint-dbb": 1, "dbb": spec.nonzeros}.get(spec.sparsity, spec.block)
        lanes = spec.b * products // spec.block
        bare = _Dot(spec.act_width, spec.weight_width, lanes, pattern=spec.pattern, lut=spec.lut)
        widest = max(golden(spec.mac, bare).acc_bits(mode) for mode in spec.modes)
        self.mac = golden(spec.mac, replace(bare, headroom=spec.acc_width - widest))

    @property
    def signed(self) -> bool:
        """Whether sums are two's complement."""
        return bool(self.spec.act_signed or self.spec.weight_signed)

    def acc_bits(self, mode: Any) -> int:
        """Return the bits of an accumulator: the widest mode has ``acc_width``."""
        return self.mac.acc_bits(mode)

    def kept(self, acts: Int64s) -> Int64s:
        """Return activations as the array multiplies them: of joint density bounds pruned ones."""
        if self.spec.sparsity != "joint-dbb":
            return acts
        return keep_largest(acts, self.spec.block, self.spec.act_nonzeros)

    def matmul(self, mode: Any, acts: Int64s, weights: Int64s) -> Int64s:
        """Return ``acts (M, K) @ weights (K, N)``, wrapped; zeros that are gated change nothing.

        Of joint density bounds each block of activations keeps its largest alone.
        """
        mac = self.mac
        sums = mac.read_acts(self.kept(acts)) @ mac.read_weights(weights)
        return wrap(sums, self.acc_bits(mode), self.signed)

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
                       + drain + 1

        A tile takes as long as its steps, or as its sums need to leave the grid, two cycles a
        column. From its last step, sums run through the MAC, down the rows and out; the next but
        one tile ends after that, as the collector holds two. Long tiles take
        ``tiles * steps + drain``.

        Parameters
        ----------
        tiles, steps:
            Tiles, and the beats of each.
        """
        spec = self.spec
        steps *= spec.act_nonzeros if spec.sparsity == "joint-dbb" else 1
        interval = max(steps, 2 * spec.cols - 1)
        drain = spec.stages + spec.rows + 3 + 2 * (spec.cols - 1)
        pairs, odd = divmod(tiles - 1, 2)
        between = pairs * max(2 * interval, drain) + odd * interval
        return int(max(steps - 1, 2 * spec.cols - 1) + between + drain + 1)

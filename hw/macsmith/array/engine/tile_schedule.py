"""How an engine runs a matrix product: tiles, what is held, what is sent again, cycles."""

import operator
from collections import deque
from dataclasses import dataclass
from functools import cached_property

from macsmith.array.engine.spec import MAX_SIZE, EngineSpec
from macsmith.contract.checks import check_int
from macsmith.contract.errors import UserError

REQUANTISER_STAGES = 5
"""Registers from a column of sums to a result: picked, biased, multiplied, shifted, rounded."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A job: ``for m-tile: for n-tile: for step: for pass``, a word of weights each.

    A panel is ``tile_rows`` rows of A, or ``tile_cols`` columns of W. The host sends

    - activations: for each m-tile its panel, ``act_repeats`` times; a word is one step;
    - weights: ``weight_repeats`` times the panels of all n-tiles; a panel's words are its steps,
      each in ``passes`` words;
    - channels, unless ``raw``: ``channel_repeats`` times those of all N columns.

    Operands beyond M and N may be anything (a density-bound index must be legal), those of
    activations beyond K as well. Results come for each m-tile and n-tile column by column, in
    beats of ``out_lanes`` rows; rows beyond M and columns beyond N do not come.

    Parameters
    ----------
    spec:
        The engine.
    m, k, n:
        Sizes of the product.
    passes:
        Words of weights a step, more than one only if density bound.
    mode:
        Index of the precision in the engine's points.
    raw:
        Whether accumulators come out as they are.
    keep:
        Whether weights and channels stay for the next job.

    Raises
    ------
    UserError
        If a size breaks its rule, or what is to be kept does not fit.
    """

    spec: EngineSpec
    m: int
    k: int
    n: int
    passes: int = 1
    mode: int = 0
    raw: bool = False
    keep: bool = False

    def __post_init__(self) -> None:
        spec = self.spec
        for name in ("m", "k", "n"):
            value = getattr(self, name)
            if not 1 <= operator.index(value) <= MAX_SIZE:
                raise UserError(f"{name} must be from 1 to {MAX_SIZE}, not {value}")
        check_int("passes", self.passes, range(1, spec.max_passes + 1))
        check_int("mode", self.mode, range(len(spec.points)))
        if self.keep and not self.hold_weights:
            raise UserError(
                f"weight_depth must be at least {self.weight_matrix} to keep the weights, "
                f"not {spec.weight_depth}"
            )
        if self.keep and not self.raw and not self.hold_channels:
            raise UserError(
                f"channel_depth must be at least {self.n} to keep the channels, "
                f"not {spec.channel_depth}"
            )

    @property
    def steps(self) -> int:
        """Words of a panel of activations."""
        return -(-self.k // self.spec.step_length(self.mode))

    @property
    def weight_panel(self) -> int:
        """Words of a panel of weights, and cycles of its multiplication."""
        return self.steps * self.passes

    @property
    def row_tiles(self) -> int:
        """Tiles along M."""
        return -(-self.m // self.spec.tile_rows)

    @property
    def col_tiles(self) -> int:
        """Tiles along N."""
        return -(-self.n // self.spec.tile_cols)

    @property
    def weight_matrix(self) -> int:
        """Words of all weights."""
        return self.col_tiles * self.weight_panel

    # What a memory keeps from one use to the next.

    @property
    def hold_acts(self) -> bool:
        """Whether a panel of activations is sent once."""
        return self.steps <= self.spec.act_depth

    @property
    def hold_weights(self) -> bool:
        """Whether the weights are sent once."""
        return self.weight_matrix <= self.spec.weight_depth

    @property
    def hold_channels(self) -> bool:
        """Whether the channels are sent once."""
        return self.n <= self.spec.channel_depth

    @property
    def act_repeats(self) -> int:
        """Times that each panel of activations is sent."""
        return 1 if self.hold_acts else self.col_tiles

    @property
    def weight_repeats(self) -> int:
        """Times that the weights are sent."""
        return 1 if self.hold_weights else self.row_tiles

    @property
    def channel_repeats(self) -> int:
        """Times that the channels are sent."""
        return 0 if self.raw else 1 if self.hold_channels else self.row_tiles

    @property
    def act_words(self) -> int:
        """Words of activations that the host sends."""
        return self.row_tiles * self.steps * self.act_repeats

    @property
    def weight_words(self) -> int:
        """Words of weights that the host sends."""
        return self.weight_matrix * self.weight_repeats

    @property
    def channel_words(self) -> int:
        """Words of channels that the host sends."""
        return self.n * self.channel_repeats

    @property
    def result_beats(self) -> int:
        """Beats of results."""
        return self.n * sum(self.groups(tile) for tile in range(self.row_tiles))

    def groups(self, row_tile: int) -> int:
        """Return the beats of one column of a tile's results."""
        rows = min(self.spec.tile_rows, self.m - row_tile * self.spec.tile_rows)
        return -(-rows // self.spec.out_lanes)

    # Time.

    @property
    def cycles(self) -> int:
        """Cycles for which the engine is busy if no stream stalls.

        Cycle 0 is the first busy one, and the first words of all streams were there before.
        With E(t) the cycle in which the array takes the last step of tile t, R(t, j) that in which
        the collector reads its column j, and D(t, j) that in which the requantisers are done
        with it::

            E(t)    = max(E(t-1) + max(weight_panel, tile_interval), R(t-2, cols-1) + 1)
            R(t, j) = max(E(t) + latency - 1 + 2 j, D(t, j-1))
            D(t, j) = R(t, j) + max(1, groups * columns of C in column j)

        and E(0) = weight_panel. The job ends with the last result, or with the last column that
        is dropped. Where panels take longer than the array's interval and the requantisers, this
        is ``tiles * weight_panel`` and what the last tile needs to leave.
        """
        return self._ends[1]

    @property
    def blocked(self) -> int:
        """Cycles in which operands wait for the array, if no stream stalls.

        The array takes the last step in the cycle E of the last tile, and a step in each of the
        others but these.
        """
        return self._ends[0] - self.row_tiles * self.col_tiles * self.weight_panel

    @cached_property
    def _ends(self) -> tuple[int, int]:
        """The cycle in which the array takes the last step, and all cycles."""
        spec, array = self.spec, self.spec.array
        interval = max(self.weight_panel, array.tile_interval)
        ended = self.weight_panel - interval
        free = -1
        last_reads: deque[int] = deque([-1, -1])
        done = fired = 0
        for row_tile in range(self.row_tiles):
            groups = self.groups(row_tile)
            for col_tile in range(self.col_tiles):
                ended = max(ended + interval, last_reads.popleft() + 1)
                cols = self.n - col_tile * spec.tile_cols
                read = -1
                for column in range(array.cols):
                    read = max(ended + array.movement.latency - 1 + 2 * column, free)
                    valid = max(0, min(array.c, cols - column * array.c))
                    free = read + max(1, groups * valid)
                    fired = free if valid else fired
                last_reads.append(read)
                done = free
        return ended, max(fired + REQUANTISER_STAGES, done) + 2

    @property
    def utilisation(self) -> float:
        """Products of the dense matrices over those that the array has time for.

        At most ``1 / passes``. A density-bound array counts ``block`` products for ``nonzeros``
        multipliers, as `SystolicSpec.products` does.
        """
        mode = self.spec.points[self.mode]
        return self.m * self.k * self.n / (self.cycles * self.spec.operations(mode))

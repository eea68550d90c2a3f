"""What moves and what stays: the three dataflows of an array, and a GEMM in each."""

from collections.abc import Callable, Mapping
from fractions import Fraction

from amaranth.lib import data

from macsmith.array.geometry import Geometry, ceil_div
from macsmith.array.movement import Movement, Traffic, added, scaled
from macsmith.array.stream_layouts import (
    act_layout,
    column_layout,
    step_layout,
    sums_layout,
    weight_layout,
)


class OutputStationary(Movement):
    """Sums stay: a tile is ``rows a`` rows by ``cols c`` columns of sums, and all of K.

    A step takes ``b`` elements of K. Sums leave column by column, every other cycle.
    """

    mixes_modes = takes_serial_acts = repeats_steps = True

    @property
    def input_structs(self) -> Mapping[str, data.StructLayout]:
        return {"i": step_layout(self.spec)}

    @property
    def output_struct(self) -> data.StructLayout:
        return column_layout(self.spec)

    @property
    def sum_pes(self) -> int:
        return self.spec.rows

    @property
    def tile_interval(self) -> int:
        """From last beat to last beat: until the sums of the tile before are out."""
        return 2 * self.spec.cols - 1

    @property
    def latency(self) -> int:
        """From a last beat to the tile's first column of sums."""
        return self.spec.mac.stages + self.spec.rows + 3

    def tiles(self, m: int, n: int) -> int:
        """Return the tiles of a GEMM."""
        spec = self.spec
        return ceil_div(m, spec.rows * spec.a) * ceil_div(n, spec.cols * spec.c)

    def steps(self, k: int) -> int:
        """Return the steps of a tile."""
        return ceil_div(k, self.spec.b * self.spec.mac.element_products(self.spec.mac.modes[0]))

    def cycles(self, m: int, n: int, k: int) -> int:
        """See `Movement.cycles`.

            T tiles of S cycles: first + p ceil((T - 1) / 2) + q floor((T - 1) / 2)
                                + latency + 2 (cols - 1) + 1

        with ``first = max(S - 1, tile_interval)``, ``p = max(S, tile_interval)`` and, as a tile
        waits until the one before the one before it has left, ``q = max(p, out - p)`` where
        ``out = latency + 2 (cols - 1)``. S is a tile's steps times the cycles of each.
        """
        tiles, interval = self.tiles(m, n), self.tile_interval
        steps = self.steps(k) * self.step_cycles
        out = self.latency + 2 * (self.spec.cols - 1)
        pace = max(steps, interval)
        pairs, odd = divmod(tiles - 1, 2)
        waiting = pace * (pairs + odd) + max(pace, out - pace) * pairs
        return max(steps - 1, interval) + waiting + out + 1 + self.spec.result_latency

    def traffic(self, m: int, n: int, k: int) -> Traffic:
        steps = self.steps(k)
        each = self.traffic_per_cycle(steps)
        return scaled(each, steps * self.step_cycles * self.tiles(m, n))

    def traffic_per_cycle(self, steps: int, layers: int = 1) -> Traffic:
        """See `Movement.traffic_per_cycle`; a tile holds all of K, so ``layers`` is 1.

        acts = rows a b,  weights = cols c weight_words,  sums = rows a cols c / steps,
        each over the cycles of a step
        """
        spec, each = self.spec, self.step_cycles
        mode = spec.mac.modes[0]
        sums = Fraction(spec.rows * spec.a * spec.cols * spec.c, steps * each)
        lanes = Fraction(spec.act_lanes(mode), each), Fraction(spec.weight_lanes(mode), each)
        return Traffic(*lanes, sums, Fraction())


class WeightStationary(Movement):
    """Weights stay: a tile is ``rows b`` elements of K by ``cols c`` columns, and rows of A pass.

    A step takes ``a`` rows of A. Of a K of several tiles, layers, the sums of a layer are kept for
    the next, so that at most ``depth`` steps pass before the weights change; the rest of A follows
    as another run. Runs of a panel of columns come one after the other, then the next panel.

    Members
    -------
    moving, held
        Operands, ``act`` or ``weight``, that pass through the grid, and that stay in it.
    """

    chains_sums = gives_rows = True
    moving, held = "act", "weight"

    @property
    def input_structs(self) -> Mapping[str, data.StructLayout]:
        return {
            "i_a": act_layout(self.spec, moves=self.moving == "act"),
            "i_w": weight_layout(self.spec, moves=self.moving == "weight"),
        }

    @property
    def output_struct(self) -> data.StructLayout:
        return sums_layout(self.spec)

    @property
    def moving_shape(self) -> tuple[int, int]:
        """Vectors of a step, and elements along K that a PE has of each."""
        return self.spec.a, self.spec.b

    @property
    def sum_order(self) -> tuple[int, ...]:
        """Where the sums of a step lie below the grid, row by row of C.

        A column of PEs gives ``a`` rows of ``c`` sums.
        """
        spec = self.spec
        return tuple(
            (col * spec.a + row) * spec.c + place
            for row in range(spec.a)
            for col in range(spec.cols)
            for place in range(spec.c)
        )

    @property
    def tile_interval(self) -> int:
        """From first step to first step: the held rows of a tile move in behind the one before."""
        return max(2, 2 * self.spec.rows - 1)

    @property
    def layer_interval(self) -> int:
        """Fewest cycles from a step to the same step of the next layer: until its sums are kept."""
        return self.spec.rows + 2

    @property
    def latency(self) -> int:
        """From a final step to its sums."""
        return self.spec.rows + self.spec.cols + self.spec.mac.stages + 1

    def passes(self, m: int, n: int) -> tuple[int, int]:
        """Return the steps in which the moving operand passes once, and how often it does so."""
        return ceil_div(m, self.spec.a), ceil_div(n, self.spec.cols * self.spec.c)

    def layers(self, k: int) -> int:
        """Return the tiles along K."""
        spec = self.spec
        elements = spec.rows * spec.b * spec.mac.element_products(spec.mac.modes[0])
        return ceil_div(k, elements)

    def runs(self, steps: int, layers: int) -> list[int]:
        """Return the steps of each run of a panel."""
        most = steps if layers == 1 else self.spec.depth
        return [min(most, steps - start) for start in range(0, steps, most)]

    def cycles(self, m: int, n: int, k: int) -> int:
        """See `Movement.cycles`.

        A tile of S steps takes ``max(S, tile_interval)`` cycles, and if another layer follows
        ``max(S, tile_interval, layer_interval)``; the very last takes S. Before the first come
        ``rows`` cycles for what it holds, after the last ``latency``.
        """
        (steps, panels), layers = self.passes(m, n), self.layers(k)
        runs = self.runs(steps, layers)
        ends = [max(run, self.tile_interval) for run in runs]
        others = [max(end, self.layer_interval) for end in ends]
        each = sum(ends) + (layers - 1) * sum(others)
        ways = self.latency + self.spec.result_latency
        return self.spec.rows + panels * each - ends[-1] + runs[-1] + ways

    def traffic(self, m: int, n: int, k: int) -> Traffic:
        (steps, panels), layers = self.passes(m, n), self.layers(k)
        total = Traffic(*[Fraction()] * 4)
        for run in self.runs(steps, layers):
            total = added(total, scaled(self.traffic_per_cycle(run, layers), run))
        return scaled(total, panels * layers)

    def traffic_per_cycle(self, steps: int, layers: int = 1) -> Traffic:
        """See `Movement.traffic_per_cycle`.

        acts = a rows b,  weights = rows cols c lanes / steps,
        sums = a cols c / layers,  kept = 2 a cols c (layers - 1) / layers
        """
        spec = self.spec
        acts, weights = spec.act_lanes(spec.mac.modes[0]), spec.weight_lanes(spec.mac.modes[0])
        return Traffic(Fraction(acts), Fraction(spec.rows * weights, steps), *self._sums(layers))

    def _sums(self, layers: int) -> tuple[Fraction, Fraction]:
        sums = Fraction(self.spec.a * self.spec.cols * self.spec.c, layers)
        return sums, 2 * (layers - 1) * sums


class InputStationary(WeightStationary):
    """Activations stay: ``C^T = W^T A^T``, the weight-stationary dataflow with roles exchanged.

    A tile is ``rows b`` elements of K by ``cols a`` rows of A, and columns of W pass, ``c`` a step.
    """

    gives_rows = False
    moving, held = "weight", "act"

    @property
    def act_pes(self) -> int:
        return self.spec.cols

    @property
    def weight_pes(self) -> int:
        return self.spec.rows

    @property
    def moving_shape(self) -> tuple[int, int]:
        return self.spec.c, self.spec.zeros.weight_words

    @property
    def sum_order(self) -> tuple[int, ...]:
        return tuple(range(self.spec.cols * self.spec.a * self.spec.c))

    def passes(self, m: int, n: int) -> tuple[int, int]:
        return ceil_div(n, self.spec.c), ceil_div(m, self.spec.cols * self.spec.a)

    def traffic_per_cycle(self, steps: int, layers: int = 1) -> Traffic:
        """See `Movement.traffic_per_cycle`.

        acts = rows cols a b / steps,  weights = c rows lanes,
        sums = a cols c / layers,  kept = 2 a cols c (layers - 1) / layers
        """
        spec = self.spec
        acts, weights = spec.act_lanes(spec.mac.modes[0]), spec.weight_lanes(spec.mac.modes[0])
        return Traffic(Fraction(spec.rows * acts, steps), Fraction(weights), *self._sums(layers))


MOVEMENTS: Mapping[str, Callable[[Geometry], Movement]] = {
    "output": OutputStationary,
    "weight": WeightStationary,
    "input": InputStationary,
}
"""What stays in the PEs, and the dataflow that follows from it."""

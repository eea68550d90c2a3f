"""What one cell of a netlist did in a mean cycle, and the slews and loads that it saw."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from benchmarks.power.left_out import LeftOut
from macsmith.energy.netlist_to_delays import is_inverted
from macsmith.energy.timed_netlist import TimedCell, TimedNetlist
from macsmith.library.cell_library import Array, Cell, Library, Power, Tables
from macsmith.library.truth_table import Rows, columns, output_rows
from macsmith.netlist.event_driven import Activity
from macsmith.timing.nldm_sta import Analysis
from macsmith.timing.timing_graph import FALL, RISE

EDGES = {RISE: "rise_power", FALL: "fall_power"}
"""The name of an edge's table."""


class EnergyTables:
    """The tables of a library, in fJ; what was looked up is kept, as every step asks again."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.at = cache(self._at)

    def _at(self, table: int, slew_ns: float, load_ff: float) -> float:
        where = np.array([slew_ns]), np.array([load_ff])
        return float(self._tables.lookup(np.array([table]), *where)[0])


@dataclass(frozen=True)
class NetView:
    """A net: its share of time at 1, transitions in a mean cycle, slew in ns and load in fF of both
    edges; an ideal clock rises at once.
    """

    duty: float
    toggles: float
    slew_ns: Array
    load_ff: Array


@dataclass(frozen=True)
class CellView:
    """A cell.

    Members
    -------
    pins
        Its inputs, then the state of a flip-flop or the gated clock of a clock gate.
    nets
        What is on its inputs and outputs.
    before
        Transitions of each pin in a mean cycle by the row before, shape (pins, rows).
    caused
        Of each output of a gate, transitions by the pin that caused them and the row after.
    rests
        Share of the cycles that end in each row.
    has_general
        Whether the library states its leakage as a whole too.
    ground
        The same cell with the energies that the library states of its ground pin, if any.
    """

    cell: Cell
    name: str
    pins: tuple[str, ...]
    nets: dict[str, NetView]
    before: Array
    caused: dict[str, Array]
    rests: Array
    tables: EnergyTables
    has_general: bool
    ground: "CellView | None" = None

    @property
    def clock(self) -> str | None:
        """The clock pin of a flip-flop or clock gate."""
        stateful = self.cell.sequential or self.cell.clock_gate
        return self.cell.clock_pins[0] if stateful else None

    def value(self, output: str) -> Rows:
        """Return the value of an output in each row."""
        if output == self.pins[-1]:
            return columns(len(self.pins))[-1]
        return output_rows(self.cell, output, self.pins)

    def energy(self, power: Power, edge: int, slew_ns: float, load_ff: float) -> float:
        """Return the energy in fJ of an edge of a group's pin."""
        table = power.tables.get(EDGES[edge])
        return 0.0 if table is None else self.tables.at(table, slew_ns, load_ff)


def cell_views(
    timed: TimedNetlist,
    activity: Activity,
    analysis: Analysis,
    library: Library,
    left_out: LeftOut,
) -> Iterator[CellView]:
    """Yield the cells of a netlist in the order of ``timed``."""
    nets = _Nets(timed, activity, analysis)
    tables = EnergyTables(library.tables)
    ground = left_out.ground
    of_ground = EnergyTables(ground.tables) if ground else tables
    pin_at = out_at = row_at = 0
    for cell in timed.cells:
        count = len(cell.pins)
        shape = count, 1 << count
        size = count << count
        before = activity.pin_events[pin_at : pin_at + size].reshape(shape) / activity.cycles
        rests = activity.rows[row_at : row_at + (1 << count)] / activity.cycles
        caused = {}
        for output in cell.outputs:
            events = activity.out_events[out_at : out_at + size].reshape(shape)
            caused[output] = events / activity.cycles
            out_at += size
        pin_at, row_at = pin_at + size, row_at + (1 << count)
        one = CellView(
            cell.cell, cell.instance.name, cell.pins, nets.of(cell), before, caused, rests,
            tables, cell.cell.name in left_out.general,
        )  # fmt: skip
        if ground:
            other = replace(one, cell=ground.cells[cell.cell.name], tables=of_ground)
            one = replace(one, ground=other)
        yield one


class _Nets:
    def __init__(self, timed: TimedNetlist, activity: Activity, analysis: Analysis) -> None:
        self._timed, self._activity, self._analysis = timed, activity, analysis

    def of(self, cell: TimedCell) -> dict[str, NetView]:
        """Return what is on the inputs and outputs of a cell."""
        nets = dict(zip((*cell.pins, *cell.outputs), (*cell.pin_nets, *cell.out_nets), strict=True))
        found = {pin: self._view(nets[pin]) for pin in nets}
        for pin in set(cell.cell.outputs) - set(
            nets
        ):  # of a flip-flop, whose last pin is its state
            bit = cell.instance.pins.get(pin)
            state, own = found[cell.pins[-1]], self._view(self._timed.bits.get(bit or "x", 0))
            duty = 1 - state.duty if is_inverted(cell.cell, pin) else state.duty
            found[pin] = NetView(duty, state.toggles, own.slew_ns, own.load_ff)
        return found

    def _view(self, net: int) -> NetView:
        cycles, toggles = self._activity.cycles, int(self._activity.toggles[net])
        node = int(self._timed.node[net])
        both = slice(2 * node, 2 * node + 2)
        slew, load = self._analysis.slew_ns[both], self._analysis.graph.load_ff[both]
        high = self._activity.high[net] / cycles
        if net in self._timed.clocks:
            slew, high = np.zeros(2), toggles / cycles / 4
        if not node:
            slew, load = np.zeros(2), np.zeros(2)
        return NetView(float(high), toggles / cycles, slew, load)

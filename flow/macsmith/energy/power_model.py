"""Energy of a mapped netlist from its activity and the library's power tables.

    internal    each transition of a pin times the table of its `internal_power` group, by
                `related_pin` and `when`, at the slew and load there
    switching   C V^2 / 2 for each transition of a net
    leakage     by the states that the cells rest in, over the clock period
    clock tree  where asked for: buffers that are in no netlist, as `macsmith.energy.clock_tree`
                models them

What glitches cost is the share of each net's transitions beyond those from one settled value to
the next, in all that they cause.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from macsmith.contract.errors import UserError
from macsmith.energy.attribution import PLACES, Places
from macsmith.energy.clock_tree import pin_leakage_nw, pulse_fj
from macsmith.energy.power_arcs import Rule, leakage_nw, output_rules, pin_rules
from macsmith.energy.timed_netlist import TimedCell, TimedNetlist
from macsmith.library.cell_library import Array
from macsmith.library.technology import Technology
from macsmith.netlist.event_driven import Activity
from macsmith.timing.nldm_sta import Analysis

PARTS = ("clock", "registers", "logic", "inputs")
"""What switches: the clock, its gates and pins; flip-flops and what they drive; gates and what they
drive; nets of the input ports, which something outside drives."""

COLUMNS = (*PARTS, "glitches", "leakage")
"""What energy is spent on; `PARTS` are without glitches."""

TREE = "clock tree"
"""The same of a modelled clock tree, a column of its own."""

_CLOCK, _REGISTERS, _LOGIC, _INPUTS = range(len(PARTS))


@dataclass(frozen=True)
class _Costs:
    """Transitions in columns: number of the count, energy in fJ, net that moved, part, owner.

    Owners are numbered as the rows of `EnergyModel.table`.
    """

    event: NDArray[np.intp]
    fj: Array
    net: NDArray[np.intp]
    part: NDArray[np.intp]
    owner: NDArray[np.intp]


def check_power(tech: Technology) -> None:
    """Refuse a library from which no energy follows.

    Raises
    ------
    UserError
        If the library has no power tables or no supply voltage.
    """
    if not tech.library.has_power or not tech.library.voltage:
        raise UserError(
            f"{tech.name} must state internal_power and nom_voltage to give energies, but does not"
        )


class EnergyModel:
    """What each transition costs in one netlist.

    Raises
    ------
    UserError
        If the library states no energies.
    """

    def __init__(
        self, timed: TimedNetlist, tech: Technology, analysis: Analysis, period_ns: float
    ) -> None:
        check_power(tech)
        self._timed, self._tech, self._period_ns = timed, tech, period_ns
        self._library = tech.library
        self.columns = (*COLUMNS, TREE) if tech.conditions.clock_tree else COLUMNS
        nodes = 2 * timed.node[:, np.newaxis] + np.arange(2)
        self._slew, self._load = analysis.slew_ns[nodes], analysis.graph.load_ff[nodes]
        # What the graph does not know is not connected; the ideal clock rises at once.
        self._slew[timed.node == 0], self._load[timed.node == 0] = 0.0, 0.0
        self._slew[list(timed.clocks)] = 0.0

    def parts(self, activity: Activity) -> dict[str, float]:
        """Return the energy of a mean cycle in pJ by ``columns``."""
        return dict(zip(self.columns, self.table(activity).sum(axis=0).tolist(), strict=True))

    def by_place(self, activity: Activity, where: Places) -> dict[str, float]:
        """Return the same by `macsmith.energy.attribution.PLACES`."""
        bits = {net: bit for bit, net in self._timed.bits.items()}
        nowhere = np.zeros(len(PLACES))
        shares = [where.instances[cell.instance.name] for cell in self._timed.cells]
        shares += [
            where.nets.get(bits.get(net, "x"), nowhere) for net in range(self._timed.gates.nets)
        ]
        energies = self.table(activity).sum(axis=1) @ np.array(shares)
        return dict(zip(PLACES, energies.tolist(), strict=True))

    def table(self, activity: Activity) -> Array:
        """Return the energy of a mean cycle in pJ: a row for each cell, then each net; ``columns``.

        What is inside a cell and its leakage are the cell's, C V^2 / 2 and a clock tree the net's.
        """
        share = activity.settled / np.maximum(activity.toggles, 1)
        share[list(self._timed.clocks)] = 1.0
        cells, nets = len(self._timed.cells), np.arange(len(share))
        total, quiet = np.zeros((2, cells + len(nets), len(PARTS)))
        switching = self._load.mean(axis=1) * self._library.voltage**2 / 2
        for costs, counts in (
            (self._outputs, activity.out_events),
            (self._pins, activity.pin_events),
            (_Costs(nets, switching, nets, self._drivers, cells + nets), activity.toggles),
        ):
            fj = counts[costs.event] * costs.fj
            np.add.at(total, (costs.owner, costs.part), fj)
            np.add.at(quiet, (costs.owner, costs.part), fj * share[costs.net])
        # One nW over one ns is 0.001 fJ.
        leakage = np.zeros(len(total))
        nw = activity.rows * self._leakage_nw
        np.add.at(leakage, self._row_cells, nw * self._period_ns * 1e-3)
        glitches = (total - quiet).sum(axis=1)
        made = [quiet, glitches, leakage]
        if TREE in self.columns:
            made.append(np.concatenate([np.zeros(cells), self._tree_fj(activity)]))
        return np.column_stack(made) / activity.cycles * 1e-3

    def _tree_fj(self, activity: Activity) -> Array:
        """Return what the clock trees of nets take in all cycles."""
        pins = np.zeros(self._timed.gates.nets)
        ff = 0.0
        for cell in self._timed.cells:
            for pin in cell.cell.clock_pins:
                pins[cell.pin_nets[cell.pins.index(pin)]] += 1
                ff += cell.cell.pins[pin].mean_ff
        if not pins.any():
            return pins
        pulse = pulse_fj(self._tech, ff / pins.sum())
        idle = pin_leakage_nw(self._tech) * self._period_ns * 1e-3 * activity.cycles
        return pins * (activity.toggles / 2 * pulse + idle)

    @cached_property
    def _outputs(self) -> _Costs:
        """The costs of transitions at outputs of gates."""
        rows, at = [], 0
        rules: dict[tuple[str, str], list[Rule]] = {}
        for number, cell in enumerate(self._timed.cells):
            for output, net in zip(cell.outputs, cell.out_nets, strict=True):
                key = cell.cell.name, output
                if key not in rules:
                    rules[key] = list(output_rules(cell.cell, cell.pins, output))
                rows += [(at, rule, cell, net, net, _LOGIC, number) for rule in rules[key]]
                at += len(cell.pins) << len(cell.pins)
        return self._columns(rows)

    @cached_property
    def _pins(self) -> _Costs:
        """The costs of transitions at pins."""
        rows, at = [], 0
        rules: dict[str, list[Rule]] = {}
        for number, cell in enumerate(self._timed.cells):
            if cell.cell.name not in rules:
                rules[cell.cell.name] = list(pin_rules(cell.cell, cell.pins))
            for rule in rules[cell.cell.name]:
                moved = int(rule.events[0]) >> len(cell.pins)
                loaded = self._timed.bits.get(cell.instance.pins.get(rule.output or "", "x"), 0)
                net, part = cell.pin_nets[moved], _part(cell, moved)
                rows.append((at, rule, cell, loaded, net, part, number))
            at += len(cell.pins) << len(cell.pins)
        return self._columns(rows)

    def _columns(self, rows: Iterable[tuple[int, Rule, TimedCell, int, int, int, int]]) -> _Costs:
        """Return costs from rules.

        A row is where its counts begin, rule, cell, net loaded, net moved, part, cell's number.
        """
        rows = list(rows)
        if not rows:
            # Logic without registers has no clock pins.
            nothing = np.zeros(0, np.intp)
            return _Costs(nothing, np.zeros(0), nothing, nothing, nothing)
        lengths = [len(rule.events) for _, rule, *_ in rows]
        slew = [self._slew[cell.pin_nets[rule.pin], rule.slew] for _, rule, cell, *_ in rows]
        load = [self._load[net, rule.load] for _, rule, _, net, *_ in rows]
        tables = np.array([rule.table for _, rule, *_ in rows], dtype=np.intp)
        fj = self._library.tables.lookup(tables, np.array(slew), np.array(load))
        return _Costs(
            np.concatenate([rule.events + at for at, rule, *_ in rows]),
            np.repeat(fj, lengths),
            *(np.repeat([row[column] for row in rows], lengths) for column in (4, 5, 6)),
        )

    @cached_property
    def _drivers(self) -> NDArray[np.intp]:
        """The part that each net belongs to."""
        parts = np.full(self._timed.gates.nets, _LOGIC)
        parts[self._timed.gates.source_net] = _REGISTERS
        parts[list(self._timed.ports)] = _INPUTS
        parts[list(self._timed.clocks)] = _CLOCK
        return parts

    @cached_property
    def _leakage_nw(self) -> Array:
        """Leakage of each row of each cell."""
        known = {
            cell.cell.name: leakage_nw(cell.cell, cell.pins)
            for cell in {cell.cell.name: cell for cell in self._timed.cells}.values()
        }
        return np.concatenate([known[cell.cell.name] for cell in self._timed.cells])

    @cached_property
    def _row_cells(self) -> NDArray[np.intp]:
        """The cell that each of these rows belongs to."""
        rows = [1 << len(cell.pins) for cell in self._timed.cells]
        return np.repeat(np.arange(len(rows)), rows)


def _part(cell: TimedCell, pin: int) -> int:
    """Return the part that a transition at a pin belongs to."""
    if cell.cell.clock_gate:
        return _CLOCK
    if not cell.cell.sequential:
        return _LOGIC
    return _CLOCK if cell.pins[pin] == cell.cell.clock_pins[0] else _REGISTERS

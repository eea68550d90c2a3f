"""A netlist whose cells have delays, and what its sources do, cycle by cycle.

A flip-flop or clock gate is a cell without outputs. Its last pin is its state or its gated clock,
so that what a transition at a pin meets is in the cell's row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from macsmith.library.cell_library import Cell
from macsmith.netlist.event_driven import TimedGates
from macsmith.netlist.gate_netlist import GateNetlist
from macsmith.netlist.zero_delay import Words
from macsmith.synthesis.mapped_netlist import Bit, Instance

Times = tuple[float, float]
"""When a net rises and when it falls, in ns after the clock edge."""


@dataclass(frozen=True)
class TimedCell:
    """An instance as a cell of `TimedGates`: the name of each pin and output, and their nets."""

    instance: Instance
    cell: Cell
    pins: tuple[str, ...]
    pin_nets: tuple[int, ...]
    outputs: tuple[str, ...]
    out_nets: tuple[int, ...]


@dataclass(frozen=True)
class TimedNetlist:
    """The simulation's arrays, and what their numbers stand for.

    Members
    -------
    cells
        In the order of the arrays.
    node
        For each net of the simulation its number in the timing graph, or 0 where it has none.
    bits
        Net of the simulation by its number in the netlist.
    clocks, ports
        Nets that carry a clock, and those of the other input ports.
    """

    gates: TimedGates
    cells: tuple[TimedCell, ...]
    node: NDArray[np.intp]
    bits: Mapping[Bit, int]
    clocks: frozenset[int]
    ports: frozenset[int]
    _sources: tuple["NetSource", ...]

    def record(self, netlist: GateNetlist) -> "Recording":
        """Return a recording of the sources in a netlist of `netlist_to_gates.to_gates`."""
        return Recording(self._sources, netlist)


@dataclass(frozen=True)
class NetSource:
    """A net that no cell drives: a bit of the netlist, or the state of flip-flop ``flip_flop``.

    A clock pulses in the cycle after the one at whose end its value is 1.
    """

    net: int
    times: Times
    bit: Bit | None = None
    flip_flop: int | None = None
    inverted: bool = False
    pulses: bool = False


class Recording:
    """What the sources of a timed netlist do, cycle by cycle."""

    def __init__(self, sources: Sequence[NetSource], netlist: GateNetlist) -> None:
        state = range(netlist.rows)[netlist.state]
        self._rows = [
            netlist.row(source.bit)
            if source.flip_flop is None and source.bit is not None
            else state[source.flip_flop or 0]
            for source in sources
        ]
        self._inverted = np.array([source.inverted for source in sources])[:, np.newaxis]
        self._pulses = np.array([source.pulses for source in sources], dtype=bool)
        self._cycles: list[Words] = []

    def sample(self, rows: Words) -> None:
        """Take the settled values of all rows of the netlist, before the clock edge."""
        values = rows[self._rows]
        self._cycles.append(np.where(self._inverted, ~values, values))

    def words(self, cycles: int) -> Words:
        """Return the last cycles, and the one before, as `event_driven.simulate` takes them."""
        words = np.stack(self._cycles[-cycles - 1 :])
        words[1:, self._pulses] = words[:-1, self._pulses]
        return words

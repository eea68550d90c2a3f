"""A cell library as the flow needs it: areas, functions, capacitances, tables of time and power.

Times are in ns, capacitances in fF, energies in fJ, areas in the library's unit (um2 in a real
one). All tables of a library lie in one stack of arrays, so that an analysis looks thousands up in
one numpy call.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RISE, FALL = 0, 1
"""Edges of a net or a pin, as arrays have them in this order."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A pin; capacitances of a rising and a falling edge are the largest the library states."""

    name: str
    direction: str
    rise_ff: float = 0.0
    fall_ff: float = 0.0
    function: str | None = None
    role: str | None = None  # of an integrated clock gate: "clock", "enable", "test" or "out"

    @property
    def mean_ff(self) -> float:
        """Mean of the two capacitances."""
        return (self.rise_ff + self.fall_ff) / 2


@dataclass(frozen=True, slots=True)
class Arc:
    """One ``timing`` group from ``related`` to ``pin``.

    ``tables`` maps cell_rise, fall_transition, rise_constraint and so on to rows of `Tables`.
    """

    related: str
    pin: str
    kind: str
    sense: str
    when: str | None
    tables: dict[str, int]


@dataclass(frozen=True, slots=True)
class Power:
    """One ``internal_power`` group of ``pin``: energies in fJ of its edges.

    ``related`` is the input whose edge moves an output; None where the group does not say, as at
    input pins. ``tables`` maps rise_power and fall_power to rows of `Tables`.
    """

    related: str | None
    pin: str
    when: str | None
    tables: dict[str, int]


@dataclass(frozen=True, slots=True)
class Leakage:
    """One ``leakage_power`` group: nW while ``when`` holds, or else where it is None."""

    when: str | None
    nw: float


@dataclass(frozen=True, slots=True)
class Cell:
    """A library cell.

    ``states`` names the state of a flip-flop or latch and its complement; ``clear`` and ``preset``
    are asynchronous. ``clock_gate`` is the Liberty kind of an integrated clock gate, or None.
    """

    name: str
    area: float
    pins: dict[str, Pin]
    arcs: tuple[Arc, ...]
    sequential: str | None  # "ff", "latch", "statetable"
    next_state: str | None
    clocked_on: str | None
    states: tuple[str, ...]
    clear: str | None
    preset: str | None
    clock_gate: str | None
    dont_use: bool
    power: tuple[Power, ...] = ()
    leakage: tuple[Leakage, ...] = ()

    @property
    def inputs(self) -> list[str]:
        """Names of the input pins, in the library's order."""
        return [pin.name for pin in self.pins.values() if pin.direction == "input"]

    @property
    def outputs(self) -> list[str]:
        """Names of the output pins, in the library's order."""
        return [pin.name for pin in self.pins.values() if pin.direction == "output"]

    @property
    def clock_pins(self) -> list[str]:
        """Names of the clock pins: that of a clock gate, and those that data is set up to."""
        gates = [pin.name for pin in self.pins.values() if pin.role == "clock"]
        checked = [arc.related for arc in self.arcs if arc.kind.startswith("setup_")]
        return list(dict.fromkeys([*gates, *checked]))


@dataclass(frozen=True, slots=True)
class WireLoad:
    """A fanout-based wire model: capacitance and resistance of a net with a number of loads."""

    ff_per_length: float
    kohm_per_length: float
    lengths: tuple[tuple[int, float], ...]
    slope: float
    tree: str

    def length(self, fanout: int) -> float:
        """Return the length of a net with ``fanout`` loads: interpolated, beyond the end by slope.

        Like OpenSTA, a net with fewer loads than the first entry has that entry's length.
        """
        last_fanout, last_length = self.lengths[-1]
        if fanout >= last_fanout:
            return last_length + (fanout - last_fanout) * self.slope
        fanouts, lengths = np.array(self.lengths).T
        return float(np.interp(fanout, fanouts, lengths))

    def delay_ns(self, fanout: int, sink_ff: Array, net_ff: Array) -> Array:
        """Return the Elmore delay to a load ``sink_ff`` of a net that loads its driver ``net_ff``.

        The wire is one branch a load, all loads at its far end, or without resistance, by ``tree``.
        """
        kohm = self.kohm_per_length * self.length(fanout)
        if self.tree == "best_case_tree":
            return np.zeros_like(sink_ff)
        if self.tree == "worst_case_tree":
            return 1e-3 * kohm * net_ff
        branch_ff = self.ff_per_length * self.length(fanout) / fanout
        return 1e-3 * kohm / fanout * (branch_ff + sink_ff)


@dataclass(frozen=True)
class Wires:
    """The model of all wires of a netlist, None for none, and what records call it."""

    name: str
    model: WireLoad | None


class Tables:
    """Look-up tables of two axes, stacked.

    The first axis is the slew of the related pin in ns, the second the load in fF, or for a
    constraint the slew of the constrained pin in ns. Between points the surface is bilinear and
    beyond the ends its last patch goes on, as in OpenSTA.

    Parameters
    ----------
    tables
        First axis, second axis and values of each, at least two points an axis.
    """

    def __init__(self, tables: Sequence[tuple[Array, Array, Array]]) -> None:
        rows = max((len(x) for x, _, _ in tables), default=2)
        columns = max((len(y) for _, y, _ in tables), default=2)
        # Infinity past the end keeps the search below within an axis.
        self._x = np.full((len(tables), rows), np.inf)
        self._y = np.full((len(tables), columns), np.inf)
        self._x_inner = np.full((len(tables), rows - 2), np.inf)
        self._y_inner = np.full((len(tables), columns - 2), np.inf)
        self._values = np.zeros((len(tables), rows, columns))
        for k, (x, y, values) in enumerate(tables):
            self._x[k, : len(x)] = x
            self._y[k, : len(y)] = y
            self._x_inner[k, : len(x) - 2] = x[1:-1]
            self._y_inner[k, : len(y) - 2] = y[1:-1]
            self._values[k, : len(x), : len(y)] = values

    def __len__(self) -> int:
        return len(self._values)

    def lookup(self, tables: NDArray[np.intp], x: Array, y: Array) -> Array:
        """Return the value of each table in ``tables`` at its ``x`` and ``y``."""
        i = (self._x_inner[tables] <= x[:, None]).sum(axis=1)
        j = (self._y_inner[tables] <= y[:, None]).sum(axis=1)
        x0, y0 = self._x[tables, i], self._y[tables, j]
        u = (x - x0) / (self._x[tables, i + 1] - x0)
        v = (y - y0) / (self._y[tables, j + 1] - y0)
        values = self._values
        low = values[tables, i, j] * (1 - u) + values[tables, i + 1, j] * u
        high = values[tables, i, j + 1] * (1 - u) + values[tables, i + 1, j + 1] * u
        return low * (1 - v) + high * v


@dataclass(frozen=True)
class Library:
    """Cells by name, their tables, the wire model applied by default, and the supply in V.

    ``left_out`` says of each cell that cannot be used why; ``parts`` is the number of library
    groups that they are from.
    """

    name: str
    cells: dict[str, Cell]
    tables: Tables
    wire_load: WireLoad | None
    time_ns: float
    capacitance_ff: float
    voltage: float
    left_out: dict[str, str] = field(default_factory=dict)
    parts: int = 1

    @property
    def has_power(self) -> bool:
        """Whether the library states energies of any cell."""
        return any(cell.power for cell in self.cells.values())

"""Netlists at equal throughput: clock, copies, energy and area that a target takes.

A netlist does so many useful operations a cycle, at its shortest period or a longer one. For a
target of R useful operations a time

    copies   n, the fewest that reach R at their shortest period
    clock    n operations a cycle / R
    energy   dynamic + leakage x clock / shortest period, of an operation
    area     n x area of the netlist

with the dynamic energy, the leakage of an operation, the area and the shortest period of its
record. What switches in a cycle does not depend on how long the cycle is, and more copies would
only leak more. All copies are of one netlist, and what shares the work between them is not counted.

A target of operations a time *and area* does not depend on copies: there a netlist goes up to its
own density, which is greatest for that of least area x period, and no further.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from macsmith.records import in_units
from macsmith.records.energies import energy, energy_parts, useful_share
from macsmith.records.record import Record

_ROUNDING = 1e-9
"""A netlist at its own fastest rate is fast enough, whatever its last digit."""


@dataclass(frozen=True)
class Choice:
    """Copies of a netlist, at a clock at which they reach a target together.

    Members
    -------
    record
        Of the netlist, at the point that counts.
    stretch
        The clock period over the netlist's shortest.
    """

    record: Record
    copies: int
    stretch: float

    @property
    def energy(self) -> float | None:
        """Energy of an operation, in the unit of the library; None where it was not measured."""
        whole = energy(self.record)
        if whole is None:
            return None
        return whole + (self.stretch - 1) * energy_parts(self.record).get("leakage", 0.0)

    @property
    def area(self) -> float:
        """Area of all copies, in um2 or GE."""
        return self.copies * in_units.area(self.record)

    @property
    def period(self) -> float:
        """The clock period, in ns or tau."""
        return self.stretch * in_units.period(self.record)


def useful_rate(record: Record) -> float:
    """Return the useful operations of a netlist per time, at its shortest period."""
    return in_units.rate(record) * useful_share(record)


def useful_density(record: Record) -> float | None:
    """Return the same per time and area; None where the record states none."""
    found = in_units.density(record)
    return None if found is None else found * useful_share(record)


def at_rate(record: Record, target: float) -> Choice:
    """Return as many copies as reach a throughput, in the unit of `in_units.rate`."""
    fastest = useful_rate(record)
    copies = max(1, math.ceil(target / fastest - _ROUNDING))
    return Choice(record, copies, max(1.0, copies * fastest / target))


def at_density(record: Record, target: float) -> Choice | None:
    """Return a netlist at a throughput per area, or None if it reaches less."""
    most = useful_density(record)
    if most is None or target > most * (1 + _ROUNDING):
        return None
    return Choice(record, 1, max(1.0, most / target))


@dataclass(frozen=True)
class View:
    """One way to compare: least of what, at equal what.

    Members
    -------
    least, across
        Names of figures of `macsmith.analysis.metrics`.
    reach
        What a netlist takes to reach a target, if it can.
    """

    least: str
    across: str
    reach: Callable[[Record, float], Choice | None]

    @property
    def name(self) -> str:
        """``energy-rate`` and so on."""
        return f"{self.least}-{self.across}"

    def cost(self, choice: Choice) -> float | None:
        """Return what there should be little of; None where it was not measured."""
        return choice.energy if self.least == "energy" else choice.area


VIEWS = (
    View("energy", "rate", at_rate),
    View("area", "rate", at_rate),
    View("energy", "density", at_density),
)
"""Energy and area at equal throughput, and energy at equal throughput per area."""

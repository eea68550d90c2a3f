"""A technology: a cell library, and what the flow must know about it to use it."""

from dataclasses import dataclass, field
from pathlib import Path

from macsmith.library.cell_library import Library, Wires
from macsmith.library.conditions import Conditions

_TOLD = 3
"""Cells that a sentence names; records name all."""


@dataclass(frozen=True)
class AdderCell:
    """A library cell that adds: sum and carry pins, and whether each is inverted.

    ``inputs`` are in the library's order, which puts a full adder's carry-in last.
    """

    cell: str
    inputs: tuple[str, ...]
    total: str
    total_inverted: bool
    carry: str
    carry_inverted: bool


@dataclass(frozen=True)
class ClockGate:
    """An integrated clock gate for rising-edge flip-flops; ``test`` pins are to be tied low."""

    cell: str
    enable: str
    clock: str
    out: str
    test: tuple[str, ...]


Ties = tuple[tuple[str, int], ...]
"""Pins and the constants at them."""


@dataclass(frozen=True)
class StandIn:
    """A cell that the library lacks and the tools need, made of ``cell``.

    It is a flip-flop whose next state is ``data``, with constants at other pins; or, without
    ``data``, a buffer of two inverters.
    """

    name: str
    cell: str
    data: str | None = None
    ties: Ties = ()


@dataclass(frozen=True)
class Technology:
    """A cell library ready for synthesis and timing.

    Members
    -------
    liberty
        The Liberty files, all parts of one corner.
    sha256
        Hash of what the files hold.
    embedded
        Whether this is the generic library: its area is in NAND2 equivalents, its time in tau.
    dont_use
        Patterns of cells that synthesis must not choose.
    driver, load_ff
        The cell that drives each input and the load of each output, in fF.
    nand2_area
        Area of the smallest two-input NAND, the unit of ``area_ge``.
    full_adder, half_adder
        Cells for the leaf modules macsmith_fa and macsmith_ha, or None.
    clock_gate
        The smallest integrated clock gate, or None.
    stand_ins
        Cells that the library lacks and the tools need, made of its own.
    conditions
        What is assumed beyond the library.
    wires
        What these make of wires.
    """

    name: str
    liberty: tuple[Path, ...]
    sha256: str
    embedded: bool
    library: Library = field(repr=False, compare=False)
    dont_use: tuple[str, ...]
    driver: str
    load_ff: float
    nand2_area: float
    full_adder: AdderCell | None
    half_adder: AdderCell | None
    clock_gate: ClockGate | None
    conditions: Conditions
    wires: Wires = field(repr=False, compare=False)
    stand_ins: tuple[StandIn, ...] = ()

    @property
    def time_ns(self) -> float:
        """The library's unit of time in ns."""
        return self.library.time_ns

    @property
    def capacitance_ff(self) -> float:
        """The library's unit of capacitance in fF."""
        return self.library.capacitance_ff

    @property
    def notes(self) -> list[str]:
        """What a user must know of the library, a sentence each."""
        notes, left_out = [], self.library.left_out
        if left_out:
            some = "; ".join(f"{name}: {why}" for name, why in list(left_out.items())[:_TOLD])
            more = len(left_out) - _TOLD
            notes.append(
                f"{self.name} has {len(left_out)} cell{'s' * (len(left_out) > 1)} that cannot be "
                f"used and are left out; {some}{f'; and {more} more' if more > 0 else ''}"
            )
        pins = [pin for cell in self.library.cells.values() for pin in cell.pins.values()]
        if not any(pin.mean_ff for pin in pins if pin.direction == "input"):
            notes.append(
                f"{self.name} states no capacitance of any input, so nets have no load in its "
                "periods and energies"
            )
        return notes

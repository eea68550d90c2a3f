"""A technology: a cell library, and what the flow must know about it to use it."""

import math
from dataclasses import dataclass, field
from pathlib import Path

from macsmith.contract.errors import UserError, nearest
from macsmith.library.cell_library import Library, Wires

_TOLD = 3
"""Cells that a sentence names; records name all."""


WIRES = ("none", "library", "fanout")
ENGINES = ("macsmith", "opensta")


@dataclass(frozen=True)
class Conditions:
    """What a user may choose of how netlists are timed and their energies found.

    Members
    -------
    wires
        ``none``; ``library``, its default wire-load model, or lengths by fanout where it has none;
        ``fanout``, lengths by fanout whatever the library says, or ``fanout=C`` with C fF per um.
    timing_engine
        ``macsmith``, our own, or ``opensta``, which must be installed.
    clock_tree
        Whether energies include a clock tree of the library's buffers, which is modelled.
    """

    wires: str = "library"
    timing_engine: str = "macsmith"
    clock_tree: bool = False

    def __post_init__(self) -> None:
        kind, given, value = self.wires.partition("=")
        if kind not in WIRES or (given and kind != "fanout"):
            hint = nearest(kind, WIRES)
            raise UserError(
                f"wires must be {', '.join(WIRES)} or fanout=C with C in fF per um, not "
                f"{self.wires!r}; {hint}"
            )
        if given and not _is_positive(value):
            raise UserError(f"wires must have a capacitance above 0 fF per um, not {value!r}")
        if self.timing_engine not in ENGINES:
            raise UserError(
                f"timing-engine must be {' or '.join(ENGINES)}, not {self.timing_engine!r}"
            )

    @property
    def ff_per_um(self) -> float | None:
        """The capacitance per length that the user gave, or None."""
        value = self.wires.partition("=")[2]
        return float(value) if value else None


def _is_positive(text: str) -> bool:
    try:
        return 0 < float(text) < math.inf
    except ValueError:
        return False


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

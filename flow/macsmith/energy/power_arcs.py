"""Which power table each transition of a cell takes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from macsmith.library.cell_library import FALL, RISE, Array, Cell, Power
from macsmith.library.truth_table import Rows, columns, condition_rows, output_rows

_TABLES = {RISE: "rise_power", FALL: "fall_power"}


@dataclass(frozen=True)
class Rule:
    """The table for transitions of one pin.

    Members
    -------
    events
        Places of the transitions in the cell's block of counts, which is ``pin << n | row``.
    pin, slew
        The pin that starts the transition, and its edge.
    output, load
        The output whose load counts, and its edge; None for an input by itself.
    table
        The table of energies.
    """

    events: NDArray[np.intp]
    pin: int
    slew: int
    output: str | None
    load: int
    table: int


def output_rules(cell: Cell, pins: Sequence[str], output: str) -> Iterator[Rule]:
    """Yield rules for an output of a gate, whose rows are those behind the change of a pin."""
    pins = tuple(pins)
    value = output_rows(cell, output, pins)
    for place, pin in enumerate(pins):
        groups = [p for p in cell.power if p.pin == output and p.related in (pin, None)]
        after = columns(len(pins))[place]
        for power, rows in claims(cell, groups, pins):
            for slew, load in np.ndindex(2, 2):
                fits = rows & (after == (slew == RISE)) & (value == (load == RISE))
                yield from _rule(power, fits, place, slew, output, load)


def pin_rules(cell: Cell, pins: Sequence[str]) -> Iterator[Rule]:
    """Yield rules for transitions at pins, whose rows are those before it.

    The last pin of a cell with state is this state or a gated clock; it moves the outputs.
    """
    pins = tuple(pins)
    for place, pin in enumerate(pins):
        before = columns(len(pins))[place]
        if cell.sequential and place == len(pins) - 1:
            yield from _state_rules(cell, pins)
            continue
        groups = [p for p in cell.power if p.pin == pin]
        for power, rows in claims(cell, groups, pins):
            for edge in (RISE, FALL):
                fits = rows & (before == (edge == FALL))
                yield from _rule(power, fits, place, edge, None, edge)


def _state_rules(cell: Cell, pins: tuple[str, ...]) -> Iterator[Rule]:
    """Yield rules for the outputs of a flip-flop or clock gate, which move with its last pin."""
    place = len(pins) - 1
    after = ~columns(len(pins))[place]
    clock = cell.clock_pins[0]
    for output in cell.outputs:
        # An output is its last pin, or the state there or its complement.
        value = after if output == pins[-1] else ~output_rows(cell, output, pins)
        groups = [p for p in cell.power if p.pin == output and p.related in (clock, None)]
        for power, rows in claims(cell, groups, pins):
            for edge in (RISE, FALL):
                fits = rows & (value == (edge == RISE))
                yield from _rule(power, fits, pins.index(clock), RISE, output, edge, place)


def leakage_nw(cell: Cell, pins: Sequence[str]) -> Array:
    """Return the leakage in each row."""
    pins = tuple(pins)
    nw = np.full(1 << len(pins), np.nan)
    for leakage in sorted(cell.leakage, key=lambda leakage: leakage.when is None):
        rows = condition_rows(cell, leakage.when, pins)
        nw[rows & np.isnan(nw)] = leakage.nw
    return np.nan_to_num(nw)


def claims(
    cell: Cell, groups: Sequence[Power], pins: tuple[str, ...]
) -> Iterator[tuple[Power, Rows]]:
    """Yield each group with its rows; one without a condition has those that no other claims."""
    rest = np.ones(1 << len(pins), dtype=bool)
    for power in sorted(groups, key=lambda power: power.when is None):
        if power.when is None:
            yield power, rest
        else:
            rows = condition_rows(cell, power.when, pins)
            rest = rest & ~rows
            yield power, rows


def _rule(
    power: Power, rows: Rows, pin: int, slew: int, output: str | None, load: int,
    counted: int | None = None,
) -> Iterator[Rule]:  # fmt: skip
    """Yield the rule for an edge if the group has a table for it and rows are left.

    ``counted`` is the pin by which transitions are counted, else ``pin``.
    """
    table = power.tables.get(_TABLES[load])
    if table is not None and rows.any():
        size = (pin if counted is None else counted) * len(rows)
        yield Rule(np.flatnonzero(rows) + size, pin, slew, output, load, table)

"""What a cell does over the rows of its pins; bit k of a row's number is the value of pin k."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from macsmith.library import boolean
from macsmith.library.cell_library import Cell

Rows = NDArray[np.bool_]
"""For each row whether something holds."""


@cache
def columns(count: int) -> tuple[Rows, ...]:
    """Return the value of each pin in each row."""
    rows = np.arange(1 << count)
    return tuple((rows >> place & 1).astype(bool) for place in range(count))


def table_of(cell: Cell, output: str) -> int | None:
    """Return the truth table of an output over the cell's inputs, as `boolean.truth_table` does.

    It is None where the output is no function of them.
    """
    function, inputs = cell.pins[output].function, cell.inputs
    if function is None or cell.sequential or not set(boolean.names(function)) <= set(inputs):
        return None
    return boolean.truth_table(function, inputs)


def output_rows(cell: Cell, output: str, pins: tuple[str, ...]) -> Rows:
    """Return the value of an output, whose function is of ``pins``.

    Raises
    ------
    ValueError
        If it has none such.
    """
    return _evaluate(cell, cell.pins[output].function, pins)


def condition_rows(cell: Cell, condition: str | None, pins: tuple[str, ...]) -> Rows:
    """Return the rows in which a condition (``when``) holds; it may name outputs too."""
    if condition is None:
        return np.ones(1 << len(pins), dtype=bool)
    return _evaluate(cell, condition, pins)


def _evaluate(cell: Cell, expression: str | None, pins: tuple[str, ...]) -> Rows:
    known = dict(zip(pins, columns(len(pins)), strict=True))
    if len(cell.states) == 2 and cell.states[0] in known:
        known[cell.states[1]] = ~known[cell.states[0]]
    if expression is None:
        raise ValueError(f"{cell.name} must have functions of its pins, not None")
    for name in boolean.names(expression):
        if name not in known:
            function = cell.pins[name].function if name in cell.pins else None
            if function is None or name in boolean.names(function):
                raise ValueError(f"{cell.name} must have functions of its pins, not of {name}")
            known[name] = _evaluate(cell, function, pins)
    values: Rows = boolean.evaluate(expression, known, np.ones(1 << len(pins), dtype=bool))
    return values

"""Cells that a library lacks, made of those that it has.

Yosys knows flip-flops that take a data input as it is, and ABC cannot do without a buffer. Where a
library has a flip-flop for scan or with a synchronous reset alone, one with constants at its other
inputs does the same; two inverters are a buffer. The tools are told of a cell that stands for it,
and the netlist gets the cells themselves.
"""

from collections.abc import Mapping
from itertools import product

from macsmith.library import boolean
from macsmith.library.cell_library import Cell
from macsmith.library.technology import StandIn, Ties

_MOST_PINS = 8
"""Inputs that the next state may be of."""


def buffer_of(inverter: Cell) -> StandIn:
    """Return the buffer that two inverters are."""
    return StandIn("macsmith_buffer", inverter.name)


def tied(cell: Cell) -> StandIn | None:
    """Return the plain flip-flop that a cell is with constants at some pins, or None."""
    found = plain_by_ties(cell)
    return None if found is None else StandIn("macsmith_flip_flop", cell.name, *found)


def verilog_of(stand_in: StandIn, cell: Cell) -> str:
    """Return the module of a stand-in, made of the library's cells."""
    ties = {pin: f"1'b{value}" for pin, value in stand_in.ties}
    ports = [f"input {pin}" for pin in cell.inputs if pin not in ties]
    ports += [f"output {pin}" for pin in cell.outputs]
    head = f"module {stand_in.name} ({', '.join(ports)});\n"
    if stand_in.data is not None:
        pins = [f".{pin}({ties.get(pin, pin)})" for pin in (*cell.inputs, *cell.outputs)]
        return f"{head}  {cell.name} _TECHMAP_REPLACE_ ({', '.join(pins)});\nendmodule\n"
    (source,), (target,) = cell.inputs, cell.outputs
    return (
        f"{head}  wire inverted;\n"
        f"  {cell.name} first (.{source}({source}), .{target}(inverted));\n"
        f"  {cell.name} second (.{source}(inverted), .{target}({target}));\nendmodule\n"
    )


def plain_by_ties(cell: Cell) -> tuple[str, Ties] | None:
    """Return a rising-edge flip-flop's data pin, and the constants that make it the next state.

    None if there are none, or the cell is no such flip-flop.
    """
    if cell.sequential != "ff" or cell.next_state is None or cell.clocked_on is None:
        return None
    clocks, names = boolean.names(cell.clocked_on), boolean.names(cell.next_state)
    events = boolean.names(f"{cell.clear or '0'} {cell.preset or '0'}")
    pins = [name for name in names if name in cell.inputs]
    if len(clocks) != 1 or not _is(cell.clocked_on, clocks[0], {}) or len(pins) > _MOST_PINS:
        return None
    if {*clocks, *events} & set(names) or clocks[0] not in cell.inputs:
        return None
    found = []
    for data in pins:
        others = [pin for pin in pins if pin != data]
        for values in product((0, 1), repeat=len(others)):
            ties = dict(zip(others, values, strict=True))
            if _is(cell.next_state, data, ties):
                # Any input can be the data: the one that is called so has the time for it.
                found.append((data[0].upper() != "D", sum(values), data, tuple(ties.items())))
    return min(found)[2:] if found else None


def _is(expression: str, pin: str, ties: Mapping[str, int]) -> bool:
    """Return whether an expression is a pin while others are tied, whatever states are."""
    free = [pin, *(name for name in boolean.names(expression) if name not in {pin, *ties})]
    table = boolean.truth_table(expression, (*ties, *free))
    tied = sum(value << place for place, value in enumerate(ties.values()))
    return all((table >> (tied | row << len(ties))) & 1 == row & 1 for row in range(1 << len(free)))

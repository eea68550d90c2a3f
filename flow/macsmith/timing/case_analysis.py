"""Which nets of a netlist can change while some of its ports are constant: case analysis.

A net is known (0 or 1), quiet (constant, but what it is depends on the past) or moving. A flip-flop
is quiet if its clock is gated off for good, or if nothing moving reaches its data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from macsmith.library import boolean
from macsmith.library.cell_library import Cell
from macsmith.synthesis.mapped_netlist import Bit, Instance, Module, in_order

Constants = Mapping[str, Sequence[int | None]]
"""For each port that has some, the constant of each of its bits, lowest first; None moves."""


@dataclass(frozen=True)
class Case:
    """A netlist with some ports constant.

    Members
    -------
    known:
        The nets whose value is known.
    moving:
        The nets that can change.
    quiet:
        Names of the flip-flops that cannot change.
    """

    known: Mapping[Bit, int]
    moving: frozenset[Bit]
    quiet: tuple[str, ...]
    _cells: Mapping[str, Cell]

    def passes(self, instance: Instance, source: str, target: str) -> bool:
        """Return whether a change at a gate's input can make its output change."""
        if instance.pins[source] not in self.moving:
            return False
        cell = self._cells[instance.cell]
        return source in _free(cell, target, _known_pins(instance, cell, self.known))[1]


def analyse(module: Module, cells: Mapping[str, Cell], constants: Constants) -> Case:
    """Return what can change in a netlist, the clock left aside."""
    known: dict[Bit, int] = {"0": 0, "1": 1}
    moving: set[Bit] = set()
    for name, port in module.inputs.items():
        for bit, value in zip(port, constants.get(name, [None] * len(port)), strict=True):
            if value is None:
                moving.add(bit)
            else:
                known[bit] = value
    gates = [i for i in module.instances if not cells[i.cell].sequential]
    flip_flops = [i for i in module.instances if cells[i.cell].sequential == "ff"]
    gates = in_order(
        gates,
        lambda gate: [gate.pins[pin] for pin in cells[gate.cell].inputs if pin in gate.pins],
        lambda gate: _output_bits(gate, cells[gate.cell]),
    )
    for gate in gates:
        _settle(gate, cells[gate.cell], known, moving)
    stopped = _stopped(module, cells, known)
    waiting = [i for i in flip_flops if not _clock_bits(i, cells[i.cell]) & stopped]
    # The least set of flip-flops that move: those that something moving reaches, step by step.
    while woken := {i.name for i in waiting if _data_bits(i, cells[i.cell]) & moving}:
        for instance in waiting:
            if instance.name in woken:
                moving |= _output_bits(instance, cells[instance.cell])
        waiting = [instance for instance in waiting if instance.name not in woken]
        for gate in gates:
            _settle(gate, cells[gate.cell], known, moving)
    quiet = [i.name for i in flip_flops if not _output_bits(i, cells[i.cell]) & moving]
    return Case(known, frozenset(moving), tuple(quiet), cells)


def _settle(gate: Instance, cell: Cell, known: dict[Bit, int], moving: set[Bit]) -> None:
    """Work out what a gate's outputs do."""
    pins = _known_pins(gate, cell, known)
    for output in cell.outputs:
        if (bit := gate.pins.get(output)) is not None:
            value, free = _free(cell, output, pins)
            if value is not None:
                known[bit] = value
            elif any(gate.pins[pin] in moving for pin in free):
                moving.add(bit)


def _known_pins(
    gate: Instance, cell: Cell, known: Mapping[Bit, int]
) -> tuple[tuple[str, int], ...]:
    return tuple((pin, known[gate.pins[pin]]) for pin in cell.inputs if gate.pins.get(pin) in known)


def _free(
    cell: Cell, output: str, known: tuple[tuple[str, int], ...]
) -> tuple[int | None, frozenset[str]]:
    """Return an output's value if that is known, and the inputs on which it still depends."""
    function = cell.pins[output].function
    if function is None:
        return None, frozenset()
    return _restricted(function, tuple(cell.inputs), known)


@cache
def _restricted(
    function: str, inputs: tuple[str, ...], known: tuple[tuple[str, int], ...]
) -> tuple[int | None, frozenset[str]]:
    fixed = dict(known)
    table = boolean.truth_table(function, inputs)
    rows = [
        row
        for row in range(1 << len(inputs))
        if all(row >> k & 1 == fixed.get(pin, row >> k & 1) for k, pin in enumerate(inputs))
    ]
    values = {table >> row & 1 for row in rows}
    if len(values) == 1:
        return values.pop(), frozenset()
    free = (
        pin
        for k, pin in enumerate(inputs)
        if pin not in fixed and any((table >> row ^ table >> (row ^ 1 << k)) & 1 for row in rows)
    )
    return None, frozenset(free)


def _stopped(module: Module, cells: Mapping[str, Cell], known: Mapping[Bit, int]) -> set[Bit]:
    """Return the clock nets behind clock gates that never open."""
    stopped: set[Bit] = set()
    for instance in module.instances:
        cell = cells[instance.cell]
        if cell.clock_gate:
            enables = [pin.name for pin in cell.pins.values() if pin.role == "enable"]
            if all(known.get(instance.pins.get(pin, "0")) == 0 for pin in enables):
                stopped |= _output_bits(instance, cell)
    return stopped


def _output_bits(instance: Instance, cell: Cell) -> set[Bit]:
    return {bit for pin in cell.outputs if (bit := instance.pins.get(pin)) is not None}


def _clock_bits(instance: Instance, cell: Cell) -> set[Bit]:
    return {instance.pins[pin] for pin in cell.clock_pins if pin in instance.pins}


def _data_bits(instance: Instance, cell: Cell) -> set[Bit]:
    pins = set(cell.inputs).difference(cell.clock_pins)
    return {bit for pin in pins if (bit := instance.pins.get(pin)) is not None}

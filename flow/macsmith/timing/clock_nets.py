"""Which nets of a netlist carry its clock."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from macsmith.library.cell_library import Cell
from macsmith.synthesis.mapped_netlist import Bit, Instance, Module


def clock_nets(module: Module, cells: Mapping[str, Cell]) -> set[Bit]:
    """Return the nets that carry a clock: its input port and all behind clock gates and buffers.

    A port is a clock if a clock pin is on it, straight or behind clock gates, buffers and
    inverters; from there on a clock passes through every gate, as an ideal one does in OpenSTA.

    Raises
    ------
    ValueError
        If a clock pin is on a net that no such port reaches.
    """
    sequential = [i for i in module.instances if cells[i.cell].sequential]
    pins = {bit for i in sequential for bit in _bits(i, cells[i.cell].clock_pins)}
    ports = {bit for port in module.inputs.values() for bit in port}
    drivers = {bit: i for i in module.instances for bit in _bits(i, cells[i.cell].outputs)}
    clocks = {_source(bit, ports, drivers, cells) for bit in pins} & ports
    sinks = defaultdict(list)
    for instance in module.instances:
        cell = cells[instance.cell]
        if not cell.sequential or cell.clock_gate:
            for bit in _bits(instance, cell.inputs):
                sinks[bit].append(instance)
    waiting = list(clocks)
    while waiting:
        for instance in sinks[waiting.pop()]:
            reached = set(_bits(instance, cells[instance.cell].outputs)) - clocks
            clocks |= reached
            waiting += reached
    if stray := pins - clocks:
        name = min(module.net_names.get(bit, str(bit)) for bit in stray)
        raise ValueError(f"clock {name} must come from an input port, but does not")
    return clocks


def _source(
    bit: Bit, ports: set[Bit], drivers: Mapping[Bit, Instance], cells: Mapping[str, Cell]
) -> Bit:
    """Follow a clock back through clock gates, buffers and inverters."""
    while bit not in ports and bit in drivers:
        cell = cells[drivers[bit].cell]
        pins = [p for p in cell.inputs if not cell.clock_gate or cell.pins[p].role == "clock"]
        if len(pins) != 1:
            break
        bit = drivers[bit].pins[pins[0]]
    return bit


def _bits(instance: Instance, pins: list[str]) -> Iterator[Bit]:
    """Yield the nets on ``pins``, constants and open pins left out."""
    return (bit for pin in pins if isinstance(bit := instance.pins.get(pin), int))

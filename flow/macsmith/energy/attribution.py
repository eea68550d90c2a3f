"""Which place of a unit each cell and net of its flat netlist belongs to.

Synthesis flattens a unit, and names of gates do not survive it; what a gate stands between does. A
register is an

    operand register    if an operand port reaches it through gates alone: a unit takes a beat at
                        once, and nothing else of it reads the port,
    core register       if operands reach it through registers only: product and accumulator,
    sequencer register  if no operand reaches it: mode, counters, valid bits of the streams.

Operand registers are the wrapper's. A gate that no operand reaches is the sequencer's, mode decoder
included; of the others, one that leads to a core register is the core's, and the rest, which brings
operands to their registers and results out, is the wrapper's. A net belongs to what drives it. A
clock gate and a clock net are shared by the places of the pins behind them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from macsmith.library.cell_library import Array, Cell
from macsmith.synthesis.mapped_netlist import Bit, Instance, Module
from macsmith.timing.clock_nets import clock_nets

PLACES = ("core", "wrapper", "sequencer")
"""What a unit consists of."""

_CORE, _WRAPPER, _SEQUENCER = np.eye(len(PLACES))


@dataclass(frozen=True)
class Places:
    """For each instance by name, and each net, the shares of `PLACES` in it; they add up to 1."""

    instances: Mapping[str, Array]
    nets: Mapping[Bit, Array]


def places(module: Module, cells: Mapping[str, Cell], operands: Collection[Bit]) -> Places:
    """Return where the instances and nets of a unit's netlist belong."""
    clocks = clock_nets(module, cells)
    gated = [i for i in module.instances if set(_bits(i, cells[i.cell].outputs)) & clocks]
    # Cells of the clock are shared; the others are told by what goes in and comes out as data.
    others = [i for i in module.instances if i not in gated]
    registers = [i for i in others if cells[i.cell].sequential]
    gates = [i for i in others if not cells[i.cell].sequential]

    def inputs(instance: Instance) -> set[Bit]:
        return set(_bits(instance, cells[instance.cell].inputs)) - clocks

    def outputs(instance: Instance) -> set[Bit]:
        return set(_bits(instance, cells[instance.cell].outputs))

    def ahead(bits: Iterable[Bit], through: Iterable[Instance]) -> set[Bit]:
        return _reached(bits, [(inputs(i), outputs(i)) for i in through])

    loaded = ahead(operands, gates)
    touched = ahead(operands, others)
    kept = {i.name for i in registers if inputs(i) & loaded}
    summed = [i for i in registers if inputs(i) & touched and i.name not in kept]
    behind = [(outputs(i), inputs(i)) for i in gates]
    leading = _reached({bit for i in summed for bit in inputs(i)}, behind)
    in_core = {i.name for i in summed} | {i.name for i in gates if outputs(i) & leading}
    instances = {}
    for instance in others:
        if not inputs(instance) & touched:
            instances[instance.name] = _SEQUENCER
        else:
            instances[instance.name] = _CORE if instance.name in in_core else _WRAPPER
    nets = {bit: _WRAPPER if bit in operands else _SEQUENCER for bit in _ports(module)}
    nets |= {bit: instances[i.name] for i in others for bit in outputs(i)}
    _share_clocks(module, cells, clocks, gated, instances, nets)
    return Places(instances, nets)


def _share_clocks(
    module: Module,
    cells: Mapping[str, Cell],
    clocks: set[Bit],
    gated: list[Instance],
    instances: dict[str, Array],
    nets: dict[Bit, Array],
) -> None:
    """Give clock nets, and the cells between them, the mean of the places behind them."""
    sinks: dict[Bit, list[Instance]] = {bit: [] for bit in clocks}
    for instance in module.instances:
        for bit in _bits(instance, cells[instance.cell].inputs):
            if bit in clocks:
                sinks[bit].append(instance)
    driven = {i.name: set(_bits(i, cells[i.cell].outputs)) & clocks for i in gated}

    def of_net(bit: Bit) -> Array:
        shares = [of_instance(instance) for instance in sinks[bit]]
        nets[bit] = np.mean(shares, axis=0) if shares else _SEQUENCER
        return nets[bit]

    def of_instance(instance: Instance) -> Array:
        if instance.name not in instances:
            shares = [of_net(bit) for bit in driven[instance.name]]
            instances[instance.name] = np.mean(shares, axis=0)
        return instances[instance.name]

    for bit in clocks:
        of_net(bit)


def _reached(bits: Iterable[Bit], steps: Iterable[tuple[set[Bit], set[Bit]]]) -> set[Bit]:
    """Return the nets that can be reached from ``bits`` by steps from one set to another."""
    onward: dict[Bit, set[Bit]] = {}
    for sources, targets in steps:
        for bit in sources:
            onward.setdefault(bit, set()).update(targets)
    reached = set(bits)
    waiting = list(reached)
    while waiting:
        new = onward.get(waiting.pop(), set()) - reached
        reached |= new
        waiting += new
    return reached


def _ports(module: Module) -> Iterable[Bit]:
    return (bit for port in module.inputs.values() for bit in port)


def _bits(instance: Instance, pins: Iterable[str]) -> Iterable[Bit]:
    """Yield the nets on ``pins``, constants and open pins left out."""
    return (bit for pin in pins if isinstance(bit := instance.pins.get(pin), int))

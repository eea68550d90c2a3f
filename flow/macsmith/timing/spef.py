"""Wires of a mapped netlist as SPEF (IEEE 1481), so that OpenSTA of any version has ours."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from macsmith.library.cell_library import WireLoad
from macsmith.library.technology import Technology
from macsmith.synthesis.mapped_netlist import Bit, MappedNetlist, Module

_HEADER = """*SPEF "IEEE 1481-1998"
*DESIGN "{top}"
*DATE ""
*VENDOR ""
*PROGRAM "macsmith"
*VERSION ""
*DESIGN_FLOW "{wires}"
*DIVIDER /
*DELIMITER :
*BUS_DELIMITER []
*T_UNIT 1 PS
*C_UNIT 1 FF
*R_UNIT 1 KOHM
*L_UNIT 1 UH
"""
_DIGITS = 6


@dataclass(frozen=True)
class _Pin:
    """A pin of an instance, or a port, and what SPEF calls it."""

    name: str
    kind: str  # *I of an instance, *P of a port
    direction: str  # as seen from the net's module: I or O


def to_spef(netlist: MappedNetlist, tech: Technology) -> str:
    """Return every net that something drives, its wire as the technology's model has it.

    A wire of the model ``none`` has no capacitance and no resistance, which keeps OpenSTA from
    taking the library's own.
    """
    module = netlist.module()
    nets = _nets(module, tech)
    text = [_HEADER.format(top=netlist.top, wires=f"wires {tech.wires.name}")]
    for bit, (driver, sinks) in nets.items():
        if driver is not None and sinks:
            text += _net(_escaped(module.net_names[bit]), driver, sinks, tech.wires.model)
    return "\n".join([*text, ""])


def _nets(module: Module, tech: Technology) -> dict[Bit, tuple[_Pin | None, list[_Pin]]]:
    """Return driver and sinks of each net."""
    drivers: dict[Bit, _Pin] = {}
    sinks: defaultdict[Bit, list[_Pin]] = defaultdict(list)
    for bit, name in _ports(module.inputs):
        drivers[bit] = _Pin(name, "*P", "I")
    for instance in module.instances:
        pins = tech.library.cells[instance.cell].pins
        for pin, bit in instance.pins.items():
            name = f"{_escaped(instance.name)}:{pin}"
            if pins[pin].direction == "output":
                drivers[bit] = _Pin(name, "*I", "O")
            else:
                sinks[bit].append(_Pin(name, "*I", "I"))
    for bit, name in _ports(module.outputs):
        sinks[bit].append(_Pin(name, "*P", "O"))
    return {bit: (drivers.get(bit), sinks[bit]) for bit in drivers}


def _ports(ports: Mapping[str, Sequence[Bit]]) -> Iterator[tuple[Bit, str]]:
    """Yield the net and the name of each bit of some ports."""
    for name, bits in ports.items():
        for k, bit in enumerate(bits):
            yield bit, f"{name}[{k}]" if len(bits) > 1 else name


def _net(name: str, driver: _Pin, sinks: Sequence[_Pin], model: WireLoad | None) -> Iterator[str]:
    """Yield the lines of a net: one branch a load, or as the model's tree says."""
    fanout = len(sinks)
    length = model.length(fanout) if model else 0.0
    ff = model.ff_per_length * length if model else 0.0
    kohm = model.kohm_per_length * length if model else 0.0
    tree = model.tree if model else "best_case_tree"
    yield f"*D_NET {name} {ff:.{_DIGITS}g}"
    yield "*CONN"
    yield from (f"{pin.kind} {pin.name} {pin.direction}" for pin in (driver, *sinks))
    yield "*CAP"
    if tree == "balanced_tree":
        yield from (f"{k} {pin.name} {ff / fanout:.{_DIGITS}g}" for k, pin in enumerate(sinks, 1))
    else:
        end = driver.name if tree == "best_case_tree" else f"{name}:1"
        yield f"1 {end} {ff:.{_DIGITS}g}"
    yield "*RES"
    if tree == "worst_case_tree":
        yield f"1 {driver.name} {name}:1 {kohm:.{_DIGITS}g}"
        yield from (f"{k} {name}:1 {pin.name} 0" for k, pin in enumerate(sinks, 2))
    else:
        branch = kohm / fanout if tree == "balanced_tree" else 0.0
        yield from (
            f"{k} {driver.name} {pin.name} {branch:.{_DIGITS}g}" for k, pin in enumerate(sinks, 1)
        )
    yield "*END"


def _escaped(name: str) -> str:
    """Return a name with a backslash before whatever SPEF gives a meaning, indices left alone."""
    index = re.search(r"(\[\d+\])?$", name)
    stem = name[: index.start()] if index else name
    return re.sub(r"(\W)", r"\\\1", stem) + name[len(stem) :]

"""A mapped netlist: what it holds, and where its files are."""

import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TypeVar

Item = TypeVar("Item")
Net = TypeVar("Net", bound=Hashable)

# A net by Yosys's number, or a constant: "0", "1" or "x".
Bit = int | str


@dataclass(frozen=True)
class Instance:
    """A library cell in a netlist; ``pins`` maps its pins to nets."""

    name: str
    cell: str
    pins: Mapping[str, Bit]


@dataclass(frozen=True)
class Module:
    """A flat netlist: nets of each port, lowest bit first, and the cells."""

    inputs: Mapping[str, tuple[Bit, ...]]
    outputs: Mapping[str, tuple[Bit, ...]]
    instances: tuple[Instance, ...]
    net_names: Mapping[Bit, str]


@dataclass(frozen=True)
class MappedNetlist:
    """A module mapped to library cells.

    Members
    -------
    area_um2
        Sum of the cells' areas, in the library's unit: um2, NAND2 equivalents in the embedded one.
    cells, flip_flops
        How many there are; clock gates are no flip-flops.
    histogram
        How many there are of each library cell.
    json, verilog
        The netlist as Yosys writes it.
    """

    top: str
    area_um2: float
    cells: int
    flip_flops: int
    histogram: Mapping[str, int]
    json: Path
    verilog: Path

    def module(self) -> Module:
        """Read the netlist."""
        return read_module(self.json, self.top)


def in_order(
    items: Sequence[Item],
    reads: Callable[[Item], Iterable[Net]],
    drives: Callable[[Item], Iterable[Net]],
) -> list[Item]:
    """Return items in an order in which none reads a net that a later one drives.

    Raises
    ------
    ValueError
        If they form a loop.
    """
    drivers = {net: number for number, item in enumerate(items) for net in drives(item)}
    needs = {
        number: [drivers[net] for net in reads(item) if net in drivers]
        for number, item in enumerate(items)
    }
    return [items[number] for number in TopologicalSorter(needs).static_order()]


def read_module(path: Path, top: str) -> Module:
    """Read module ``top`` of a netlist in Yosys's JSON."""
    module = json.loads(path.read_text())["modules"][top]
    ports = module["ports"]
    instances = []
    for name, cell in module["cells"].items():
        # Mapped cells have no buses: one bit a pin, none where it is open.
        pins = {pin: bits[0] for pin, bits in cell["connections"].items() if bits}
        instances.append(Instance(name, cell["type"], pins))
    names: dict[Bit, str] = {}
    for name, net in module["netnames"].items():
        bits = net["bits"]
        for k, bit in enumerate(bits):
            if bit not in names or not net["hide_name"]:
                names[bit] = f"{name}[{k}]" if len(bits) > 1 else name
    return Module(
        inputs={n: tuple(p["bits"]) for n, p in ports.items() if p["direction"] == "input"},
        outputs={n: tuple(p["bits"]) for n, p in ports.items() if p["direction"] == "output"},
        instances=tuple(instances),
        net_names=names,
    )

"""Control and datapath of a design, by its netlist: which nets reach which.

Control is what handshakes, ends of packets, faults and other outputs than results depend on, over
registers and any number of cycles, and what no operand reaches. The rest is the datapath.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from macsmith.contract.unit import UnitSpec
from macsmith.rtl.leaf_cells import CLOCK_GATE

CONTROL, DATAPATH = "control", "datapath"

_MEMORY = "$mem_v2"

_ALONG = {
    "$dff": ("D",), "$dffe": ("D",), "$sdff": ("D",), "$sdffe": ("D",), "$mux": ("A", "B"),
    "$and": ("A", "B"), "$or": ("A", "B"), "$xor": ("A", "B"), "$not": ("A",),
    _MEMORY: ("WR_DATA",),
}  # fmt: skip
"""Cells that work bit by bit along some ports; their other ports reach every bit."""

Bits = Mapping[str, Iterable[int]]
"""Bits of ports by the ports' names."""

Site = tuple[str, str, str, int]
"""Where a fault can be: module, cell, port, bit."""


def operand_bits(spec: UnitSpec, ports: Iterable[str]) -> dict[str, set[int]]:
    """Return the bits of input ports that do not steer: operands, and bits that are ignored."""
    return _value_bits([spec.inputs(point) for point in spec.points], ports)


def result_bits(spec: UnitSpec, ports: Iterable[str]) -> dict[str, set[int]]:
    """Return the bits of output ports that carry results."""
    return _value_bits([spec.outputs(point) for point in spec.points], ports)


def payload_port(stream: str, ports: Iterable[str]) -> str:
    """Return the port of a stream's payload, as Amaranth and as AXI4-Stream name it."""
    names = (f"{stream}__payload", f"{stream}_tdata")
    return next(name for name in names if name in set(ports))


def _value_bits(streams: Iterable[Mapping[str, Any]], ports: Iterable[str]) -> dict[str, set[int]]:
    names = set(ports)
    found: dict[str, set[int]] = defaultdict(set)
    for layouts in streams:
        for stream, layout in layouts.items():
            steering = {
                bit
                for field in layout.fields
                if field.role
                for bit in range(field.offset, field.offset + field.width)
            }
            found[payload_port(stream, names)] |= set(range(layout.width)) - steering
    return dict(found)


class Regions:
    """The region of each place where a fault can be.

    A place is control if it is so in any instance of its module.

    Parameters
    ----------
    design:
        Yosys' JSON of a design with its hierarchy, without processes.
    top:
        Name of the top module.
    operands, results:
        Bits of the top's inputs and outputs that carry operands and results.
    """

    def __init__(self, design: Mapping[str, Any], top: str, operands: Bits, results: Bits) -> None:
        self._modules = design["modules"]
        self._nets = 2
        self._leaves: list[tuple[str, str, list[int]]] = []
        self._paths: list[tuple[list[int], list[int]]] = []
        self._instance_pins: list[tuple[Site, int]] = []
        self._clocks: set[Site] = set()
        ports = self._modules[top]["ports"]
        nets = {name: [self._net() for _ in port["bits"]] for name, port in ports.items()}
        self._enter(top, nets)
        reached = _spread(
            (nets[name][bit] for name, bits in operands.items() for bit in bits),
            self._paths,
        )
        steered = _spread(
            (
                net
                for name, port in ports.items()
                if port["direction"] == "output"
                for bit, net in enumerate(nets[name])
                if bit not in set(results.get(name, ()))
            ),
            [(outputs, inputs) for inputs, outputs in self._paths],
        )
        self._control_cells = {
            (module, cell)
            for module, cell, outputs in self._leaves
            if any(net in steered or net not in reached for net in outputs)
        }
        self._control_pins = {
            site for site, net in self._instance_pins if net in steered or net not in reached
        }
        self._instances = {site[:2] for site, _ in self._instance_pins}

    def cells(self, region: str) -> list[tuple[str, str]]:
        """Return the cells in which a region has places, instances of modules among them."""
        every = {(module, cell) for module, cell, _ in self._leaves}
        control = region == CONTROL
        mine = {cell for cell in every if (cell in self._control_cells) == control}
        return sorted(mine | self._instances)

    def of(self, site: Site) -> str | None:
        """Return the region of a place, or None if it is the clock."""
        if site in self._clocks:
            return None
        if site[:2] in self._instances:
            return CONTROL if site in self._control_pins else DATAPATH
        return CONTROL if site[:2] in self._control_cells else DATAPATH

    def _net(self) -> int:
        self._nets += 1
        return self._nets

    def _enter(self, name: str, ports: Mapping[str, list[int]]) -> None:
        """Number the nets of one instance of a module, and of the instances in it."""
        module = self._modules[name]
        known: dict[int | str, int] = {}
        for port, nets in ports.items():
            known.update(zip(module["ports"][port]["bits"], nets, strict=True))
        for cell, found in module["cells"].items():
            pins = {
                port: [
                    known.setdefault(bit, self._net()) if isinstance(bit, int) else 0
                    for bit in bits
                ]
                for port, bits in found["connections"].items()
            }
            places = [
                ((name, cell, port, place), net)
                for port, nets in pins.items()
                for place, net in enumerate(nets)
            ]
            if found["type"] == CLOCK_GATE:
                # A library's cell takes its place, so there are no faults within.
                self._instance_pins += [(site, net) for site, net in places if site[2] == "en"]
                self._clocks |= {site for site, _ in places if site[2] != "en"}
                self._paths.append((pins["en"], pins["gclk"]))
                continue
            if found["type"] in self._modules:
                self._instance_pins += places
                self._clocks |= {site for site, _ in places if site[2] == "clk"}
                self._enter(found["type"], pins)
                continue
            paths = list(_paths(found, pins))
            self._paths += paths
            self._leaves.append((name, cell, [net for _, nets in paths for net in nets]))
            self._clocks |= {site for site, _ in places if site[2].endswith("CLK")}


def _paths(
    cell: Mapping[str, Any], pins: Mapping[str, list[int]]
) -> Iterator[tuple[list[int], list[int]]]:
    """Yield which nets of a cell reach which: bit by bit where a cell works so, else all reach all.

    A register, a memory or a multiplexer may carry control beside operands.
    """
    ways = cell["port_directions"]
    along = _ALONG.get(cell["type"], ())
    width = int(cell["parameters"].get("WIDTH", "0"), 2) if cell["type"] == _MEMORY else 1 << 32
    lanes: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    across: list[int] = []
    for port, nets in pins.items():
        inward = ways[port] == "input"
        for place, net in enumerate(nets):
            if inward and port not in along:
                across.append(net)
            else:
                lanes[place % width if along else 0][0 if inward else 1].append(net)
    for inputs, outputs in lanes.values():
        yield inputs + across, outputs


def _spread(start: Iterable[int], cells: Iterable[tuple[list[int], list[int]]]) -> set[int]:
    """Return the nets that are reached from some, from one side of a cell to the other."""
    beyond = defaultdict(list)
    for near, far in cells:
        for net in near:
            beyond[net].append(far)
    found: set[int] = set()
    waiting = list(start)
    while waiting:
        net = waiting.pop()
        if net not in found:
            found.add(net)
            waiting += (one for far in beyond[net] for one in far)
    return found

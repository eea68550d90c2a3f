"""A netlist as arrays for timing: nodes, their loads, arcs between them and checks.

A node is one edge of one net, rising ``2 n`` or falling ``2 n + 1``. The clock is ideal: it arrives
at 0 everywhere with slew 0, through clock gates too. A net that is constant, or that nothing
drives, takes no part; a case names more nets that are.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from macsmith.library.cell_library import FALL, RISE, Arc, Array, Cell
from macsmith.library.technology import Technology
from macsmith.synthesis.mapped_netlist import Bit, Module
from macsmith.timing.case_analysis import Case
from macsmith.timing.clock_nets import clock_nets

Indices = NDArray[np.intp]

_EDGES = ("rise", "fall")
# Which input edges cause an output edge.
_CAUSES = {
    "positive_unate": ((RISE,), (FALL,)),
    "negative_unate": ((FALL,), (RISE,)),
    "non_unate": ((RISE, FALL), (RISE, FALL)),
}
_COMBINATIONAL = {
    "combinational": (RISE, FALL),
    "combinational_rise": (RISE,),
    "combinational_fall": (FALL,),
}
_CLOCKED = {"rising_edge": RISE, "falling_edge": FALL}
_SETUP = {"setup_rising": RISE, "setup_falling": FALL}


@dataclass(frozen=True)
class Arcs:
    """Timing arcs in columns: nodes, wire delay ahead in ns, tables, instance, arc of its cell."""

    source: Indices
    target: Indices
    wire_ns: Array
    delay: Indices
    transition: Indices
    instance: Indices
    arc: Indices

    @classmethod
    def of(cls, rows: Sequence[tuple]) -> "Arcs":
        """Return ``rows`` as columns."""
        columns = np.array(rows, dtype=float).reshape(-1, len(fields(cls))).T
        source, target, wire, *tables = columns
        return cls(
            source.astype(np.intp),
            target.astype(np.intp),
            wire,
            *(t.astype(np.intp) for t in tables),
        )

    def select(self, which: Indices) -> "Arcs":
        """Return the arcs at ``which``."""
        return Arcs(*(getattr(self, column.name)[which] for column in fields(self)))


@dataclass(frozen=True)
class Checks:
    """Setup checks in columns: node of the data, wire delay ahead in ns, table (-1: a port)."""

    node: Indices
    wire_ns: Array
    setup: Indices
    label: tuple[str, ...]


@dataclass(frozen=True)
class TimingGraph:
    """All that timing needs of a netlist.

    Members
    -------
    net
        Number of each net by its bit in the netlist.
    load_ff
        Capacitance that each node's driver sees, wires included.
    levels
        Combinational arcs, those of one level with sources in earlier ones.
    launch
        Arcs from the clock to the outputs of flip-flops; their source is node 0.
    ports
        Nodes of the input ports, the clock's excepted.
    """

    net: dict[Bit, int]
    load_ff: Array
    levels: tuple[Arcs, ...]
    launch: Arcs
    ports: Indices
    checks: Checks


def build(module: Module, tech: Technology, case: Case | None = None) -> TimingGraph:
    """Return the timing graph of a netlist, of what can change in a case if one is given.

    Raises
    ------
    ValueError
        If its flip-flops use both edges of the clock, a clock comes from no input port, or gates
        form a loop.
    """
    return _Builder(module, tech, case).graph()


class _Builder:
    def __init__(self, module: Module, tech: Technology, case: Case | None) -> None:
        self._module = module
        self._tech = tech
        self._case = case
        self._cells = tech.library.cells
        self._clocks = clock_nets(module, self._cells)
        pins = [i.pins.values() for i in module.instances]
        bits = [*module.inputs.values(), *module.outputs.values(), *pins]
        nets = dict.fromkeys(bit for row in bits for bit in row if isinstance(bit, int))
        # Node 0 is the edge of the ideal clock.
        self._net: dict[Bit, int] = {bit: n for n, bit in enumerate(nets, 1)}
        self._load_ff = np.zeros(2 * len(self._net) + 2)
        self._fanout: Counter[Bit] = Counter()
        self._find_loads()

    def graph(self) -> TimingGraph:
        stages: list[tuple] = []
        launches: list[tuple] = []
        checks: list[tuple] = []
        edges = set()
        case, quiet = self._case, set(self._case.quiet if self._case else ())
        for number, instance in enumerate(self._module.instances):
            cell = self._cells[instance.cell]
            for place, arc in enumerate(cell.arcs):
                source, target = instance.pins.get(arc.related), instance.pins.get(arc.pin)
                if source is None or target not in self._net or target in self._clocks:
                    continue
                if arc.kind in _COMBINATIONAL:
                    live = case is None or case.passes(instance, arc.related, arc.pin)
                    if live and source in self._net and source not in self._clocks:
                        stages += self._stages((number, place), cell, arc, source, target)
                elif source in self._clocks and arc.kind in _CLOCKED:
                    if self._moves(target):
                        launches += self._launches((number, place), arc, target)
                elif source in self._clocks and arc.kind in _SETUP:
                    edges.add(arc.kind)
                    if self._moves(target) and instance.name not in quiet:
                        checks += self._checks(instance.name, cell, arc, target)
        if len(edges) > 1:
            raise ValueError("flip-flops must all use one edge of the clock, not both")
        arcs = Arcs.of(stages)
        node, wire, setup, label = _columns([*checks, *self._port_checks()], 4)
        return TimingGraph(
            net=self._net,
            load_ff=self._load_ff,
            levels=tuple(_levels(arcs, len(self._load_ff))),
            launch=Arcs.of(launches),
            ports=np.array(list(self._ports()), dtype=np.intp),
            checks=Checks(
                np.array(node, dtype=np.intp),
                np.array(wire, dtype=float),
                np.array(setup, dtype=np.intp),
                label,
            ),
        )

    def _find_loads(self) -> None:
        for instance in self._module.instances:
            cell = self._cells[instance.cell]
            for pin, bit in instance.pins.items():
                if bit in self._net:
                    self._load_ff[self._nodes(bit)] += _pin_ff(cell, pin)
                    self._fanout[bit] += cell.pins[pin].direction == "input"
        for _, bit in self._output_bits():
            self._load_ff[self._nodes(bit)] += self._tech.load_ff
            self._fanout[bit] += 1
        if wire := self._tech.wires.model:
            for bit, fanout in self._fanout.items():
                self._load_ff[self._nodes(bit)] += wire.ff_per_length * wire.length(fanout)

    def _stages(
        self, place: tuple[int, int], cell: Cell, arc: Arc, source: Bit, target: Bit
    ) -> Iterator[tuple]:
        # From an output of the cell itself no wire leads.
        own = cell.pins[arc.related].direction == "output"
        wire = np.zeros(2) if own else self._wire_ns(source, _pin_ff(cell, arc.related))
        for edge in _COMBINATIONAL[arc.kind]:
            if tables := _delay_tables(arc, edge):
                for cause in _CAUSES[arc.sense][edge]:
                    ends = self._node(source, cause), self._node(target, edge)
                    yield (*ends, wire[cause], *tables, *place)

    def _launches(self, place: tuple[int, int], arc: Arc, target: Bit) -> Iterator[tuple]:
        for edge in (RISE, FALL):
            if tables := _delay_tables(arc, edge):
                yield 0, self._node(target, edge), 0.0, *tables, *place

    def _checks(self, name: str, cell: Cell, arc: Arc, data: Bit) -> Iterator[tuple]:
        wire = self._wire_ns(data, _pin_ff(cell, arc.pin))
        for edge in (RISE, FALL):
            table = arc.tables.get(f"{_EDGES[edge]}_constraint")
            if table is not None:
                yield self._node(data, edge), wire[edge], table, f"{name}/{arc.pin} ({cell.name})"

    def _port_checks(self) -> Iterator[tuple]:
        for label, bit in filter(lambda output: self._moves(output[1]), self._output_bits()):
            wire = self._wire_ns(bit, np.full(2, self._tech.load_ff))
            for edge in (RISE, FALL):
                yield self._node(bit, edge), wire[edge], -1, label

    def _ports(self) -> Iterator[int]:
        for port in self._module.inputs.values():
            for bit in port:
                if bit in self._net and bit not in self._clocks and self._moves(bit):
                    yield from (self._node(bit, RISE), self._node(bit, FALL))

    def _output_bits(self) -> Iterator[tuple[str, Bit]]:
        for name, port in self._module.outputs.items():
            for k, bit in enumerate(port):
                if bit in self._net:
                    yield f"{name}[{k}]" if len(port) > 1 else name, bit

    def _moves(self, bit: Bit) -> bool:
        return self._case is None or bit in self._case.moving

    def _wire_ns(self, bit: Bit, sink_ff: Array) -> Array:
        """Return the delay of the wire from the driver of ``bit`` to one load, for both edges."""
        model = self._tech.wires.model
        if model is None:
            return np.zeros(2)
        return model.delay_ns(self._fanout[bit], sink_ff, self._load_ff[self._nodes(bit)])

    def _node(self, bit: Bit, edge: int) -> int:
        return 2 * self._net[bit] + edge

    def _nodes(self, bit: Bit) -> slice:
        return slice(2 * self._net[bit], 2 * self._net[bit] + 2)


def _pin_ff(cell: Cell, pin: str) -> Array:
    return np.array([cell.pins[pin].rise_ff, cell.pins[pin].fall_ff])


def _delay_tables(arc: Arc, edge: int) -> tuple[int, int] | None:
    delay = arc.tables.get(f"cell_{_EDGES[edge]}")
    transition = arc.tables.get(f"{_EDGES[edge]}_transition")
    return None if delay is None or transition is None else (delay, transition)


def _columns(rows: Sequence[tuple], count: int) -> tuple:
    return tuple(zip(*rows, strict=True)) if rows else ((),) * count


def _levels(arcs: Arcs, nodes: int) -> Iterator[Arcs]:
    """Yield arcs level by level."""
    level = np.zeros(nodes, dtype=np.intp)
    for _ in range(nodes):
        before = level.copy()
        np.maximum.at(level, arcs.target, level[arcs.source] + 1)
        if np.array_equal(level, before):
            break
    else:
        raise ValueError("gates must form no loop, but do")
    order = level[arcs.target]
    for n in range(1, int(order.max(initial=0)) + 1):
        yield arcs.select(np.flatnonzero(order == n))

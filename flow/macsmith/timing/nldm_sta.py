"""Static timing analysis over Liberty's tables.

Late arrivals only, found as OpenSTA does: the slew of a node is the largest over its arcs, its
arrival the latest. Inputs arrive at 0 behind a driving cell that adds the delay its load causes.
Delays of wires are Elmore's on the technology's wire model; slews do not degrade along them.
"""

from dataclasses import dataclass

import numpy as np

from macsmith.library.cell_library import FALL, RISE, Array
from macsmith.library.technology import Technology
from macsmith.synthesis.mapped_netlist import Module
from macsmith.timing.case_analysis import Case
from macsmith.timing.timing_graph import Indices, TimingGraph, build

_ARROWS = "^v"


@dataclass(frozen=True)
class Analysis:
    """Timing of every node of a graph.

    Members
    -------
    arrival_ns, slew_ns
        Of each node; minus infinity and 0 where no edge ever arrives.
    cause, through
        The node that each node waits for, and the number of the instance between; -1 for none.
    needed_ns
        The period that each check of the graph asks for.
    """

    graph: TimingGraph
    arrival_ns: Array
    slew_ns: Array
    cause: Indices
    through: Indices
    needed_ns: Array

    def endpoints(self, count: int) -> tuple[tuple[str, float], ...]:
        """Return the ``count`` endpoints that need the longest periods, longest first."""
        worst: dict[str, float] = {}
        for k in np.argsort(-self.needed_ns, kind="stable"):
            worst.setdefault(self.graph.checks.label[k], float(self.needed_ns[k]))
            if len(worst) == count:
                break
        return tuple(worst.items())

    def critical_path(self, module: Module) -> tuple[tuple[str, float], ...]:
        """Return the stages of the slowest path, each with its arrival in ns, start first."""
        if not self.needed_ns.size:
            return ()
        bits = {number: bit for bit, number in self.graph.net.items()}
        worst = int(self.needed_ns.argmax())
        path = [(self.graph.checks.label[worst], float(self.needed_ns[worst]))]
        node = int(self.graph.checks.node[worst])
        while node > 0:
            name = module.net_names.get(bits[node // 2], "?")
            if self.through[node] >= 0:
                instance = module.instances[self.through[node]]
                name = f"{instance.name} ({instance.cell})"
            path.append((f"{name} {_ARROWS[node % 2]}", float(self.arrival_ns[node])))
            node = int(self.cause[node])
        return tuple(path[::-1])


def analyse(module: Module, tech: Technology, case: Case | None = None) -> Analysis:
    """Return the timing of a netlist with an ideal clock, of what can change in a case if given.

    Raises
    ------
    ValueError
        If the netlist has no such timing; see `timing_graph.build`.
    """
    graph = build(module, tech, case)
    tables = tech.library.tables
    nodes = len(graph.load_ff)
    arrival, slew = np.full(nodes, -np.inf), np.zeros(nodes)
    cause, through = np.full(nodes, -1), np.full(nodes, -1)
    arrival[0] = 0.0
    _drive(graph, tech, arrival, slew)
    for arcs in (graph.launch, *graph.levels):
        starts, load = slew[arcs.source], graph.load_ff[arcs.target]
        arrivals = arrival[arcs.source] + arcs.wire_ns
        arrivals += tables.lookup(arcs.delay, starts, load)
        np.maximum.at(arrival, arcs.target, arrivals)
        # What never switches has no slew to pass on.
        slews = np.where(np.isfinite(arrivals), tables.lookup(arcs.transition, starts, load), 0.0)
        np.maximum.at(slew, arcs.target, slews)
        latest = arrivals == arrival[arcs.target]
        cause[arcs.target[latest]] = arcs.source[latest]
        through[arcs.target[latest]] = arcs.instance[latest]
    checks = graph.checks
    needed = arrival[checks.node] + checks.wire_ns
    setup = checks.setup >= 0
    clock_slew = np.zeros(setup.sum())
    needed[setup] += tables.lookup(checks.setup[setup], clock_slew, slew[checks.node[setup]])
    return Analysis(graph, arrival, slew, cause, through, needed)


def _drive(graph: TimingGraph, tech: Technology, arrival: Array, slew: Array) -> None:
    """Set arrival and slew of the input ports, behind a driving cell.

    Its delay counts less what it is without load.
    """
    driver = tech.library.cells[tech.driver]
    first = driver.arcs[0].related
    for edge, kind in ((RISE, "rise"), (FALL, "fall")):
        ports = graph.ports[graph.ports % 2 == edge]
        load, zero = graph.load_ff[ports], np.zeros(len(ports))
        for arc in driver.arcs:
            if arc.related == first and f"cell_{kind}" in arc.tables:
                delay = np.full(len(ports), arc.tables[f"cell_{kind}"])
                transition = np.full(len(ports), arc.tables[f"{kind}_transition"])
                lookup = tech.library.tables.lookup
                added = lookup(delay, zero, load) - lookup(delay, zero, zero)
                arrival[ports] = np.maximum(arrival[ports], added)
                slew[ports] = np.maximum(slew[ports], lookup(transition, zero, load))

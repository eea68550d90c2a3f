"""A mapped netlist as cells with delays for `macsmith.netlist.event_driven`.

Delays are those of Liberty's tables at the slew and load of the pins, rising and falling apart, by
input and by the state of the others where the library tells them apart (``when``), wire included.
Flip-flops change at clock-to-Q of the ideal clock. Input ports change then too: they come from
registers like those of the netlist, through the driving cell.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from macsmith.energy.timed_netlist import NetSource, TimedCell, TimedNetlist, Times
from macsmith.library import boolean
from macsmith.library.cell_library import RISE, Cell
from macsmith.library.technology import Technology
from macsmith.library.truth_table import columns, condition_rows, output_rows
from macsmith.netlist.event_driven import TimedGates
from macsmith.synthesis.mapped_netlist import Bit, Instance, Module, in_order
from macsmith.timing.clock_nets import clock_nets
from macsmith.timing.nldm_sta import Analysis

TICK_NS = 1e-4
"""The unit of time of a simulation; a tenth of a picosecond keeps simultaneous events rare."""


def to_timed(
    module: Module, tech: Technology, analysis: Analysis, period_ns: float
) -> TimedNetlist:
    """Return a mapped netlist as cells with delays.

    Parameters
    ----------
    analysis
        Its timing, which gives slews and loads.
    period_ns
        The clock falls after half of it.
    """
    return _Builder(module, tech, analysis, period_ns).netlist()


class _Builder:
    def __init__(
        self, module: Module, tech: Technology, analysis: Analysis, period_ns: float
    ) -> None:
        self._module, self._tech, self._analysis = module, tech, analysis
        self._half = period_ns / 2
        self._library = tech.library.cells
        self._clocks = clock_nets(module, self._library)
        self._nets: dict[Bit, int] = {"0": 0, "1": 1, "x": 0}
        self._node = [0, 0]
        self._delays = self._all_delays()
        launched = analysis.arrival_ns[np.unique(analysis.graph.launch.target)]
        self._launch = float(np.median(launched)) if launched.size else 0.0

    def netlist(self) -> TimedNetlist:
        sources = list(self._port_sources())
        logic, others = self._cells(sources)
        cells = [*logic, *others]
        truth, delay = [], []
        for cell in logic:
            for output, net in zip(cell.outputs, cell.out_nets, strict=True):
                truth.append(output_rows(cell.cell, output, cell.pins))
                delay.append(self._output_delays(cell, output, net))
        rise, fall = np.array([source.times for source in sources]).reshape(-1, 2).T
        gates = TimedGates(
            nets=len(self._node),
            pin_net=_numbers(net for cell in cells for net in cell.pin_nets),
            pin_start=_starts(len(cell.pin_nets) for cell in cells),
            out_net=_numbers(net for cell in cells for net in cell.out_nets),
            out_start=_starts(len(cell.out_nets) for cell in cells),
            truth=np.concatenate([np.zeros(0, np.uint8), *truth], dtype=np.uint8),
            delay=_ticks(np.concatenate([np.zeros(0), *delay])),
            source_net=_numbers(source.net for source in sources),
            source_rise=_ticks(rise),
            source_fall=_ticks(fall),
            source_pulses=np.array([source.pulses for source in sources], dtype=np.uint8),
        )
        return TimedNetlist(
            gates,
            tuple(cells),
            np.array(self._node, dtype=np.intp),
            {bit: net for bit, net in self._nets.items() if isinstance(bit, int)},
            frozenset(self._nets[bit] for bit in self._clocks),
            frozenset(
                self._nets[bit]
                for bits in self._module.inputs.values()
                for bit in bits
                if bit not in self._clocks
            ),
            tuple(sources),
        )

    def _net(self, bit: Bit | None) -> int:
        """Return the net of a bit, a new one for an open pin."""
        if bit is None or bit not in self._nets:
            number = len(self._node)
            self._node.append(self._analysis.graph.net.get(bit, 0) if bit is not None else 0)
            if bit is None:
                return number
            self._nets[bit] = number
        return self._nets[bit]

    def _port_sources(self) -> Iterator[NetSource]:
        for bits in self._module.inputs.values():
            for bit in bits:
                if bit in self._clocks:
                    yield NetSource(self._net(bit), (0.0, self._half), bit, pulses=True)
                else:
                    rise, fall = self._arrival(self._net(bit))
                    yield NetSource(self._net(bit), (rise + self._launch, fall + self._launch), bit)

    def _cells(self, sources: list[NetSource]) -> tuple[list[TimedCell], list[TimedCell]]:
        """Return gates in order, and cells with state; what these drive is added to sources."""
        logic, others = [], []
        flip_flops = 0
        for instance in self._module.instances:
            cell = self._library[instance.cell]
            pins = {pin: self._net(instance.pins.get(pin, "x")) for pin in cell.inputs}
            if not cell.sequential and not cell.clock_gate:
                outputs = {pin: self._net(instance.pins.get(pin)) for pin in cell.outputs}
                logic.append(_timed_cell(instance, cell, pins, outputs))
                continue
            if cell.clock_gate:
                (out,) = cell.outputs
                bit = instance.pins[out]
                state = {out: self._net(bit)}
                sources.append(NetSource(state[out], (0.0, self._half), bit, pulses=True))
            else:
                state = {cell.states[0]: self._net(None)}
                sources += self._flip_flop(instance, cell, flip_flops, *state.values())
                flip_flops += 1
            others.append(_timed_cell(instance, cell, pins | state, {}))
        return in_order(logic, lambda cell: cell.pin_nets, lambda cell: cell.out_nets), others

    def _flip_flop(
        self, instance: Instance, cell: Cell, number: int, state: int
    ) -> Iterator[NetSource]:
        """Yield the state and the connected outputs of a flip-flop."""
        times = (0.0, 0.0)
        for pin in cell.outputs:
            if isinstance(bit := instance.pins.get(pin), int):
                net, inverted = self._net(bit), is_inverted(cell, pin)
                own = self._arrival(net)
                times = own[::-1] if inverted else own
                yield NetSource(net, own, flip_flop=number, inverted=inverted)
        yield NetSource(state, times, flip_flop=number)

    def _arrival(self, net: int) -> Times:
        """Return when a net rises and falls that no cell drives; 0 where nothing reads it."""
        node = 2 * self._node[net]
        rise, fall = self._analysis.arrival_ns[node : node + 2]
        return (
            (float(rise), float(fall)) if node and np.isfinite([rise, fall]).all() else (0.0, 0.0)
        )

    def _all_delays(self) -> Mapping[tuple[str, int], list[tuple[int, int, float]]]:
        """Return cause edge, edge and delay in ns by instance and arc."""
        graph, tables = self._analysis.graph, self._tech.library.tables
        delays = defaultdict(list)
        for arcs in graph.levels:
            slew, load = self._analysis.slew_ns[arcs.source], graph.load_ff[arcs.target]
            times = tables.lookup(arcs.delay, slew, load) + arcs.wire_ns
            edges = arcs.source % 2, arcs.target % 2
            for place in zip(arcs.instance, arcs.arc, *edges, times, strict=True):
                instance, arc, cause, edge, time = (value.item() for value in place)
                delays[self._module.instances[instance].name, arc].append((cause, edge, time))
        return delays

    def _output_delays(self, cell: TimedCell, output: str, net: int) -> NDArray[np.float64]:
        """Return the delays of an output by pin and row, in ns.

        Where the library gives none, as for a pin that moves nothing in that state, the mean over
        the pin's other arcs to that edge of the output stands in.
        """
        truth = output_rows(cell.cell, output, cell.pins)
        given = np.full((len(cell.pins), len(truth)), np.nan)
        every = defaultdict(list)
        for place, arc in enumerate(cell.cell.arcs):
            if arc.pin != output or arc.related not in cell.pins:
                continue
            pin = cell.pins.index(arc.related)
            rows = condition_rows(cell.cell, arc.when, cell.pins)
            risen = columns(len(cell.pins))[pin]
            for cause, edge, time in self._delays.get((cell.instance.name, place), ()):
                fits = rows & (truth == (edge == RISE)) & (risen == (cause == RISE))
                if arc.when is None:  # what no state before it has claimed
                    fits &= np.isnan(given[pin])
                given[pin, fits] = time
                every[pin, edge].append(time)
        for pin, edge in np.ndindex(len(cell.pins), 2):
            fits = np.isnan(given[pin]) & (truth == (edge == RISE))
            given[pin, fits] = np.mean(every[pin, edge]) if every[pin, edge] else 0.0
        return given.ravel()


def is_inverted(cell: Cell, pin: str) -> bool:
    """Return whether an output of a flip-flop is the complement of its state."""
    state, *complement = cell.states
    values = {state: 0} | dict.fromkeys(complement, 1)
    return bool(boolean.evaluate(cell.pins[pin].function or state, values, 1))


def _timed_cell(
    instance: Instance, cell: Cell, pins: Mapping[str, int], outputs: Mapping[str, int]
) -> TimedCell:
    return TimedCell(
        instance, cell, tuple(pins), tuple(pins.values()), tuple(outputs), tuple(outputs.values())
    )


def _numbers(values: Iterator[int]) -> NDArray[np.int32]:
    return np.array(list(values), dtype=np.int32)


def _starts(lengths: Iterator[int]) -> NDArray[np.int32]:
    return np.concatenate([[0], np.cumsum(list(lengths))]).astype(np.int32)


def _ticks(times: NDArray[np.float64]) -> NDArray[np.int32]:
    # A library may state negative delays of slow inputs; time does not run backwards.
    return np.maximum(np.rint(times / TICK_NS), 0).astype(np.int32)

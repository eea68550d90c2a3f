"""A timed netlist as Verilog with specify paths, and its toggles in Icarus Verilog: a cross-check.

Delays stand in the models, one module an instance, and not in SDF, of which Icarus drops the
conditions: so both simulators have the same ones to the last digit. Icarus has its own flip-flops
and clock gates and starts from the recorded state; it gets nothing but the input ports.
"""

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from macsmith.energy.timed_netlist import TimedCell, TimedNetlist
from macsmith.host.tool_error import run_tool
from macsmith.library.cell_library import Cell
from macsmith.library.truth_table import Rows, output_rows
from macsmith.library.verilog_models import cell_models, expression
from macsmith.netlist.zero_delay import Words
from macsmith.synthesis.mapped_netlist import Bit, Module

_LIMIT_S = 600
_CYCLES_APART = 4
"""Periods from one clock edge to the next, so that everything settles between."""


def available() -> bool:
    """Return whether Icarus Verilog is installed."""
    return all(map(shutil.which, ("iverilog", "vvp")))


def count_toggles(
    module: Module,
    timed: TimedNetlist,
    words: Words,
    folder: Path,
    *,
    lane: int = 0,
    delays: bool = True,
) -> NDArray[np.int64]:
    """Return how often each net of ``timed`` toggles in Icarus; nets without a bit count 0.

    Parameters
    ----------
    words
        What the sources do, as `event_driven.simulate` takes it, of which lane ``lane`` counts.
    delays
        Whether cells have delays; else there are no glitches.
    """
    writer = _Writer(module, timed, words, lane, delays)
    (folder / "top.v").write_text("\n".join(writer.lines()))
    np.savetxt(folder / "ports.txt", writer.stimulus(), "%d", delimiter="")
    for command in (
        ["iverilog", "-g2005", "-gspecify", "-o", "top.vvp", "top.v"],
        ["vvp", "-n", "top.vvp"],
    ):
        run_tool("Icarus Verilog", command, folder, _LIMIT_S)
    return _count(folder / "top.vcd", writer.start, timed)


class _Writer:
    def __init__(
        self, module: Module, timed: TimedNetlist, words: Words, lane: int, delays: bool
    ) -> None:
        self._module, self._timed, self._delays = module, timed, delays
        values = words[:, :, lane // 64] >> np.uint64(lane % 64) & np.uint64(1)
        self._values = dict(zip(timed.gates.source_net.tolist(), values.T, strict=True))
        self._ports = [
            bit
            for bits in module.inputs.values()
            for bit in bits
            if isinstance(bit, int) and timed.bits[bit] not in timed.clocks
        ]
        self._half = int(timed.gates.source_fall[timed.gates.source_pulses > 0].max(initial=1))
        self._cycles = len(words)

    @property
    def start(self) -> int:
        """The instant from which transitions count."""
        return 2 * _CYCLES_APART * self._half

    def stimulus(self) -> NDArray[np.uint64]:
        """Return the values of the ports, a row a cycle."""
        columns = [self._values[self._timed.bits[bit]] for bit in self._ports]
        return np.stack(columns[::-1], axis=1)

    def lines(self) -> Iterator[str]:
        """Yield the Verilog; a unit of time is a tick."""
        timed, width = self._timed, len(self._ports)
        nets = [f"n{bit}" for bit in timed.bits]
        instances = list(self._instances())
        yield from (model for model, _ in instances)
        yield "module top;"
        yield f"reg clk = 0; reg [{width - 1}:0] ports, memory [0:{self._cycles - 1}]; integer k;"
        yield from (f"wire {net};" for net in nets)
        yield from (instance for _, instance in instances)
        yield from (f"assign {_net(bit)} = clk;" for bit in self._clock_ports())
        yield "initial begin"
        yield '$readmemb("ports.txt", memory); ports = memory[0];'
        yield f'#{self.start} $dumpfile("top.vcd"); $dumpvars(1, {", ".join(nets)});'
        yield f"#1 for (k = 1; k < {self._cycles}; k = k + 1) begin"
        yield f"clk = 1; ports <= memory[k]; #{self._half} clk = 0;"
        yield f"#{(2 * _CYCLES_APART - 1) * self._half}; end"
        yield "$finish; end endmodule"

    def _clock_ports(self) -> Iterator[Bit]:
        for bits in self._module.inputs.values():
            for bit in bits:
                if self._timed.bits.get(bit) in self._timed.clocks:
                    yield bit

    def _instances(self) -> Iterator[tuple[str, str]]:
        """Yield a model and an instance of it for each port and cell."""
        gates = self._timed.gates
        times = zip(gates.source_rise.tolist(), gates.source_fall.tolist(), strict=True)
        arrivals = dict(zip(gates.source_net.tolist(), times, strict=True))
        for place, bit in enumerate(self._ports):
            path = _specify([_path("", "A", "Y", *arrivals[self._timed.bits[bit]])], self._delays)
            model = f"module p{place} (input A, output Y); assign Y = A; {path} endmodule"
            yield model, f"p{place} i_p{place} (ports[{place}], n{bit});"
        at = 0
        for number, cell in enumerate(self._timed.cells):
            name = f"c{number}"
            if cell.cell.clock_gate:
                model = _renamed(cell.cell, name)
            elif cell.outputs:
                shape = len(cell.outputs), len(cell.pins), 1 << len(cell.pins)
                delays = gates.delay[at : at + prod(shape)].reshape(shape)
                at += delays.size
                model = self._gate(name, cell, delays)
            else:
                model = self._flip_flop(name, cell, arrivals)
            pins = [f".{pin}({_net(bit)})" for pin, bit in cell.instance.pins.items()]
            yield model, f"{name} i_{name} ({', '.join(pins)});"

    def _gate(self, name: str, cell: TimedCell, delays: NDArray[np.int32]) -> str:
        body, paths = [], []
        for output, table in zip(cell.outputs, delays, strict=True):
            function = expression(cell.cell, cell.cell.pins[output].function)
            body.append(f"assign {output} = {function};")
            truth = output_rows(cell.cell, output, cell.pins)
            for pin, row in zip(range(len(cell.pins)), table, strict=True):
                paths += _pin_paths(cell.pins, pin, output, row, truth)
        ports = [f"input {pin}" for pin in cell.pins] + [f"output {pin}" for pin in cell.outputs]
        return (
            f"module {name} ({', '.join(ports)}); {' '.join(body)} "
            f"{_specify(paths, self._delays)} endmodule"
        )

    def _flip_flop(self, name: str, cell: TimedCell, arrivals: dict[int, tuple[int, int]]) -> str:
        state = cell.cell.states[0]
        initial = int(self._values[cell.pin_nets[-1]][0])
        model = _renamed(cell.cell, name).replace(f"reg {state};", f"reg {state} = 1'b{initial};")
        (clock,) = {arc.related for arc in cell.cell.arcs if arc.kind.startswith("setup")}
        paths = [
            _path("", clock, pin, *arrivals[self._timed.bits[bit]])
            for pin in cell.cell.outputs
            if isinstance(bit := cell.instance.pins.get(pin), int)
        ]
        return model.replace("endmodule", f"{_specify(paths, self._delays)} endmodule")


def _renamed(cell: Cell, name: str) -> str:
    return cell_models([cell]).replace(f"module {cell.name}", f"module {name}")


def _net(bit: Bit) -> str:
    return f"n{bit}" if isinstance(bit, int) else f"1'b{bit if bit in '01' else 0}"


def _pin_paths(
    pins: tuple[str, ...],
    pin: int,
    output: str,
    delays: NDArray[np.int32],
    truth: Rows,
) -> list[str]:
    """Return the paths of a pin by the state of the others."""
    paths = {}
    for low in range(len(truth)):
        if not low >> pin & 1:
            rows = low, low | 1 << pin
            edges = [[int(delays[row]) for row in rows if truth[row] == edge] for edge in (1, 0)]
            # A pin that moves nothing in this state has one edge only, for when others move too.
            rise, fall = (edge[:1] or [max(map(int, delays[list(rows)]))] for edge in edges)
            others = (
                f"{'' if low >> k & 1 else '~'}{other}" for k, other in enumerate(pins) if k != pin
            )
            paths[" & ".join(others)] = rise[0], fall[0]
    if len(set(paths.values())) == 1:
        return [_path("", pins[pin], output, *next(iter(paths.values())))]
    return [_path(f"if ({state}) ", pins[pin], output, *times) for state, times in paths.items()]


def _path(condition: str, pin: str, output: str, rise: int, fall: int) -> str:
    return f"{condition}({pin} => {output}) = ({rise}, {fall});"


def _specify(paths: list[str], delays: bool) -> str:
    return f"specify {' '.join(paths)} endspecify" if paths and delays else ""


def _count(vcd: Path, start: int, timed: TimedNetlist) -> NDArray[np.int64]:
    """Return the value changes of each net after ``start``."""
    header, _, changes = vcd.read_text().partition("$enddefinitions $end")
    symbols = dict(re.findall(r"\$var \w+ 1 (\S+) n(\d+) ", header))
    found: Counter[str] = Counter()
    values: dict[str, str] = {}
    time = 0
    for word in changes.split():
        value, symbol = word[0], word[1:]
        if value == "#":
            time = int(symbol)
        elif symbol in symbols:
            # Icarus also writes what has changed and changed back within an instant.
            found[symbol] += time > start and values.get(symbol) != value
            values[symbol] = value
    counts = np.zeros(timed.gates.nets, dtype=np.int64)
    for symbol, bit in symbols.items():
        counts[timed.bits[int(bit)]] = found[symbol]
    return counts

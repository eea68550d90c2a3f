"""A mapped netlist as gates for `zero_delay`, with the netlist's own nets and names.

Each cell becomes what its Liberty functions say. The nets inside a cell have no names; those
between cells keep theirs, so toggles are counted on the very nets that a netlist has. Outputs that
nothing reads, as the inverted one of most flip-flops, are left out.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from macsmith.library import boolean
from macsmith.library.cell_library import Cell
from macsmith.library.technology import Technology
from macsmith.netlist import gate_netlist
from macsmith.synthesis.mapped_netlist import Bit, MappedNetlist


def to_gates(
    mapped: MappedNetlist, tech: Technology, *, resets_at_clock: bool = False
) -> gate_netlist.GateNetlist:
    """Return a mapped netlist as gates.

    With ``resets_at_clock`` asynchronous sets and resets are taken for synchronous ones, which is
    the same for one that comes and goes with the clock.

    Raises
    ------
    ValueError
        If a cell is nothing that gates can be: a latch, a falling edge, a set or reset in use.
    """
    module = json.loads(mapped.json.read_text())["modules"][mapped.top]
    flat, library = mapped.module(), tech.library.cells
    read = {bit for bits in flat.outputs.values() for bit in bits}
    for one in flat.instances:
        read |= {one.pins.get(pin, "x") for pin in library[one.cell].inputs}
    gates = _Gates(
        resets_at_clock, named=max(bit for bit in flat.net_names if isinstance(bit, int))
    )
    for one in flat.instances:
        cell = library[one.cell]
        used = {pin: bit for pin, bit in one.pins.items() if pin in cell.inputs or bit in read}
        gates.place(cell, used)
    return gate_netlist.GateNetlist({**module, "cells": dict(enumerate(gates.cells))})


@dataclass
class _Gates:
    """Gates so far; nets above ``named`` lie inside cells."""

    resets_at_clock: bool
    named: int
    cells: list[dict[str, Any]] = field(default_factory=list)
    inner: int = 0

    def add(self, kind: str, **pins: Bit) -> None:
        connections = {pin: [bit] for pin, bit in pins.items()}
        self.cells.append({"type": kind, "connections": connections})

    def gate(self, kind: str, **pins: Bit) -> "_Net":
        """Add a gate that drives a net inside a cell, and return the net."""
        self.inner += 1
        self.add(kind, **pins, Y=self.named + self.inner)
        return _Net(self, self.named + self.inner)

    def place(self, cell: Cell, pins: Mapping[str, Bit]) -> None:
        """Add the gates of a cell."""
        if cell.clock_gate:
            self._clock_gate(cell, pins)
            return
        nets = {pin: _Net(self, pins.get(pin, "x")) for pin in cell.inputs}
        if cell.sequential:
            nets |= self._flip_flop(cell, nets, pins)
        for pin in set(cell.outputs) & set(pins):
            function = cell.pins[pin].function
            if function is None or not set(boolean.names(function)) <= set(nets):
                raise ValueError(f"{cell.name} must have a function at {pin}, but has none")
            self._drive(pins[pin], boolean.evaluate(function, nets, _Net(self, "1")))

    def _drive(self, bit: Bit, value: "_Net") -> None:
        if value.bit == bit:
            return  # a flip-flop's state is its output
        if isinstance(value.bit, int) and value.bit > self.named and "Y" in self._last:
            self._last["Y"] = [bit]
        else:
            self.add("$_AND_", A=value.bit, B="1", Y=bit)

    @property
    def _last(self) -> dict[str, Any]:
        connections: dict[str, Any] = self.cells[-1]["connections"]
        return connections

    def _clock_gate(self, cell: Cell, pins: Mapping[str, Bit]) -> None:
        if not (cell.clock_gate or "").startswith("latch_posedge"):
            raise ValueError(f"{cell.name} must gate a rising clock, not be {cell.clock_gate}")
        roles = {pin.role: pins.get(pin.name, "x") for pin in cell.pins.values() if pin.role}
        if roles.get("test", "0") != "0":
            raise ValueError(f"the test pin of {cell.name} must be tied low")
        self.add(gate_netlist.CLOCK_GATE, C=roles["clock"], E=roles["enable"], Y=roles["out"])

    def _flip_flop(
        self, cell: Cell, nets: Mapping[str, "_Net"], pins: Mapping[str, Bit]
    ) -> dict[str, "_Net"]:
        """Add a flip-flop, and return its state and the state's complement by name."""
        one = _Net(self, "1")
        if cell.sequential != "ff" or cell.next_state is None or cell.clocked_on is None:
            raise ValueError(f"{cell.name} must be a gate or a flip-flop, not a {cell.sequential}")
        clock = boolean.evaluate(cell.clocked_on, nets, one)
        if clock.bit not in pins.values():
            raise ValueError(f"{cell.name} must be clocked by a rising edge, not {cell.clocked_on}")
        tied = {pin: int(net.bit) for pin, net in nets.items() if net.bit in ("0", "1")}
        for event in filter(None, (cell.clear, cell.preset)):
            if self.resets_at_clock:
                break
            if not set(boolean.names(event)) <= set(tied) or boolean.evaluate(event, tied, 1):
                raise ValueError(f"{cell.name} must not be set or reset, which {event} does")
        state, complement = cell.states
        outputs = {cell.pins[pin].function: pins[pin] for pin in cell.outputs if pin in pins}
        self.inner += 1
        held = _Net(self, outputs.get(state, self.named + self.inner))
        following = boolean.evaluate(cell.next_state, {**nets, state: held}, one)
        if self.resets_at_clock and cell.clear:
            following &= boolean.evaluate(cell.clear, nets, one) ^ one
        if self.resets_at_clock and cell.preset:
            following |= boolean.evaluate(cell.preset, nets, one)
        self.add(gate_netlist.FLIP_FLOP, C=clock.bit, D=following.bit, Q=held.bit)
        return {state: held} | ({} if set(outputs) == {state} else {complement: held ^ one})


@dataclass(frozen=True)
class _Net:
    """A net as `macsmith.library.boolean` takes it: an operator adds a gate."""

    gates: _Gates
    bit: Bit

    def __and__(self, other: "_Net") -> "_Net":
        return self.gates.gate("$_AND_", A=self.bit, B=other.bit)

    def __or__(self, other: "_Net") -> "_Net":
        return self.gates.gate("$_OR_", A=self.bit, B=other.bit)

    def __xor__(self, other: "_Net") -> "_Net":
        if other.bit == "1":
            return self.gates.gate("$_NOT_", A=self.bit)
        return self.gates.gate("$_XOR_", A=self.bit, B=other.bit)

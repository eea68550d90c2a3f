"""The gates of a synchronous design in an order of evaluation, by way of Yosys.

Designs have one clock, rising edge, and no asynchronous reset. Enables and synchronous resets
become multiplexers before the flip-flops, undriven and undefined nets become 0. Beyond Yosys's
clean-up nothing is restructured: logic optimisation would give fewer gates in more kinds, and they
take longer to evaluate together.

RTL and mapped netlists may gate their clock. A net of the clock holds 1 where it pulses at the end
of the cycle, so a clock gate is an AND, and the clock itself is always 1.
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.host.yosys import run_yosys
from macsmith.rtl.leaf_cells import CLOCK_GATE as GATING_MODULE

FLIP_FLOP = "$_DFF_P_"
CLOCK_GATE = "clock gate"
"""A kind of gate beyond Yosys's own: ``Y`` pulses with the clock ``C`` if ``E``."""

_PINS = {
    "$_AND_": "AB", "$_OR_": "AB", "$_XOR_": "AB", "$_NOT_": "A", "$_MUX_": "ABS", CLOCK_GATE: "CE",
}  # fmt: skip


@dataclass(frozen=True)
class Port:
    """A port of the design: the row of each bit, lowest first."""

    is_input: bool
    rows: NDArray[np.intp]


@dataclass(frozen=True)
class GateGroup:
    """Gates of one kind, evaluated together: outputs in ``rows``, inputs (pins, gates)."""

    kind: str
    rows: slice
    inputs: NDArray[np.intp]


class GateNetlist:
    """Gates in an order of evaluation, from the JSON of one Yosys module.

    A net has a row: constant 0, constant 1, input ports, flip-flops, then the groups in order.

    Members
    -------
    rows: number of rows
    ports: name -> Port, without the clock
    groups: in order of evaluation
    state: rows of the flip-flops; next_state: the row that each takes over at the clock edge
    clocks: the row of each flip-flop's clock; row 1 is the clock that always pulses
    pulses: rows of gated clocks
    initial: initial value of each flip-flop
    nets: name -> row of each bit, lowest first, for every name that Yosys kept
    """

    def __init__(self, module: dict[str, Any]) -> None:
        cells = [_with_clock_gate(cell) for cell in module["cells"].values()]
        flip_flops = [cell["connections"] for cell in cells if cell["type"] == FLIP_FLOP]
        gates = [cell for cell in cells if cell["type"] != FLIP_FLOP]
        for cell in gates:
            if cell["type"] not in _PINS:
                raise ValueError(f"cell type must be one of {', '.join(_PINS)}, not {cell['type']}")
        gated = {cell["connections"]["Y"][0] for cell in gates if cell["type"] == CLOCK_GATE}
        clocks = {
            cell["connections"]["C"][0] for cell in cells if "C" in cell["connections"]
        } - gated
        ports = _without_clock(module["ports"], clocks)

        self._row: dict[int | str, int] = {"0": 0, "1": 1, "x": 0, "z": 0}
        self._row.update((clock, 1) for clock in clocks)
        self.rows = 2
        for port in ports.values():
            if port["direction"] == "input":
                self._place(port["bits"])
        self.state = self._place([pins["Q"][0] for pins in flip_flops])
        self.groups = self._schedule(gates)
        self.next_state = self._find([pins["D"][0] for pins in flip_flops])
        self.clocks = self._find([pins["C"][0] for pins in flip_flops])
        self.pulses = self._find(sorted(gated))
        ones = _initial_ones(module["netnames"])
        self.initial = np.array([pins["Q"][0] in ones for pins in flip_flops], dtype=bool)
        self.ports = {
            name: Port(port["direction"] == "input", self._find(port["bits"]))
            for name, port in ports.items()
        }
        self.nets = {
            name: self._find(net["bits"])
            for name, net in sorted(
                module["netnames"].items(), key=lambda item: item[1]["hide_name"]
            )
            if all(bit in self._row for bit in net["bits"])
        }

    @cached_property
    def names(self) -> dict[int, str]:
        """A name for each row that has one, public where there is such a one."""
        names: dict[int, str] = {}
        for name, rows in self.nets.items():
            for place, row in enumerate(rows.tolist()):
                names.setdefault(row, f"{name}[{place}]" if len(rows) > 1 else name)
        return names

    def row(self, bit: int | str) -> int:
        """Return the row of a net by its number in the JSON."""
        return self._row[bit]

    def _place(self, bits: list[int | str]) -> slice:
        """Give the next rows to ``bits``."""
        start = self.rows
        for bit in bits:
            self._row[bit] = self.rows
            self.rows += 1
        return slice(start, self.rows)

    def _find(self, bits: list[int | str]) -> NDArray[np.intp]:
        return np.array([self._row[bit] for bit in bits], dtype=np.intp)

    def _schedule(self, gates: list[dict[str, Any]]) -> list[GateGroup]:
        """Group the gates; next always the kind of which most gates have known inputs."""
        pins = [[cell["connections"][pin][0] for pin in _PINS[cell["type"]]] for cell in gates]
        readers = defaultdict(list)
        unknown = [0] * len(gates)
        for index, bits in enumerate(pins):
            for bit in bits:
                if bit not in self._row:
                    readers[bit].append(index)
                    unknown[index] += 1
        ready: dict[str, list[int]] = {kind: [] for kind in _PINS}
        for index, cell in enumerate(gates):
            if not unknown[index]:
                ready[cell["type"]].append(index)
        groups = []
        while any(ready.values()):
            kind = max(ready, key=lambda kind: len(ready[kind]))
            members, ready[kind] = ready[kind], []
            outputs = [gates[index]["connections"]["Y"][0] for index in members]
            inputs = np.array([self._find(pins[index]) for index in members]).T
            groups.append(GateGroup(kind, self._place(outputs), np.ascontiguousarray(inputs)))
            for reader in (reader for bit in outputs for reader in readers[bit]):
                unknown[reader] -= 1
                if not unknown[reader]:
                    ready[gates[reader]["type"]].append(reader)
        if any(unknown):
            raise ValueError(
                f"design must have no combinational loop, not {sum(map(bool, unknown))} gates"
            )
        return groups


def _with_clock_gate(cell: dict[str, Any]) -> dict[str, Any]:
    """Return a cell, or the gate of the clock that an instance of its module is."""
    if cell["type"] != GATING_MODULE:
        return cell
    pins = cell["connections"]
    return {
        "type": CLOCK_GATE,
        "connections": {"C": pins["clk"], "E": pins["en"], "Y": pins["gclk"]},
    }


def _without_clock(ports: dict[str, Any], clocks: set[int | str]) -> dict[str, Any]:
    """The ports but for the one that clocks every flip-flop."""
    others = {
        name: port
        for name, port in ports.items()
        if port["direction"] != "input" or not clocks.issubset(port["bits"]) or not clocks
    }
    if clocks and (len(clocks) > 1 or len(others) == len(ports)):
        raise ValueError(f"design must have one clock, an input port, not {len(clocks)} clock nets")
    return others


def _initial_ones(nets: dict[str, Any]) -> set[int | str]:
    """The bits with an initial value of 1; the others start at 0, whether they say so or not."""
    ones: set[int | str] = set()
    for net in nets.values():
        # the attribute is a string, highest bit first, and may be shorter than the net
        initial = reversed(net["attributes"].get("init", ""))
        ones.update(bit for bit, value in zip(net["bits"], initial, strict=False) if value == "1")
    return ones


_XNOR = """\
module \\$_XNOR_ (input A, B, output Y);
  wire differs;
  \\$_XOR_ exclusive (.A(A), .B(B), .Y(differs));
  \\$_NOT_ equal (.A(differs), .Y(Y));
endmodule
"""
"""A gate that Yosys makes of an inverted XOR; it becomes the two again."""


def read_netlist(
    rtlil_text: str, top: str, folder: Path, *, resets_at_clock: bool = False
) -> GateNetlist:
    """Map RTLIL to gates with Yosys; its files stay in ``folder``.

    Clock gates are gates of their own kind. With ``resets_at_clock`` asynchronous resets are taken
    for synchronous ones, which is the same for a reset that comes and goes with the clock.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gates.il").write_text(rtlil_text)
    # A latch is nothing for an engine of cycles: gates of the clock stay whole.
    gating = [f"blackbox {GATING_MODULE}"] if f"module \\{GATING_MODULE}\n" in rtlil_text else []
    (folder / "two_gates.v").write_text(_XNOR)
    commands = [
        "read_rtlil gates.il",
        f"hierarchy -check -top {top}",
        *gating,
        "proc",
        "flatten -noscopeinfo",
        "setundef -undriven -zero",
        "opt",
        "memory",
        "opt -full",
        "techmap",
        "opt -full",
        "techmap -map two_gates.v",
        *(["async2sync", "simplemap"] if resets_at_clock else []),
        f"dfflegalize -cell {FLIP_FLOP} 01",
        # What has become of flip-flops with other initial values.
        "simplemap",
        "opt_clean",
        "write_json gates.json",
    ]
    run_yosys(commands, folder, "gates")
    return GateNetlist(json.loads((folder / "gates.json").read_text())["modules"][top])

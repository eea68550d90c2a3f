"""Whether a mapped netlist is its RTL: each output and each register, proved by ABC.

    inputs, registers  ──▶  gates of the RTL      ──▶  outputs, registers a cycle later
            └──────────▶    cells of the netlist  ──▶  the same, for all values

Registers are cut, so what is proved is that both do the same in a cycle from whatever state. They
then do so for ever, from any state that holds the same in registers that belong together; so what
the RTL makes of unknown registers, the netlist does too.

A register of the netlist belongs to that of the RTL whose name it has kept, inverted if its cell
inverts it; names that an inverting cell has lost are found by what registers hold while both run.
A wrong guess cannot be proved.
"""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from macsmith.host.abc_runs import run_abc
from macsmith.host.plain_folder import plain_folder
from macsmith.netlist.gate_netlist import CLOCK_GATE, GateNetlist, read_netlist
from macsmith.netlist.zero_delay import GateEngine

PROVED, DIFFERENT, UNDECIDED, UNMATCHED = "proved", "different", "undecided", "unmatched"
"""What a proof comes to; unmatched ones have registers of which nobody knows the counterpart."""

LIMIT_S = 60
"""Seconds after which a proof is given up."""

_LANES, _CYCLES, _SETTLED = 256, 160, 80
"""Copies and cycles of a run that finds registers by what they hold, and when it begins to look."""

_TABLES = {
    "$_AND_": ("11 1",), CLOCK_GATE: ("11 1",), "$_OR_": ("1- 1", "-1 1"),
    "$_XOR_": ("10 1", "01 1"), "$_NOT_": ("0 1",), "$_MUX_": ("1-0 1", "-11 1"),
}  # fmt: skip
"""What a gate is in BLIF, by its inputs in order."""


@dataclass(frozen=True)
class Proof:
    """What was proved of a netlist.

    Members
    -------
    verdict
        `PROVED`, `DIFFERENT`, `UNDECIDED` or `UNMATCHED`.
    registers
        How many there are in the RTL.
    outputs
        Functions that were compared: bits of outputs, and registers.
    seconds
        How long it took.
    note
        What ABC said, or which registers have no counterpart.
    """

    verdict: str
    registers: int
    outputs: int
    seconds: float
    note: str


def rtl_gates(rtlil: str, top: str, folder: Path) -> GateNetlist:
    """Return the gates of RTL as Yosys translates it, without initial values: cells have none."""
    return read_netlist(re.sub(r"^\s*attribute \\init .*\n", "", rtlil, flags=re.M), top, folder)


def prove(rtl: GateNetlist, netlist: GateNetlist, limit_s: int = LIMIT_S) -> Proof:
    """Prove that a netlist does what its RTL does in every cycle.

    Parameters
    ----------
    limit_s
        Seconds that ABC may take.
    """
    start = time.monotonic()
    matched = match(rtl, netlist)
    alone = sorted(set(range(len(rtl.next_state))) - set(matched))
    if alone or len(set(place for place, _ in matched.values())) < len(netlist.next_state):
        names = ", ".join(rtl.names.get(rtl.state.start + one, "?") for one in alone[:3])
        spent = time.monotonic() - start
        rest = len(netlist.next_state) - len(matched)
        note = f"{len(alone)} of the RTL ({names}), {rest} of the netlist"
        return Proof(UNMATCHED, len(rtl.next_state), 0, spent, note)
    with plain_folder() as folder:
        texts = {
            "rtl.blif": _blif(rtl, {k: (k, False) for k in matched}),
            "netlist.blif": _blif(netlist, matched),
        }
        for name, text in texts.items():
            (folder / name).write_text(text)
        most = 2 * limit_s + 10
        told = run_abc(f"cec -T {limit_s} rtl.blif netlist.blif", folder, most)
    said = f"nothing within {most} s" if told is None else told
    verdict = UNDECIDED
    if "are equivalent" in said:
        verdict = PROVED
    elif "NOT EQUIVALENT" in said:
        verdict = DIFFERENT
    last = next((line for line in reversed(said.splitlines()) if line.strip()), "nothing")
    outputs = texts["rtl.blif"].split(".outputs", 1)[1].split("\n", 1)[0].split()
    spent = time.monotonic() - start
    return Proof(verdict, len(rtl.next_state), len(outputs), spent, last.strip())


def match(rtl: GateNetlist, netlist: GateNetlist) -> dict[int, tuple[int, bool]]:
    """Return the register of the netlist for each of the RTL, and whether it holds the inverse."""
    inverses = {
        group.rows.start + k: int(source)
        for group in netlist.groups if group.kind == "$_NOT_"
        for k, source in enumerate(group.inputs[0])
    }  # fmt: skip
    states = range(netlist.state.start, netlist.state.stop)
    rows = dict(_bits(netlist))
    found: dict[int, tuple[int, bool]] = {}
    for name, row in _bits(rtl):
        there = rows.get(name)
        if row not in range(rtl.state.start, rtl.state.stop) or there is None:
            continue
        inverted = there not in states
        held = inverses.get(there, -1) if inverted else there
        if held in states:
            found.setdefault(row - rtl.state.start, (held - states.start, inverted))
    return found | _by_behaviour(rtl, netlist, found)


def _bits(netlist: GateNetlist) -> Iterator[tuple[str, int]]:
    """Yield each bit of each named net, and its row."""
    for name, rows in netlist.nets.items():
        for place, row in enumerate(rows.tolist()):
            yield (f"{name}[{place}]" if len(rows) > 1 else name), row


def _by_behaviour(
    rtl: GateNetlist, netlist: GateNetlist, known: Mapping[int, tuple[int, bool]]
) -> dict[int, tuple[int, bool]]:
    """Return the counterparts of registers without a common name: what holds the same for long.

    Of several the one whose name begins most alike counts: copies of a module may hold the same.
    """
    taken = {place for place, _ in known.values()}
    free = [k for k in range(len(rtl.next_state)) if k not in known]
    if not free:
        return {}
    seen, theirs = _histories(rtl), _histories(netlist)
    left = {k: theirs[k] for k in range(len(netlist.next_state)) if k not in taken}
    names, others = rtl.names, netlist.names
    found: dict[int, tuple[int, bool]] = {}
    for register in free:
        alike = []
        for place, history in left.items():
            inverted = bool((history == ~seen[register]).all())
            if inverted or (history == seen[register]).all():
                alike.append((place, inverted))
        if alike:
            name = names.get(rtl.state.start + register, "")
            likeness = [
                _begins_alike(name, others.get(netlist.state.start + place, ""))
                for place, _ in alike
            ]
            found[register] = alike[likeness.index(max(likeness))]
            del left[found[register][0]]
    return found


def _begins_alike(name: str, other: str) -> int:
    """Return how many first characters of names agree, brackets and the like left aside."""
    pairs = zip(*(re.sub(r"\W", "_", one) for one in (name, other)), strict=False)
    return len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))


def _histories(netlist: GateNetlist) -> NDArray[np.uint64]:
    """Return what registers hold over random traffic after a reset, shape (registers, words)."""
    engine, rng = GateEngine(netlist), np.random.default_rng(1)
    engine.reset(_LANES)
    inputs = sorted(name for name, port in netlist.ports.items() if port.is_input)
    kept = []
    for cycle in range(_CYCLES):
        for name in inputs:
            rows = netlist.ports[name].rows
            words = rng.integers(0, 2**64 - 1, (len(rows), _LANES // 64), np.uint64, endpoint=True)
            if name == "rst":
                words[:] = 0 if cycle > 1 else 2**64 - 1
            engine.set_rows(name, words)
        if cycle >= _SETTLED:
            kept.append(engine.rows()[netlist.state].copy())
        engine.tick()
    return np.concatenate(kept, axis=1)


def _blif(netlist: GateNetlist, registers: Mapping[int, tuple[int, bool]]) -> str:
    """Return a cycle of a netlist as a combinational circuit; registers are named as in the RTL."""
    ports = {name: port for name, port in sorted(netlist.ports.items())}
    inputs = [(f"{name}[{k}]", row) for name, port in ports.items() if port.is_input
              for k, row in enumerate(port.rows.tolist())]  # fmt: skip
    outputs = [(f"{name}[{k}]", row) for name, port in ports.items() if not port.is_input
               for k, row in enumerate(port.rows.tolist())]  # fmt: skip
    order = sorted(registers)
    lines = [
        ".model cycle",
        " ".join([".inputs", *(name for name, _ in inputs), *(f"q{k}" for k in order)]),
        " ".join([".outputs", *(name for name, _ in outputs), *(f"d{k}" for k in order)]),
        ".names n0", ".names n1", "1",
    ]  # fmt: skip
    lines += [f".names {name} n{row}\n1 1" for name, row in inputs]
    for register, (place, inverted) in sorted(registers.items()):
        lines.append(f".names q{register} n{netlist.state.start + place}\n{int(not inverted)} 1")
    for group in netlist.groups:
        for row, pins in zip(range(group.rows.start, group.rows.stop), group.inputs.T, strict=True):
            lines.append(f".names {' '.join(f'n{pin}' for pin in pins)} n{row}")
            lines += _TABLES[group.kind]
    lines += [f".names n{row} {name}\n1 1" for name, row in outputs]
    for register, (place, inverted) in sorted(registers.items()):
        # A clock that does not pulse keeps what is held.
        held, following = netlist.state.start + place, netlist.next_state[place]
        pins = f"n{held} n{following} n{netlist.clocks[place]} d{register}"
        rows = ("0-0 1", "-01 1") if inverted else ("1-0 1", "-11 1")
        lines += [f".names {pins}", *rows]
    return "\n".join([*lines, ".end", ""])

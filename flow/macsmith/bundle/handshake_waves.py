"""Timing diagrams of a unit's handshakes: what Amaranth's simulator shows of its component."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from amaranth.hdl import Cat
from amaranth.sim import Simulator

from macsmith.bundle.shipped_design import CLOCK, Design
from macsmith.catalog.catalog import build
from macsmith.formats.stream_words import words_to_ints
from macsmith.operands.stimulus import packets, source_of
from macsmith.rtl.shared_module import flat_ports

PACKETS = 2
WAITS = 2
"""Cycles for which the receiver lets the first result wait."""

AFTER = 2
"""Cycles shown after the last result."""


@dataclass(frozen=True)
class Waves:
    """Signals of a simulation by name, in order, each with its text in every cycle.

    Handshake lines are ``0`` or ``1``. A payload is the name of a beat where one is offered, such
    as ``beat 0``, else empty.
    """

    signals: Mapping[str, Sequence[str]]

    @property
    def text(self) -> str:
        """A table of plain text, a column a cycle."""
        cycles = max(map(len, self.signals.values()))
        rows = {"cycle": [str(cycle) for cycle in range(cycles)], **self.signals}
        names = max(map(len, rows))
        widths = [max(len(row[cycle]) for row in rows.values()) for cycle in range(cycles)]
        lines = (
            f"{name:{names}}  "
            + "  ".join(f"{one:{width}}" for one, width in zip(row, widths, strict=True))
            for name, row in rows.items()
        )
        return "\n".join(line.rstrip() for line in lines)

    @property
    def wavedrom(self) -> str:
        """The same as WaveDrom reads it, a name and a wave for each signal."""
        cycles = max(map(len, self.signals.values()))
        signal: list[dict[str, Any]] = [{"name": CLOCK, "wave": "p" + "." * (cycles - 1)}]
        for name, row in self.signals.items():
            if set(row) <= {"0", "1"}:
                signal.append({"name": name, "wave": _repeats(row)})
            else:
                wave = _repeats(["=" if one else "x" for one in row], row)
                signal.append({"name": name, "wave": wave, "data": _data(row)})
        return json.dumps({"signal": signal}, indent=1) + "\n"


def _repeats(letters: Sequence[str], values: Sequence[str] | None = None) -> str:
    values = values or letters
    before = [None, *values[:-1]]
    return "".join(
        "." if value == last else letter
        for letter, value, last in zip(letters, values, before, strict=True)
    )


def _data(row: Sequence[str]) -> list[str]:
    return [one for one, last in zip(row, ["", *row[:-1]], strict=True) if one and one != last]


def waves(design: Design) -> Waves:
    """Return two packets of the first point, of which the receiver lets the first result wait.

    The packets have two beats where the unit has packets, else one.
    """
    (source,), (sink,) = design.inputs, design.outputs
    operands = source_of(design.name, design.spec, 0, np.random.default_rng(1))
    length = 2 if packets(design.spec) else 1
    payloads = words_to_ints(operands.uniform(PACKETS, length).payloads(design.spec))
    component = build(design.name, design.spec, design.boundary)
    ports = {name: port for name, (_, port) in flat_ports(component).items()}
    wires = Cat(ports[port] for port, _ in source.lines.payload)
    offer, taking = ports[source.lines.valid], ports[source.lines.ready]
    given, take = ports[sink.lines.valid], ports[sink.lines.ready]
    names = [
        name
        for lines in (source.lines, sink.lines)
        for name in (lines.payload[0][0], lines.valid, lines.ready)
    ]
    shown: dict[str, list[str]] = {name: [] for name in names}

    async def record(context: Any) -> None:
        sent = taken = waited = after = 0
        while after < AFTER:
            offered = sent < len(payloads)
            context.set(offer, offered)
            if offered:
                beat = design.cut.ports.on_wires(source.layout, payloads[sent], inward=True)
                context.set(wires, beat)
            context.set(take, waited >= WAITS)
            up, ready = int(context.get(given)), int(context.get(taking))
            row = (
                f"beat {sent}" if offered else "", str(int(offered)), str(ready),
                f"result {taken}" if up else "", str(up), str(int(waited >= WAITS)),
            )  # fmt: skip
            for name, one in zip(names, row, strict=True):
                shown[name].append(one)
            sent += offered and ready
            after += taken == PACKETS
            taken += up and waited >= WAITS
            waited += up
            await context.tick()

    simulator = Simulator(component)
    simulator.add_clock(1e-6)
    simulator.add_testbench(record)
    simulator.run()
    return Waves(shown)

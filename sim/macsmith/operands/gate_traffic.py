"""Streams of operands through the gates of a unit, cycle by cycle."""

from collections.abc import Iterator, Sequence
from typing import Any

from macsmith.netlist.zero_delay import GateEngine, Words
from macsmith.operands.batches import Batch


def beats_of(batch: Batch, spec: Any) -> list[Words]:
    """Return the input payloads of a batch, beat by beat, a packet in each lane."""
    payloads = batch.payloads(spec).reshape(batch.packets, batch.length, -1)
    return list(payloads.swapaxes(0, 1))


def drive(unit: GateEngine, beats: Sequence[Words], pauses: bool = True) -> Iterator[int]:
    """Send beats to a unit after a reset; take results at once.

    With pauses there is one after every second beat: enables fall in it, so that one that is up
    shows in its toggles.

    Yields in every cycle, when the gates have settled, how many results there were before. Ends
    with the cycle that takes the last beat.
    """
    unit.reset(len(beats[0]))
    unit.set("rst", 1)
    unit.tick()
    unit.set("rst", 0)
    unit.set("o__ready", 1)
    results = 0
    for number, beat in enumerate(beats):
        unit.set("i__payload", beat)
        for valid in (1, 0) if pauses and number % 2 else (1,):
            unit.set("i__valid", valid)
            ready = False
            while not ready:
                yield results
                ready = _flag(unit, "i__ready")
                results += _flag(unit, "o__valid")
                unit.tick()


def follow(core: GateEngine, unit: GateEngine) -> None:
    """Give a core by itself the inputs that the core within a unit has in this cycle."""
    rows, nets = unit.rows(), unit.netlist.nets
    for name, port in core.netlist.ports.items():
        if port.is_input:
            core.set_rows(name, rows[nets[f"core.{name}"]])


def _flag(unit: GateEngine, port: str) -> bool:
    """Return a handshake bit, which is alike in all lanes."""
    (row,) = unit.netlist.ports[port].rows
    return bool(unit.rows()[row, 0] & 1)

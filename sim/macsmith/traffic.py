"""Streams of operands through the gates of a unit, cycle by cycle."""

from collections.abc import Iterator, Sequence
from typing import Any

from macsmith.bench.stimulus import Batch
from macsmith.gates import GateEngine, Words


def beats_of(batch: Batch, spec: Any) -> list[Words]:
    """Return the input payloads of a batch, beat by beat, an accumulation in each lane."""
    payloads = batch.payloads(spec).reshape(batch.accumulations, batch.length, -1)
    return list(payloads.swapaxes(0, 1))


def drive(unit: GateEngine, beats: Sequence[Words]) -> Iterator[int]:
    """Send beats to a unit after a reset, without a pause; results are taken at once.

    Yields in every cycle, when the gates have settled, how many results there were before. Ends
    with the cycle that takes the last beat.
    """
    unit.reset(len(beats[0]))
    unit.set("rst", 1)
    unit.tick()
    for name, value in {"rst": 0, "i__valid": 1, "o__ready": 1}.items():
        unit.set(name, value)
    results = 0
    for beat in beats:
        unit.set("i__payload", beat)
        taken = False
        while not taken:
            yield results
            taken = _flag(unit, "i__ready")
            results += _flag(unit, "o__valid")
            unit.tick()


def _flag(unit: GateEngine, port: str) -> bool:
    """Return a handshake bit, which is alike in all lanes."""
    (row,) = unit.netlist.ports[port].rows
    return bool(unit.rows()[row, 0] & 1)

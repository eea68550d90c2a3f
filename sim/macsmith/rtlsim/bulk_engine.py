"""Engines that push arrays of operands through the RTL of a stream unit."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from amaranth import Value

from macsmith.formats.stream_words import Words, words_for
from macsmith.host.plain_folder import plain_folder
from macsmith.netlist.gate_netlist import GateNetlist, read_netlist
from macsmith.netlist.zero_delay import GateEngine
from macsmith.operands.batches import Batch
from macsmith.rtl.emit import to_rtlil
from macsmith.rtlsim.compiled_rtl import COPIES, CompiledUnit
from macsmith.rtlsim.subject import Subject
from macsmith.rtlsim.unwrapped import with_own_streams

CYCLES_PER_BEAT = 512
"""More than any unit takes for a beat, stalls included; past it a run is given up."""


class Engine(Protocol):
    """Runs batches of packets and returns what the unit gave."""

    engine: str
    """Name for reports."""

    def stream(
        self, spec: Any, batches: Sequence[Batch], stalls: float = 0.0, seed: int = 1, cut: int = 0
    ) -> list[Words]:
        """Send the k-th packet of every batch in turn, for each k, after a reset.

        Parameters
        ----------
        batches:
            Batches of equally many packets.
        stalls:
            Share of cycles in which the sender or the receiver pauses.
        cut:
            Cycles of other work that a reset breaks off before.

        Returns
        -------
        For each batch the output payloads, shape (packets, words).

        Raises
        ------
        RuntimeError
            If the unit gives fewer or more results than packets, or one that does not wait.
        """


def make_engine(unit: Any) -> Engine:
    """Return the fastest engine that this machine can run a unit of one stream a side on.

    That is machine code where there is a C++ compiler, else vectorised gates.
    """
    in_bits = len(Value.cast(unit.i.payload))
    return _fastest(to_rtlil(unit, "unit"), in_bits, len(Value.cast(unit.o.payload)))


def engine_of_gates(spec: Any, gates: GateNetlist) -> Engine:
    """Return the fastest engine of a unit of one stream a side whose gates are at hand."""
    point = spec.points[0]
    return _fastest(gates, spec.inputs(point)["i"].width, spec.outputs(point)["o"].width)


def _fastest(logic: str | GateNetlist, in_bits: int, out_bits: int) -> Engine:
    return (CompiledEngine if CompiledUnit.available() else GatesEngine)(logic, in_bits, out_bits)


def bulk_engine(
    name: str, spec: Any, subject: Subject | None = None, boundary: str = "unit"
) -> Engine:
    """Return the fastest engine of a unit of the catalogue.

    Parameters
    ----------
    boundary:
        Where it is cut: the whole unit, or its wrapper.
    subject:
        RTL with faults, in place of the unit's own; it needs a C++ compiler.
    """
    if subject is None:
        return make_engine(with_own_streams(name, spec, boundary))
    in_bits, out_bits = (subject.ports[f"{stream}__payload"][1] for stream in ("i", "o"))
    return CompiledEngine(subject.rtlil, in_bits, out_bits, subject.mutant)


class CompiledEngine:
    """Copies of one unit as machine code; in each, packets follow one another."""

    engine = "compiled"

    def __init__(
        self, logic: str | GateNetlist, in_bits: int, out_bits: int, mutant: int = 0
    ) -> None:
        self.unit = CompiledUnit(logic, in_bits, out_bits, random_start=True, mutant=mutant)

    def stream(
        self, spec: Any, batches: Sequence[Batch], stalls: float = 0.0, seed: int = 1, cut: int = 0
    ) -> list[Words]:
        """See `Engine.stream`; copy c of n takes a n-th of each batch."""
        count = batches[0].packets
        copies = min(count, COPIES)
        each = -(-count // copies)
        # Copies need equally many: the first packets fill up the last copies.
        order = np.arange(copies * each) % count
        junk = np.random.default_rng(seed)
        payloads = [
            batch.payloads(spec, junk).reshape(count, batch.length, -1)[order] for batch in batches
        ]
        beats = np.concatenate(payloads, axis=1)
        beats = beats.reshape(copies, each * beats.shape[1], -1)
        results = self.unit.run(beats, each * len(batches), stalls, seed, cut)
        results = results.reshape(copies * each, len(batches), -1)[:count]
        return list(results.transpose(1, 0, 2))


class GatesEngine:
    """Many copies of one unit as vectorised gates; packets of a batch run side by side."""

    engine = "gates"

    def __init__(self, logic: str | GateNetlist, in_bits: int, out_bits: int) -> None:
        if isinstance(logic, str):
            with plain_folder() as folder:
                logic = read_netlist(logic, "unit", folder)
        self.gates = GateEngine(logic)
        self.out_bits = out_bits

    def stream(
        self, spec: Any, batches: Sequence[Batch], stalls: float = 0.0, seed: int = 1, cut: int = 0
    ) -> list[Words]:
        """See `Engine.stream`; all copies stall alike, as nothing in a unit depends on operands."""
        rng = np.random.default_rng(seed)
        count = batches[0].packets
        self.gates.reset(count)
        self.gates.start_anywhere(rng)
        self._reset()
        queue = [
            beat
            for batch in batches
            for beat in batch.payloads(spec, rng).reshape(count, batch.length, -1).swapaxes(0, 1)
        ]
        if cut:
            start = int(rng.integers(len(queue)))
            self._drive(queue[start:], cut, len(batches), stalls, rng)
            self._reset()
        results = self._drive(queue, CYCLES_PER_BEAT * len(queue), len(batches), stalls, rng)
        if len(results) != len(batches):
            raise RuntimeError(f"the unit gave {len(results)} results, not {len(batches)}")
        return results

    def _reset(self) -> None:
        self.gates.set("rst", 1)
        self.gates.tick()
        self.gates.set("rst", 0)

    def _drive(
        self, beats: Sequence[Words], cycles: int, expected: int, stalls: float,
        rng: np.random.Generator,
    ) -> list[Words]:  # fmt: skip
        """Send beats until so many results are there or the cycles are over; return the results."""
        gates, queue = self.gates, list(beats)
        results: list[Words] = []
        offered, waiting = False, None
        for _ in range(cycles):
            offered = bool(queue) and (offered or rng.random() >= stalls)
            ready = rng.random() >= stalls
            gates.set("i__valid", int(offered))
            gates.set("o__ready", int(ready))
            junk = rng.integers(0, 1 << 64, beats[0].shape, np.uint64)
            gates.set("i__payload", queue[0] if offered else junk)
            valid = self._flag("o__valid")
            payload = gates.get("o__payload").reshape(-1, words_for(self.out_bits))
            if waiting is not None and not (valid and (payload == waiting).all()):
                raise RuntimeError("o.valid fell, or o.payload changed, before o.ready rose")
            waiting = payload if valid and not ready else None
            if ready and valid:
                results.append(payload)
            if self._flag("i__ready") and offered:
                del queue[0]
                offered = False
            gates.tick()
            if not queue and len(results) >= expected:
                break
        return results

    def _flag(self, port: str) -> bool:
        """Return a handshake bit, which must be alike in all copies."""
        values = self.gates.get(port)
        if (values != values[0]).any():
            raise RuntimeError(f"{port} depends on the operands")
        return bool(values[0])

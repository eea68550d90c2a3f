"""A mapped engine at work, its memories at its ports: packets through it, and what they cost."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from macsmith.energy.unit_replay import Replay
from macsmith.formats.stream_words import pack, words_to_ints
from macsmith.golden.catalog import golden
from macsmith.netlist.event_driven import simulate
from macsmith.netlist.port_memories import PortMemories, number
from macsmith.netlist.zero_delay import GateEngine
from macsmith.operands.packet_sources.packets import Work
from macsmith.operands.packet_sources.sparse_layer import LayerSource, SparseLayer
from macsmith.operands.stimulus import Stimulus, UnfitError, source_of

DEADLINE = 200_000
"""Cycles after which an engine hangs."""


class PacketReplay(Replay):
    """One netlist of an engine without its memories, and a sparse layer through it.

    Results are compared with the golden model's, so that what is measured is what is right. Only
    the packets that count do: an engine is loaded first.
    """

    @classmethod
    def check(cls, stimulus: Stimulus, name: str, spec: Any) -> None:
        """See `Replay.check`."""
        if not isinstance(stimulus, SparseLayer):
            raise UnfitError(f"operands of {name} must be a sparse layer, not {stimulus.label}")

    def divided(
        self, stimulus: Stimulus, mode: int
    ) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
        """See `Replay.divided`; ``work`` also has the cycles and the memories' accesses.

        Of a useful product, both of whose operands are not zero: ``cycles``, and ``read PLACE`` and
        ``write PLACE`` of each memory.
        """
        self.check(stimulus, self.name, self.spec)
        source: Any = source_of(self.name, self.spec, mode, np.random.default_rng(1))
        work = self._work(source, stimulus)
        engine, recording = GateEngine(self.gates), self.timed.record(self.gates)
        cycles, accesses = 0, Counter[tuple[str, str]]()
        for counts in self._played(engine, work):
            if counts:
                accesses = accesses if cycles else self._memories.accesses()
                recording.sample(engine.rows())
                cycles += 1
        done = self._memories.accesses() - accesses
        activity = simulate(self.timed.gates, recording.words(cycles - 1), 1)
        each = {key: pj * cycles / work.products for key, pj in self._model.parts(activity).items()}
        told = {"issued": 1.0, "executed": 1.0, "cycles": cycles / work.products}
        told |= {f"{what} {place}": n / work.products for (place, what), n in done.items()}
        return each, {}, told

    def _work(self, source: LayerSource, stimulus: Any) -> Work:
        return source.work(*stimulus.operands())

    def _played(self, engine: GateEngine, work: Work) -> Iterator[bool]:
        """Send packets and take answers; yield in each cycle whether it counts.

        Raises
        ------
        ValueError
            If an answer is not the golden model's.
        """
        (taken,), (given,) = (
            tuple(streams(self.spec.points[0]).values())
            for streams in (self.spec.inputs, self.spec.outputs)
        )
        answers = golden(self.name, self.spec).answers(one.fields for one in work.packets)
        self._memories = memories = PortMemories(engine)
        engine.set("rst", 1)
        engine.tick()
        engine.set("rst", 0)
        engine.set("o__ready", 1)
        for place, (packet, (answer, _)) in enumerate(zip(work.packets, answers, strict=True)):
            ends = np.arange(packet.beats) == packet.beats - 1
            beats = words_to_ints(pack(taken, packet.fields, 0, ends))
            count = len(next(iter(answer.values())))
            due = words_to_ints(pack(given, answer, 0, np.arange(count) == count - 1))
            for _ in range(DEADLINE):
                engine.set("i__valid", bool(beats))
                engine.set("i__payload", beats[0] if beats else 0)
                yield place >= work.counted
                takes = beats and number(engine.get("i__ready"))
                if number(engine.get("o__valid")):
                    got = number(engine.get("o__payload"))
                    if got != due.pop(0):
                        raise ValueError(f"{self.name} answers {got:#x} to {packet.label}")
                memories.step()
                if takes:
                    beats.pop(0)
                if not due:
                    break
            else:
                raise ValueError(f"{self.name} does not answer {packet.label}")

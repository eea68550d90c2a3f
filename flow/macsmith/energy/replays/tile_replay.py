"""A mapped memory of tiles at work: a layer's tiles through it, what that costs, and who waits."""

from collections.abc import Iterator, Sequence
from typing import Any

from macsmith.energy.unit_replay import Replay
from macsmith.formats.stream_words import pack, words_to_ints
from macsmith.golden.catalog import golden
from macsmith.golden.sparse.tile_memory import Command
from macsmith.netlist.event_driven import simulate
from macsmith.netlist.port_memories import PortMemories, number
from macsmith.netlist.zero_delay import GateEngine
from macsmith.operands.packet_sources.tile_programs import column
from macsmith.operands.packet_sources.tiled_layer import TiledLayer

FILL, COMMAND = "i_fill", "i_command"

DEADLINE = 1_000_000
"""Cycles after which a memory hangs."""


class TileReplay(Replay):
    """One netlist of a memory of tiles without its words."""

    def tiled(self, layer: TiledLayer, interval: int) -> dict[str, float]:
        """Return what a layer takes of a memory, of a read.

        Parameters
        ----------
        interval:
            Cycles from a word that the producer gives to the next one.

        Returns
        -------
        ``logic_pj``, ``cycles``, ``stalls``, in which no command is done, and the ``reads`` and
        ``writes`` of the memory.

        Raises
        ------
        ValueError
            If a read is not the golden model's.
        """
        filled, commands = layer.program(self.spec)
        due, _ = golden(self.name, self.spec).read(filled, commands)
        engine, recording = GateEngine(self.gates), self.timed.record(self.gates)
        self._memories = PortMemories(engine)
        cycles = 0
        for _ in self._played(engine, filled, commands, due, interval):
            recording.sample(engine.rows())
            cycles += 1
        accesses = self._memories.accesses()
        (place,) = {place for place, _ in accesses}
        parts = self._model.parts(simulate(self.timed.gates, recording.words(cycles - 1), 1))
        count = len(due)
        return {
            "logic_pj": sum(parts.values()) * cycles / count,
            "cycles": cycles / count, "stalls": (cycles - len(commands)) / count,
            "reads": accesses[place, "read"] / count, "writes": accesses[place, "write"] / count,
        }  # fmt: skip

    def _played(
        self, engine: GateEngine, filled: Sequence[int], commands: Sequence[Command],
        due: Sequence[int], interval: int,
    ) -> Iterator[None]:  # fmt: skip
        """Fill and read until all reads are done, a step of the iterator a cycle."""
        sent = self._payloads(filled, commands)
        places, left, wait = dict.fromkeys(sent, 0), list(due), 0
        engine.set("rst", 1)
        engine.tick()
        engine.set("rst", 0)
        engine.set("o__ready", 1)
        engine.set("i_update__valid", 0)
        for _ in range(DEADLINE):
            for name, words in sent.items():
                there = places[name] < len(words) and (name == COMMAND or not wait)
                engine.set(f"{name}__valid", there)
                engine.set(f"{name}__payload", words[places[name]] if there else 0)
            yield
            wait = max(0, wait - 1)
            taken = [
                name for name in sent
                if number(engine.get(f"{name}__ready")) and number(engine.get(f"{name}__valid"))
            ]  # fmt: skip
            if number(engine.get("o__valid")) and number(engine.get("o__payload")) != left.pop(0):
                raise ValueError(f"{self.name} reads another word")
            self._memories.step()
            for name in taken:
                places[name] += 1
            if FILL in taken:
                wait = interval - 1
            if not left:
                return
        raise ValueError(f"{self.name} does not give all words")

    def _payloads(self, filled: Sequence[int], commands: Sequence[Command]) -> dict[str, list[int]]:
        inputs: Any = self.spec.inputs(self.spec.points[0])
        fields: dict[str, dict[str, Sequence[int]]] = {
            FILL: {"word": filled},
            COMMAND: {
                "index": [one.index for one in commands],
                "update": [0] * len(commands),
                "shrink": [int(one.shrink) for one in commands],
            },
        }
        return {
            name: words_to_ints(
                pack(inputs[name], {key: column(values) for key, values in one.items()})
            )
            for name, one in fields.items()
        }

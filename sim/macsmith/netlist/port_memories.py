"""Memories at the ports of a design's gates, from which they have been left out.

Their ports are named ``PLACE.read_data`` and so on, as `macsmith.rtl.external_memory` has them.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from macsmith.netlist.zero_delay import GateEngine

READ_DATA = ".read_data"
"""What the name of a memory's output, an input of the gates, ends with."""


@dataclass
class PortMemory:
    """A memory: a word is read and one written in a cycle; the older one is read.

    Members
    -------
    place:
        What its ports' names begin with.
    words:
        What has been written, by address; others are 0.
    reads, writes:
        How many there have been.
    """

    place: str
    words: dict[int, int] = field(default_factory=dict)
    reads: int = 0
    writes: int = 0


class PortMemories:
    """All memories of a design in one copy of its gates.

    Parameters
    ----------
    engine:
        The gates, after their reset.
    """

    def __init__(self, engine: GateEngine) -> None:
        self.engine = engine
        names = [name for name, port in engine.netlist.ports.items() if port.is_input]
        self.memories = [
            PortMemory(name.removesuffix(READ_DATA)) for name in names if name.endswith(READ_DATA)
        ]

    def step(self) -> None:
        """Do what the settled gates ask for; what is read is there after the clock edge.

        To be called before the gates' tick, which this makes.
        """
        found = {}
        for one in self.memories:
            if self._get(one.place, "read"):
                found[one.place] = one.words.get(self._get(one.place, "read_at"), 0)
                one.reads += 1
            if self._get(one.place, "write"):
                one.words[self._get(one.place, "write_at")] = self._get(one.place, "write_data")
                one.writes += 1
        self.engine.tick()
        for place, word in found.items():
            self.engine.set(place + READ_DATA, word)

    def accesses(self) -> Counter[tuple[str, str]]:
        """Return how often each memory has been read and written so far."""
        found: Counter[tuple[str, str]] = Counter()
        for one in self.memories:
            found[one.place, "read"] = one.reads
            found[one.place, "write"] = one.writes
        return found

    def _get(self, place: str, port: str) -> int:
        return number(self.engine.get(f"{place}.{port}"))


def number(words: Any) -> int:
    """Return the number that a port has in the one copy."""
    found = 0
    for at, word in enumerate(words.reshape(-1)):
        found |= int(word) << 64 * at
    return found

"""Vectors of a testbench of units that make a packet of each packet, and the golden model's words.

Each run begins with a reset in mid-work, for engines keep what they were loaded with. Without
stalls it must not take more cycles than the model states; then come pauses at both ends.
"""

from typing import Any

import numpy as np

from macsmith.bundle.vectors.stream_vectors import RESETS, SEED, STALLS, Run, Vectors
from macsmith.formats.stream_words import words_to_ints
from macsmith.operands.packet_sources.packets import Traffic, traffic

COUNTS = {"no stalls": 30, "stalls": 20, "mostly waiting": 8, "a patient receiver": 8}
"""Packets of each run at the least."""

WORDS = 1_200
"""Payloads sent and given in a run at the least: of short packets there are more."""


class _Packets:
    """Draws the packets of a unit."""

    def __init__(self, name: str, spec: Any) -> None:
        self.name, self.spec, self.rng = name, spec, np.random.default_rng(SEED)
        self.vectors = Vectors(sent=[[] for _ in spec.inputs(spec.points[0])])

    def add(self, title: str, count: int, stalls: str = "no stalls", least: int = 0) -> None:
        """Append packets, and before them others in whose midst the unit is reset."""
        self.cut_short()
        drawn = self.drawn(count)
        words = drawn.beats + len(drawn.due)
        if words < least:
            drawn = self.drawn(-(-count * least // words))
        beats = self._send(drawn)
        self.vectors.due += words_to_ints(drawn.due)
        send, take = STALLS[stalls]
        most = drawn.most_cycles
        self.vectors.runs.append(
            Run(title=f"{title}, {stalls}", beats=beats, results=len(drawn.due),
                send_stall=send, take_stall=take, limit=1000 + 40 * most if send + take else most)
        )  # fmt: skip

    def drawn(self, count: int) -> Traffic:
        """Return packets and what is due for them."""
        return traffic(self.name, self.spec, count, self.rng)

    def cut_short(self) -> None:
        """Append packets in the midst of which the unit is reset."""
        after = int(self.rng.integers(1, 40))
        # More beats than cycles are never taken.
        beats = self._send(self.drawn(3), most=after)
        self.vectors.runs.append(
            Run(title=f"reset after {after} cycles", beats=beats, results=0, reset=after)
        )

    def _send(self, drawn: Traffic, most: int | None = None) -> tuple[int, ...]:
        """Append the first beats of each stream, and return how many they are."""
        chosen = [beats[:most] for beats in drawn.payloads.values()]
        for sent, beats in zip(self.vectors.sent, chosen, strict=True):
            sent += beats
        return tuple(map(len, chosen))


def packet_vectors(name: str, spec: Any) -> Vectors:
    """Return the vectors of a unit with one stream out; always the same ones."""
    drawn = _Packets(name, spec)
    for stalls, count in COUNTS.items():
        drawn.add("packets", count, stalls, WORDS)
    for trial in range(RESETS):
        drawn.add(f"after reset {trial + 1}", 2)
    return drawn.vectors

"""Vectors of a testbench: payloads to be sent, in runs, and what the golden model makes of them.

A run is a stretch of packets that are sent and compared under one set of stalls. The runs of a
point are those of the cocotb bench: random packets with stalls at both ends, extremes, and beats
whose cycles are counted; a reset in mid-packet and packets of all points mixed come last.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from macsmith.formats.stream_words import words_to_ints
from macsmith.golden.catalog import golden
from macsmith.operands.batches import Batch
from macsmith.operands.random_packets import draw_packets
from macsmith.operands.stimulus import packets, source_of

SEED = 1

PACKETS = 160
"""Random packets of a point, where payloads are narrow."""

BITS = 2_000_000
"""Bits of payloads after which there are fewer packets, so that files stay small."""

FEWEST = 16
"""Random packets of a point, where payloads are wide."""

MOST = 2_000
"""Beats of extremes of a point."""

TIMED = 20
"""Packets of one beat whose cycles are counted, for each point."""

RESETS = 6
"""Resets in mid-packet."""

PATIENT = 255
"""In place of a share: the receiver is ready only after it saw a result."""

STALLS = {
    "no stalls": (0, 0),
    "stalls": (51, 77),
    "mostly waiting": (179, 179),
    "a patient receiver": (0, PATIENT),
}
"""Of 256 cycles those in which the sender, and the receiver, pause."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """A stretch of packets.

    Members
    -------
    title:
        What is sent, for messages.
    beats, results:
        How many payloads each stream is sent, and how many must come out.
    send_stall, take_stall:
        Of 256 cycles those in which the sender, or the receiver, pauses; see also `PATIENT`.
    cycles:
        Cycles that it must take from the first beat to the last result; 0 if they do not count.
    limit:
        Cycles after which it has failed.
    reset:
        Cycles after which the unit is reset, whatever has become of the beats; 0 if it is not.
    """

    title: str
    beats: tuple[int, ...]
    results: int
    send_stall: int = 0
    take_stall: int = 0
    cycles: int = 0
    limit: int = 0
    reset: int = 0


@dataclass
class Vectors:
    """The payloads of all runs in order, of each input stream those sent, and the runs.

    Members
    -------
    template:
        What the testbench is written by.
    further:
        Files that it reads besides, by what their names end in.
    """

    sent: list[list[int]] = field(default_factory=lambda: [[]])
    due: list[int] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    template: str = "testbench.v.jinja"
    further: dict[str, str] = field(default_factory=dict)


class _Drawn:
    """Draws the vectors of a unit."""

    def __init__(self, name: str, spec: Any) -> None:
        self.spec, self.model = spec, golden(name, spec)
        self.rng = np.random.default_rng(SEED)
        self.packets = packets(spec)
        self.sources = [source_of(name, spec, point, self.rng) for point in range(len(spec.points))]
        (layout,) = spec.inputs(spec.points[0]).values()
        self.most_beats = min(MOST, max(FEWEST, BITS // layout.width // len(spec.points)))
        self.count = max(FEWEST, min(PACKETS, self.most_beats // 10))
        self.vectors = Vectors()

    def add(
        self, title: str, batches: Iterable[Batch], stalls: str = "no stalls", cycles: int = 0
    ) -> None:
        """Append a run."""
        beats = results = work = 0
        for batch in batches:
            self.vectors.sent[0] += words_to_ints(batch.payloads(self.spec, self.rng))
            self.vectors.due += words_to_ints(batch.expected(self.spec, self.model))
            beats += batch.beats
            results += batch.packets
            work += batch.beats * self.spec.cycles(self.spec.points[batch.point])
        send, take = STALLS[stalls]
        self.vectors.runs.append(
            Run(title=f"{title}, {stalls}", beats=(beats,), results=results, send_stall=send,
                take_stall=take, cycles=cycles, limit=1000 + 40 * work)
        )  # fmt: skip

    def of_point(self, index: int) -> None:
        """Append the runs of a point."""
        point, source = self.spec.points[index], self.sources[index]
        for stalls in STALLS:
            count = self.count if stalls == "stalls" else max(4, self.count // 4)
            self.add(f"{point}: random packets", self.random(index, count), stalls)
        self.add(f"{point}: extremes", self.extremes(index))
        self.cut_short(index)
        cycles = (TIMED - 1) * self.spec.cycles(point) + self.spec.latency(point) + 1
        timed = [source.uniform(1, 1) for _ in range(TIMED)]
        self.add(f"{point}: cycles of {TIMED} packets", timed, cycles=cycles)

    def random(self, index: int, count: int) -> list[Batch]:
        """Return random packets of a point."""
        return draw_packets(self.sources[index], count, self.rng, self.packets)

    def extremes(self, index: int) -> Iterator[Batch]:
        """Yield the extremes of a point, as many as files have room for."""
        beats = 0
        for batch in self.sources[index].extremes():
            beats += batch.beats
            if beats > max(self.most_beats, batch.beats):
                return
            yield batch

    def resets(self) -> None:
        """Append resets at work, each followed by a packet that must be as if nothing had been."""
        for trial in range(RESETS):
            index = trial % len(self.sources)
            self.cut_short(index)
            following = self.sources[(index + 1) % len(self.sources)]
            length = 2 if self.packets else 1
            self.add(f"after reset {trial + 1}", [following.uniform(1, length)])

    def cut_short(self, index: int) -> None:
        """Append packets in the midst of which, or of whose results, the unit is reset."""
        long = 3 if self.packets else 1
        payloads = words_to_ints(self.sources[index].uniform(3, long).payloads(self.spec, self.rng))
        self.vectors.sent[0] += payloads
        after = int(self.rng.integers(1, 10))
        self.vectors.runs.append(
            Run(title=f"reset after {after} cycles", beats=(len(payloads),), results=0, reset=after)
        )

    def mixed(self) -> None:
        """Append packets of all points in random order, if there are several."""
        points = range(len(self.sources))
        if len(points) > 1:
            share = max(8, self.count // 4)
            batches = [batch for point in points for batch in self.random(point, share)]
            order = self.rng.permutation(len(batches))
            self.add("all points", [batches[index] for index in order])
            self.add("all points again", [batches[index] for index in order], "stalls")


def vectors_of(name: str, spec: Any) -> Vectors:
    """Return the vectors of a unit with a stream in and one out; always the same ones."""
    drawn = _Drawn(name, spec)
    for index in range(len(spec.points)):
        drawn.of_point(index)
    drawn.mixed()
    drawn.resets()
    return drawn.vectors


def hexadecimal_lines(payloads: Sequence[int], width: int) -> str:
    """Return payloads as ``$readmemh`` reads them, one a line."""
    digits = -(-width // 4)
    return "".join(f"{payload:0{digits}x}\n" for payload in payloads)

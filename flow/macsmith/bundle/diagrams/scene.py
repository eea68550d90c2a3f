"""What a timing diagram shows of a unit, and those of units of one stream a side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from macsmith.formats.stream_words import words_to_ints
from macsmith.golden.catalog import golden
from macsmith.operands.packet_sources.packets import traffic
from macsmith.operands.packet_sources.tile_programs import TileSource
from macsmith.operands.stimulus import packets, source_of

PACKETS = 2
"""Packets of a unit that gives a beat for each."""

READS = 4
"""Reads of a memory of tiles."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """A host's access of a register: what it writes, or None where it reads."""

    register: str
    address: int
    value: int | None = None

    @property
    def channels(self) -> tuple[Sequence[str], Sequence[str]]:
        """The channels of AXI4-Lite that ask, and that which answers."""
        return (("ar",), ("r",)) if self.value is None else (("aw", "w"), ("b",))


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What is sent to a unit, and what a host does meanwhile.

    Members
    -------
    title:
        What it is, as the beginning of a sentence.
    spec:
        What is simulated: the unit, or one that takes the same cycles.
    sent:
        Payloads of each input stream; they are offered when the host has done its accesses.
    results:
        How many beats come of them.
    accesses:
        What the host does, one after the other.
    lines:
        The ports of the host that are shown.
    name:
        What tells it from other diagrams of the unit, empty if there is one alone.
    """

    title: str
    spec: Any
    sent: Mapping[str, Sequence[int]] = field(default_factory=dict)
    results: int = 0
    accesses: Sequence[Access] = ()
    lines: Sequence[str] = ()
    name: str = ""


def beat_scenes(name: str, spec: Any) -> list[Scene]:
    """Return two packets, of two beats where the unit has packets, of one if it has not."""
    operands = source_of(name, spec, 0, np.random.default_rng(1))
    batch = operands.uniform(PACKETS, 2 if packets(spec) else 1)
    (stream,) = spec.inputs(spec.points[0])
    sent = {stream: words_to_ints(batch.payloads(spec))}
    return [Scene(title=f"Two packets at {spec.points[0]}", spec=spec, sent=sent, results=PACKETS)]


def packet_scenes(name: str, spec: Any) -> list[Scene]:
    """Return the first packets after a reset, up to one that is answered."""
    drawn = traffic(name, spec, 1, np.random.default_rng(1))
    title = "The first packets after a reset" if len(drawn.packets) > 1 else "A packet"
    return [Scene(title=title, spec=spec, sent=drawn.payloads, results=len(drawn.due))]


def tile_scenes(name: str, spec: Any) -> list[Scene]:
    """Return words that are filled in, and reads of them."""
    program = TileSource(spec, golden(name, spec), np.random.default_rng(1)).sweep(READS)
    sent = dict(zip(spec.inputs(spec.points[0]), map(words_to_ints, program.sent), strict=True))
    title = f"A tile filled in, and {READS} reads of it"
    return [Scene(title=title, spec=spec, sent=sent, results=len(program.due))]

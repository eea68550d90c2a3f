"""Packets for units that make a packet of each packet, however many beats either has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from macsmith.catalog.catalog import lookup
from macsmith.formats.stream_words import Words, pack
from macsmith.golden.catalog import golden
from macsmith.host.int64s import Int64s


@dataclass(frozen=True, eq=False)
class Packet:
    """A packet of beats.

    Members
    -------
    label:
        What it is, for messages.
    fields:
        Values of each field that is neither a point nor the end, shape (beats, lanes).
    """

    label: str
    fields: Mapping[str, Int64s]

    @property
    def beats(self) -> int:
        """How many beats it has."""
        return len(next(iter(self.fields.values())))


@dataclass(frozen=True)
class Work:
    """What an engine does of a layer.

    Members
    -------
    packets:
        To be sent in order.
    counted:
        The first of those that count; what comes before loads the engine.
    products:
        Products of an activation and a weight that are both not zero, in what counts.
    """

    packets: list[Packet]
    counted: int
    products: int


def useful(acts: Int64s, weights: Int64s) -> int:
    """Return the products of ``acts @ weights.T`` both of whose operands are not zero."""
    return int(((acts != 0).sum(axis=0) * (weights != 0).sum(axis=0)).sum())


class PacketSource(Protocol):
    """Draws packets for a unit; made of it, its model, the index of a point, and a generator."""

    def __init__(self, spec: Any, model: Any, point: int, rng: np.random.Generator) -> None: ...

    def packets(self, count: int) -> list[Packet]:
        """Return at least so many packets, to be sent in this order after a reset."""


@dataclass(frozen=True)
class Traffic:
    """Packets in order, and what must become of them.

    Members
    -------
    packets:
        What is sent.
    sent, due:
        Payloads of all beats in order, shape (beats, words).
    ends:
        Of each packet how many payloads are due when it is answered.
    most_cycles:
        What they may take without stalls.
    """

    packets: Sequence[Packet]
    sent: Words
    due: Words
    ends: Sequence[int]
    most_cycles: int

    def packet_of(self, result: int) -> int:
        """Return the packet that a payload answers."""
        return int(np.searchsorted(np.asarray(self.ends), result, side="right"))


FILL = 8
"""Cycles in which the first packet goes through a unit."""


def traffic(name: str, spec: Any, count: int, rng: np.random.Generator) -> Traffic:
    """Return so many packets of a unit, and what its golden model makes of them."""
    drawn = lookup(name).load("source")(spec, golden(name, spec), 0, rng).packets(count)
    return sending(name, spec, drawn, rng)


def sending(name: str, spec: Any, packets: Sequence[Packet], rng: np.random.Generator) -> Traffic:
    """Return packets with junk where no field is, and what a unit's model makes of them."""
    model = golden(name, spec)
    point = spec.points[0]
    (taken,), (given,) = spec.inputs(point).values(), spec.outputs(point).values()
    sent = [
        pack(taken, packet.fields, 0, np.arange(packet.beats) == packet.beats - 1, junk=rng)
        for packet in packets
    ]
    due, ends, cycles = [], [0], FILL
    for answer, most in model.answers(packet.fields for packet in packets):
        beats = len(next(iter(answer.values())))
        due.append(pack(given, answer, 0, np.arange(beats) == beats - 1))
        ends.append(ends[-1] + beats)
        cycles += most
    return Traffic(packets, np.concatenate(sent), np.concatenate(due), ends[1:], cycles)

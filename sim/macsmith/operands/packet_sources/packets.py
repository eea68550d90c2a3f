"""Packets for units that make a packet of each packet, however many beats either has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from macsmith.catalog.catalog import lookup
from macsmith.contract.stream import Layout
from macsmith.formats.stream_words import Words, pack, words_to_ints
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
        Inputs that get a packet with each of the first one may have more beats, or fewer.
    """

    label: str
    fields: Mapping[str, Int64s]

    @property
    def beats(self) -> int:
        """How many beats the first input has of it."""
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
    sent:
        Of each input by name the payloads of all beats in order, shape (beats, words).
    due:
        Those that must come out.
    ends:
        Of each packet how many payloads are due when it is answered.
    most_cycles:
        What they may take without stalls.
    """

    packets: Sequence[Packet]
    sent: Mapping[str, Words]
    due: Words
    ends: Sequence[int]
    most_cycles: int

    @property
    def beats(self) -> int:
        """How many beats are sent."""
        return sum(map(len, self.sent.values()))

    @property
    def payloads(self) -> dict[str, list[int]]:
        """What is sent, as numbers."""
        return {name: words_to_ints(words) for name, words in self.sent.items()}

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
    (given,) = spec.outputs(point).values()
    sent = {
        stream: np.concatenate([_packed(taken, packet, rng) for packet in packets])
        for stream, taken in spec.inputs(point).items()
    }
    due, ends, cycles = [], [0], FILL
    for answer, most in model.answers(packet.fields for packet in packets):
        beats = len(next(iter(answer.values())))
        due.append(pack(given, answer, 0, np.arange(beats) == beats - 1))
        ends.append(ends[-1] + beats)
        cycles += most
    return Traffic(packets, sent, np.concatenate(due), ends[1:], cycles)


def _packed(taken: Layout, packet: Packet, junk: np.random.Generator) -> Words:
    """Return the payloads of a packet on an input."""
    fields = {field.name: packet.fields[field.name] for field in taken.values}
    beats = len(next(iter(fields.values())))
    return pack(taken, fields, 0, np.arange(beats) == beats - 1, junk=junk)

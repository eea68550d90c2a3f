"""Batches of operands: packets of equally many beats, and what a unit must make of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self

import numpy as np

from macsmith.formats.stream_words import Words, pack
from macsmith.golden.catalog import GoldenModel
from macsmith.host.int64s import Int64s

UNIFORM, OVERFLOWING = "uniform", "overflowing"
"""Labels of random packets."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Packets of one point and one length; a packet gives one beat of results.

    Members
    -------
    label:
        What the operands are, for messages.
    point:
        Index of the point in ``spec.points``.
    fields:
        Values of each input field, shape (packets, beats, lanes).
    useful:
        Of its products, the share that somebody asked for; the others fill up beats.
    """

    label: str
    point: int
    fields: Mapping[str, Int64s]
    useful: float = 1.0

    @property
    def shape(self) -> tuple[int, ...]:
        """Packets, beats, and lanes of the first field."""
        return next(iter(self.fields.values())).shape

    @property
    def packets(self) -> int:
        """Results that the batch gives."""
        return self.shape[0]

    @property
    def random(self) -> int:
        """Packets of random operands; extremes, enumerated ones and layers are none."""
        return self.packets if self.label in (UNIFORM, OVERFLOWING) else 0

    @property
    def length(self) -> int:
        """Beats of each packet."""
        return self.shape[1]

    @property
    def beats(self) -> int:
        """Input beats of the batch."""
        return self.packets * self.length

    def with_fields(self, **fields: Int64s) -> Self:
        """Return the same batch with other values of some fields."""
        return replace(self, fields={**self.fields, **fields})

    def chosen(self, packets: Any) -> Self:
        """Return some of the packets, by an index of numpy's."""
        return self.with_fields(**{name: one[packets] for name, one in self.fields.items()})

    def operands(self, packet: int) -> dict[str, list[list[int]]]:
        """Return the values of one packet, for messages."""
        return {name: values[packet].tolist() for name, values in self.fields.items()}

    def payloads(self, spec: Any, junk: np.random.Generator | None = None) -> Words:
        """Return the payloads of the one input stream in order, shape (packets * beats, words).

        Parameters
        ----------
        junk:
            What fills the bits that the unit ignores at the point, and chooses among the codes of a
            value; zeros, and the usual code, if None.
        """
        (layout,) = spec.inputs(spec.points[self.point]).values()
        last = np.zeros((self.packets, self.length), np.bool_)
        last[:, -1] = True
        beats = {name: one.reshape(self.beats, -1) for name, one in self.fields.items()}
        return pack(layout, beats, self.point, last.reshape(-1), junk)

    def expected(self, spec: Any, model: GoldenModel) -> Words:
        """Return the payloads of the one output stream by the model, shape (packets, words)."""
        point = spec.points[self.point]
        (layout,) = spec.outputs(point).values()
        return pack(layout, model.respond(point, self.fields))


class OperandSource(Protocol):
    """Draws operands of one unit at one point.

    Parameters
    ----------
    spec, model:
        The unit and its golden model.
    point:
        Index of the point.
    rng:
        Source of randomness.
    """

    def __init__(self, spec: Any, model: Any, point: int, rng: np.random.Generator) -> None: ...

    @property
    def enumerable(self) -> bool:
        """Whether `enumerated` holds all operands, or all pairs of them in each lane."""

    def uniform(self, count: int, length: int) -> Batch:
        """Return random packets of a length."""

    def overflowing(self, count: int, length: int) -> Batch:
        """Return random packets that strain the unit, such as sums that overflow."""

    def extremes(self) -> Iterator[Batch]:
        """Yield packets of the extremes, named by their operands."""

    def enumerated(self) -> Iterator[Batch]:
        """Yield all operands, or many random ones where there are too many."""


def mac_batch(label: str, mode: int, acts: Int64s, weights: Int64s, useful: float = 1.0) -> Batch:
    """Return accumulations of a MAC; operands have shape (accumulations, beats, lanes)."""
    return Batch(label, mode, {"a": acts, "w": weights}, useful)

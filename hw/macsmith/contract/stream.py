"""What a stream's payload holds: fields of equal values side by side, at given bits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from amaranth.lib import data

LAST, POINT = "last", "point"
"""Roles of fields that no operand fills: the end of a packet, and the index of the point."""


@dataclass(frozen=True)
class Field:
    """Equal values side by side in a payload, lane 0 lowest.

    Members
    -------
    name
        What they are called, once in all streams of a unit.
    offset
        The payload's bit at which the first begins.
    bits
        Bits of each.
    lanes
        How many there are.
    signed
        Whether they are in two's complement.
    format
        What the bits mean: ``integer``, the name of a number format, or of a set of symbols.
    role
        `LAST` or `POINT` if the field steers the stream, else empty.
    top
        The bit up to which the last value is extended, by its sign if it has one; else none.
    """

    name: str
    offset: int
    bits: int
    lanes: int = 1
    signed: bool = False
    format: str = "integer"
    role: str = ""
    top: int | None = None

    @property
    def width(self) -> int:
        """Bits of all values, without an extension."""
        return self.lanes * self.bits

    def bits_of(self, lane: int) -> int:
        """Return the bits of a lane, its extension included."""
        if self.top is None or lane < self.lanes - 1:
            return self.bits
        return self.top - self.offset - lane * self.bits


@dataclass(frozen=True)
class Layout:
    """The payload of a stream: its bits, and the fields in them. Other bits are ignored."""

    width: int
    fields: tuple[Field, ...]

    @property
    def values(self) -> tuple[Field, ...]:
        """The fields that carry operands or results."""
        return tuple(field for field in self.fields if not field.role)

    @property
    def ignored(self) -> int:
        """A one for each bit of the payload that no field has."""
        held = 0
        for field in self.fields:
            bits = sum(field.bits_of(lane) for lane in range(field.lanes))
            held |= (1 << bits) - 1 << field.offset
        return (1 << self.width) - 1 & ~held

    @property
    def packets(self) -> bool:
        """Whether beats form packets, of which a field marks the last."""
        return any(field.role == LAST for field in self.fields)

    def __getitem__(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)


@dataclass(frozen=True)
class Lines:
    """The ports of one stream.

    Members
    -------
    name
        What they begin with.
    payload
        Those that carry a beat, each with its bits, from the lowest bit up.
    valid, ready
        Those of the handshake.
    """

    name: str
    payload: tuple[tuple[str, int], ...]
    valid: str
    ready: str


@dataclass(frozen=True)
class OwnPorts:
    """How a unit's streams are ports: as Amaranth names them, ``i__payload``."""

    def layouts(self, streams: Mapping[str, Layout], *, inward: bool) -> Mapping[str, Layout]:
        """Return what the payloads hold of streams at a point, by what the ports begin with."""
        return streams

    def lines(self, streams: Mapping[str, Layout], *, inward: bool) -> tuple[Lines, ...]:
        """Return the ports of streams."""
        return tuple(
            Lines(name, ((f"{name}__payload", one.width),), f"{name}__valid", f"{name}__ready")
            for name, one in streams.items()
        )

    def on_wires(self, layout: Layout, payload: int, *, inward: bool) -> int:
        """Return what the ports of a payload carry of one, side by side as `Lines` has them."""
        return payload


def layout_of(
    struct: data.StructLayout,
    lanes: Mapping[str, int] | None = None,
    signed: Iterable[str] = (),
    roles: Mapping[str, str] | None = None,
) -> Layout:
    """Return what an Amaranth structure holds.

    Parameters
    ----------
    lanes
        For fields of several values, how many.
    signed
        Names of the fields in two's complement.
    roles
        For fields that steer the stream, `LAST` or `POINT`.
    """
    lanes, signed, roles = lanes or {}, set(signed), roles or {}
    fields = []
    for name, (_, part) in zip(struct.members, struct, strict=True):
        count = lanes.get(name, 1)
        fields.append(
            Field(
                name, part.offset, part.width // count, count,
                signed=name in signed, role=roles.get(name, ""),
            )
        )  # fmt: skip
    return Layout(struct.size, tuple(fields))


def payload_notes(taken: data.StructLayout, given: data.StructLayout) -> list[str]:
    """Return what the payloads hold of a unit with a stream ``i`` in and a stream ``o`` out."""
    return [*notes_of("i__payload", taken), *notes_of("o__payload", given)]


def notes_of(payload: str, layout: data.StructLayout) -> list[str]:
    """Return where the fields of a payload lie, for the header of a Verilog file."""
    return [
        f"{payload}[{part.offset + part.width - 1}:{part.offset}] {field}"
        for field, (_, part) in zip(layout.members, layout, strict=True)
    ]

"""What beats hold and what is accumulated of them, of which layouts and registers follow."""

from collections.abc import Mapping
from dataclasses import dataclass

from amaranth import Shape
from amaranth.lib import data

from macsmith.contract.stream import Field, Layout


@dataclass(frozen=True)
class Part:
    """Equal values side by side in a payload.

    Members
    -------
    bits
        Bits of each.
    lanes
        How many there are.
    signed
        Whether they are in two's complement.
    role
        As of `macsmith.contract.stream.Field`.
    """

    bits: int
    lanes: int = 1
    signed: bool = False
    role: str = ""

    @property
    def width(self) -> int:
        """Bits of all values."""
        return self.bits * self.lanes


Parts = Mapping[str, Part]
"""Parts by name, from the lowest bit up."""


@dataclass(frozen=True)
class Total:
    """What is added up over the beats of a packet; it wraps.

    Members
    -------
    least, greatest
        Between which a beat changes it.
    headroom
        Guard bits beyond those of one beat.
    flag
        Whether it is no sum, but up from the first beat on that raises it.
    """

    least: int
    greatest: int
    headroom: int = 0
    flag: bool = False

    @property
    def gain(self) -> Shape:
        """Bits of what a beat adds, and whether it may be negative."""
        return shape_of(self.least, self.greatest)

    @property
    def shape(self) -> Shape:
        """Bits of the sum, and whether it may be negative."""
        return Shape(self.gain.width + self.headroom, self.gain.signed)


FLAG = Total(0, 1, flag=True)
"""Whether a packet had something that has no meaning."""


def shape_of(least: int, greatest: int) -> Shape:
    """Return the fewest bits that hold all numbers of a range.

    >>> shape_of(-4, 3), shape_of(0, 4)
    (signed(3), unsigned(3))
    """
    if least >= 0:
        return Shape(max(1, greatest.bit_length()))
    return Shape(1 + max((~least).bit_length(), max(greatest, 0).bit_length()), signed=True)


def struct_of(parts: Parts) -> data.StructLayout:
    """Return the structure of a payload."""
    return data.StructLayout({name: part.width for name, part in parts.items()})


def layout_of_parts(parts: Parts) -> Layout:
    """Return the same as drivers read it."""
    fields, offset = [], 0
    for name, part in parts.items():
        fields.append(
            Field(name, offset, part.bits, part.lanes, signed=part.signed, role=part.role)
        )
        offset += part.width
    return Layout(offset, tuple(fields))

"""How the streams of a unit lie on AXI4-Stream: the names of ports, and the places of fields.

From the standard (Arm IHI 0051): ``tdata`` has whole bytes, and ``tlast`` ends a packet. So each
field of a payload begins at a byte, in the order of the payload, and the field that marks the last
beat of a packet is ``tlast`` instead.

    payload of a MAC   last mode   w[7:0]   a[7:0]
                         |    |      |        |
    tdata                | [18:16] [15:8]   [7:0]     mode is bits 18 to 16 of 24
    tlast   <------------+
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from macsmith.contract.stream import LAST, Field, Layout, Lines, OwnPorts

AXI_STREAM = "axi-stream"
"""The boundary of a unit in its wrapper."""

BYTE = 8


def axi_name(stream: str, *, inward: bool) -> str:
    """Return what the ports of a stream begin with.

    >>> axi_name("i", inward=True), axi_name("i_w", inward=True), axi_name("o", inward=False)
    ('s_axis', 's_axis_w', 'm_axis')
    """
    side, plain = ("s_axis", "i") if inward else ("m_axis", "o")
    rest = stream.removeprefix(plain).removeprefix("_") if stream.startswith(plain) else stream
    return f"{side}_{rest}" if rest else side


@dataclass(frozen=True)
class Part:
    """The bits of a payload that a field has, from its first to the next field's.

    Members
    -------
    field
        The field.
    bits
        How many there are, which is no less than the field holds at any point.
    at
        The bit of ``tdata`` at which they begin.
    """

    field: Field
    bits: int
    at: int

    @property
    def end(self) -> int:
        """The bit of ``tdata`` after the last of its bytes."""
        return self.at + -(-self.bits // BYTE) * BYTE

    @property
    def repeats_sign(self) -> bool:
        """Whether the bits up to `end` repeat its highest one, where it leaves the unit."""
        return self.field.signed and (self.field.lanes == 1 or self.field.top is not None)

    def fill(self, value: int) -> int:
        """Return the bits above a value of the field that leaves the unit, up to `end`."""
        ones = self.repeats_sign and value >> self.bits - 1
        return (1 << self.end - self.at - self.bits) - 1 if ones else 0


@dataclass(frozen=True)
class Beat:
    """A beat of a stream on AXI4-Stream.

    Members
    -------
    payload_bits
        Bits of the payload.
    parts
        What lies in ``tdata``, from the lowest bit up.
    last
        The bit of the payload that ``tlast`` is, or None.
    """

    payload_bits: int
    parts: tuple[Part, ...]
    last: int | None

    @property
    def bits(self) -> int:
        """Bits of ``tdata``."""
        return max((part.end for part in self.parts), default=BYTE)


def beat_of(layout: Layout) -> Beat:
    """Return how a payload lies on AXI4-Stream; it is the same at each point of a unit."""
    fields = sorted(layout.fields, key=lambda field: field.offset)
    ends = [*(field.offset for field in fields[1:]), layout.width]
    parts: list[Part] = []
    last = None
    for field, end in zip(fields, ends, strict=True):
        if field.role == LAST:
            last = field.offset
        else:
            parts.append(Part(field, end - field.offset, parts[-1].end if parts else 0))
    return Beat(layout.width, tuple(parts), last)


@dataclass(frozen=True)
class AxiPorts(OwnPorts):
    """How they are ports of its wrapper."""

    def layouts(self, streams: Mapping[str, Layout], *, inward: bool) -> Mapping[str, Layout]:
        """See `OwnPorts.layouts`: what ``tdata`` holds.

        Bits that fill up bytes are ignored where they come in. Where they leave, they repeat the
        sign of a field that is one number, or whose last one is extended to its end; others are
        zero.
        """
        found = {}
        for name, layout in streams.items():
            beat = beat_of(layout)
            fields = tuple(
                replace(part.field, offset=part.at, top=_top(part, inward=inward))
                for part in beat.parts
            )
            found[axi_name(name, inward=inward)] = Layout(beat.bits, fields)
        return found

    def lines(self, streams: Mapping[str, Layout], *, inward: bool) -> tuple[Lines, ...]:
        """See `OwnPorts.lines`."""
        found = []
        for name, layout in streams.items():
            prefix, beat = axi_name(name, inward=inward), beat_of(layout)
            last = () if beat.last is None else ((f"{prefix}_tlast", 1),)
            payload = ((f"{prefix}_tdata", beat.bits), *last)
            found.append(Lines(prefix, payload, f"{prefix}_tvalid", f"{prefix}_tready"))
        return tuple(found)

    def on_wires(self, layout: Layout, payload: int, *, inward: bool) -> int:
        """See `OwnPorts.on_wires`: ``tlast`` above ``tdata``."""
        beat = beat_of(layout)
        tdata = 0
        for part in beat.parts:
            value = payload >> part.field.offset & (1 << part.bits) - 1
            tdata |= (value if inward else value | part.fill(value) << part.bits) << part.at
        last = 0 if beat.last is None else payload >> beat.last & 1
        return last << beat.bits | tdata


def _top(part: Part, *, inward: bool) -> int | None:
    """Return up to where the last value of a field is extended on ``tdata``, if it is."""
    if inward or (part.field.top is None and not part.repeats_sign):
        return None
    return part.end

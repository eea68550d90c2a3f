"""The design that a bundle is about: a unit, its Verilog, and the ports that this has."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from macsmith.catalog.catalog import cut, lookup
from macsmith.contract.axi_stream import AXI_STREAM
from macsmith.contract.stream import Layout, Lines
from macsmith.contract.unit import Cut, Unit, resolve
from macsmith.records.record import Record

CLOCK, RESET = "clk", "rst"
"""The ports of every unit beside those of its own; the reset is synchronous and active high."""

STREAM_BENCH = "macsmith.bench.stream"
"""The cocotb bench of units of which a packet of beats gives one beat of results."""

STREAM_VECTORS = "macsmith.bundle.vectors.stream_vectors:vectors_of"
"""What makes vectors of them."""

BEAT_SCENES = "macsmith.bundle.diagrams.scene:beat_scenes"
"""What makes scenes of them."""

_PORT = re.compile(r"^  (input|output) +(?:wire|reg|logic) +(?:\[(\d+):0\] +)?(\w+),?$", re.M)


@dataclass(frozen=True)
class Port:
    """A port of the module: its name, ``input`` or ``output``, and its bits."""

    name: str
    direction: str
    width: int

    @property
    def range(self) -> str:
        """How Verilog writes its bits, empty for a port of one."""
        return f"[{self.width - 1}:0]" if self.width > 1 else ""


@dataclass(frozen=True)
class Stream:
    """A stream of a unit.

    Members
    -------
    name:
        What the unit calls it, such as ``i``.
    layout:
        What its payload holds at the first point.
    lines:
        Its ports.
    """

    name: str
    layout: Layout
    lines: Lines

    @property
    def width(self) -> int:
        """Bits of the wires that carry a beat."""
        return sum(bits for _, bits in self.lines.payload)

    @property
    def pins(self) -> list[tuple[str, str]]:
        """The ports that carry a beat, each with its bits of a word of all these wires."""
        found, low = [], 0
        for port, bits in self.lines.payload:
            place = f"{low + bits - 1}:{low}" if bits > 1 else str(low)
            found.append((port, "" if bits == self.width else f"[{place}]"))
            low += bits
        return found

    @property
    def ports(self) -> set[str]:
        """The names of all its ports."""
        return {self.lines.valid, self.lines.ready, *(port for port, _ in self.lines.payload)}


@dataclass(frozen=True, kw_only=True)
class Design:
    """A unit as it is shipped.

    Members
    -------
    name, spec, boundary:
        What it is in the catalogue.
    module:
        The top module, after which the files are named.
    verilog:
        Its text.
    language:
        ``verilog`` or ``systemverilog``.
    records:
        What was measured of it on a library, at this boundary, if it was.
    """

    name: str
    spec: Any
    boundary: str
    module: str
    verilog: str
    language: str = "verilog"
    records: Sequence[Record] = ()

    @property
    def unit(self) -> Unit:
        """The entry of the catalogue."""
        return lookup(self.name)

    @property
    def cut(self) -> Cut:
        """The boundary at which the unit is cut."""
        return cut(self.name, self.boundary)

    @property
    def source(self) -> str:
        """Name of the file of the unit."""
        return f"{self.module}.{'sv' if self.language == 'systemverilog' else 'v'}"

    @cached_property
    def ports(self) -> tuple[Port, ...]:
        """The ports of the top module, in order, as the text has them."""
        _, _, after = self.verilog.partition(f"\nmodule {self.module} (\n")
        head, _, _ = after.partition("\n);")
        return tuple(
            Port(name, direction, int(high or 0) + 1)
            for direction, high, name in _PORT.findall(head)
        )

    def directed(self, direction: str) -> list[Port]:
        """Return the inputs or the outputs without clock and reset."""
        return [
            port
            for port in self.ports
            if port.direction == direction and port.name not in (CLOCK, RESET)
        ]

    def _streams(self, layouts: Mapping[str, Layout], inward: bool) -> Sequence[Stream]:
        names = {port.name for port in self.ports}
        lines = self.cut.ports.lines(layouts, inward=inward)
        return [
            Stream(name, layout, one)
            for (name, layout), one in zip(layouts.items(), lines, strict=True)
            if one.valid in names
        ]

    @cached_property
    def inputs(self) -> Sequence[Stream]:
        """The input streams that the boundary has."""
        return self._streams(self.spec.inputs(self.spec.points[0]), inward=True)

    @cached_property
    def outputs(self) -> Sequence[Stream]:
        """The output streams that the boundary has."""
        return self._streams(self.spec.outputs(self.spec.points[0]), inward=False)

    @property
    def gives_a_beat(self) -> bool:
        """Whether it has a stream in, of which a packet gives one beat out."""
        streams = len(self.inputs), len(self.outputs)
        return self.is_whole and STREAM_BENCH in self.unit.bench and streams == (1, 1)

    @property
    def is_whole(self) -> bool:
        """Whether the boundary has all of the unit in it, its memories too."""
        return self.boundary in ("unit", AXI_STREAM)

    @property
    def has_bench(self) -> bool:
        """Whether a testbench can drive it."""
        return self.gives_a_beat or (self.is_whole and bool(self.unit.vectors))

    @cached_property
    def vectors(self) -> Any:
        """The vectors of its testbench."""
        return resolve(self.unit.vectors or STREAM_VECTORS)(self.name, self.spec)

    @property
    def scenes(self) -> Any:
        """What makes those of its timing diagrams; None if nothing does."""
        named = self.unit.scenes if self.is_whole else ""
        given = named or (BEAT_SCENES if self.gives_a_beat else "")
        return resolve(given) if given else None

    @property
    def other_outputs(self) -> list[Port]:
        """The outputs that belong to no stream."""
        lines = {port for stream in (*self.inputs, *self.outputs) for port in stream.ports}
        return [port for port in self.directed("output") if port.name not in lines]

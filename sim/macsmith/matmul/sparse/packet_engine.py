"""A unit that answers packets, on Verilator: compiled once, its packets as words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from macsmith.catalog.catalog import build, lookup
from macsmith.formats.stream_words import Words, pack, unpack
from macsmith.host.int64s import Int64s
from macsmith.operands.packet_sources.packets import Packet
from macsmith.rtl.emit import to_verilog
from macsmith.rtlsim.verilated_stream import VerilatedStream


@dataclass(frozen=True)
class PacketEngine:
    """What engines of packets have in common.

    Parameters
    ----------
    name, spec:
        The unit.
    seed:
        Of what the unit ignores.
    """

    packet_writer: ClassVar[Any]
    """Class of what writes its packets."""

    name: str
    spec: Any
    seed: int = 1
    writer: Any = field(init=False)

    def __post_init__(self) -> None:
        writer = self.packet_writer(self.spec, np.random.default_rng(self.seed))
        object.__setattr__(self, "writer", writer)

    @cached_property
    def unit(self) -> VerilatedStream:
        """The unit on Verilator, its PE compiled once."""
        (point,) = self.spec.points
        text = to_verilog(build(self.name, self.spec), "unit")
        widths = self.spec.inputs(point)["i"].width, self.spec.outputs(point)["o"].width
        return VerilatedStream(text, *widths, part="unit_pe")

    @property
    def model(self) -> Any:
        """A golden model that has answered nothing yet."""
        return lookup(self.name).load("golden")(self.spec)

    def answered(self, packets: Sequence[Packet], beats: int) -> dict[str, Int64s]:
        """Return the fields of so many beats of the unit's answers to packets."""
        results, _ = self.unit.run_timed(self._words(packets), beats)
        (layout,) = self.spec.outputs(self.spec.points[0]).values()
        return unpack(layout, results)

    def _words(self, packets: Sequence[Packet]) -> Words:
        (layout,) = self.spec.inputs(self.spec.points[0]).values()
        return np.concatenate(
            [
                pack(layout, packet.fields, 0, np.arange(packet.beats) == packet.beats - 1)
                for packet in packets
            ]
        )

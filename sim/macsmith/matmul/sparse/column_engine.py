"""Matrix products on the engine for compressed sparse columns: its unit on Verilator."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from macsmith.catalog.catalog import build, lookup
from macsmith.formats.stream_words import Words, pack, unpack
from macsmith.golden.sparse.eie import EieModel
from macsmith.host.int64s import Int64s, wrap
from macsmith.operands.packet_sources.eie_packets import PacketWriter
from macsmith.operands.packet_sources.packets import Packet
from macsmith.rtl.emit import to_verilog
from macsmith.rtlsim.verilated_stream import VerilatedStream


@dataclass(frozen=True, eq=False)
class Products:
    """What came of products.

    Members
    -------
    sums:
        Shape (vectors, rows).
    cycles, modelled:
        Clock cycles of each run as the unit counted them, and as the golden model has them.
    errors:
        Whether a run's error was up.
    """

    sums: Int64s
    cycles: Int64s
    modelled: Int64s
    errors: bool


@dataclass(frozen=True)
class ColumnEngine:
    """An engine without a codebook, each of whose runs is a matrix by a vector.

    Parameters
    ----------
    name, spec:
        The unit.
    seed:
        Of what the unit ignores.
    """

    name: str
    spec: Any
    seed: int = 1
    writer: PacketWriter = field(init=False)

    def __post_init__(self) -> None:
        writer = PacketWriter(self.spec, np.random.default_rng(self.seed))
        object.__setattr__(self, "writer", writer)

    @cached_property
    def unit(self) -> VerilatedStream:
        """The unit on Verilator, its PE compiled once."""
        (point,) = self.spec.points
        text = to_verilog(build(self.name, self.spec), "unit")
        widths = self.spec.inputs(point)["i"].width, self.spec.outputs(point)["o"].width
        return VerilatedStream(text, *widths, part="unit_pe")

    def multiply(self, weights: Int64s, acts: Int64s) -> Products:
        """Return ``acts @ weights.T`` of weights (rows, columns) and acts (vectors, columns)."""
        rows = len(weights)
        packets = self.writer.matrix(weights)
        ahead = len(packets)
        packets += [self.writer.run(vector, rows) for vector in acts]
        model: EieModel = lookup(self.name).load("golden")(self.spec)
        answers = [answer for answer, _ in model.answers(packet.fields for packet in packets)]
        results, _ = self.unit.run_timed(self._words(packets), ahead + len(acts) * rows)
        (layout,) = self.spec.outputs(self.spec.points[0]).values()
        found = unpack(layout, results)
        sums, cycles, errors = (
            found[name][ahead:, 0].reshape(len(acts), rows) for name in ("value", "cycles", "error")
        )
        modelled = np.array([int(answer["cycles"][-1, 0]) for answer in answers[ahead:]])
        wrapped = wrap(sums, self.spec.data_width, True)
        failed = bool(errors.any() or found["error"][:ahead].any())
        return Products(wrapped, cycles[:, -1], modelled, failed)

    def _words(self, packets: list[Packet]) -> Words:
        (layout,) = self.spec.inputs(self.spec.points[0]).values()
        return np.concatenate(
            [
                pack(layout, packet.fields, 0, np.arange(packet.beats) == packet.beats - 1)
                for packet in packets
            ]
        )

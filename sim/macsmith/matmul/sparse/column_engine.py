"""Matrix products on the engine for compressed sparse columns: its unit on Verilator."""

from dataclasses import dataclass

import numpy as np

from macsmith.golden.sparse.eie import EieModel
from macsmith.host.int64s import Int64s, wrap
from macsmith.matmul.sparse.packet_engine import PacketEngine
from macsmith.operands.packet_sources.eie_packets import PacketWriter


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


class ColumnEngine(PacketEngine):
    """An engine without a codebook, each of whose runs is a matrix by a vector."""

    packet_writer = PacketWriter

    def multiply(self, weights: Int64s, acts: Int64s) -> Products:
        """Return ``acts @ weights.T`` of weights (rows, columns) and acts (vectors, columns)."""
        rows = len(weights)
        packets = self.writer.matrix(weights)
        ahead = len(packets)
        packets += [self.writer.run(vector, rows) for vector in acts]
        model: EieModel = self.model
        answers = [answer for answer, _ in model.answers(packet.fields for packet in packets)]
        found = self.answered(packets, ahead + len(acts) * rows)
        sums, cycles, errors = (
            found[name][ahead:, 0].reshape(len(acts), rows) for name in ("value", "cycles", "error")
        )
        modelled = np.array([int(answer["cycles"][-1, 0]) for answer in answers[ahead:]])
        wrapped = wrap(sums, self.spec.data_width, True)
        failed = bool(errors.any() or found["error"][:ahead].any())
        return Products(wrapped, cycles[:, -1], modelled, failed)

"""Convolutions on the grid for compressed operands: its unit on Verilator."""

from dataclasses import dataclass

import numpy as np

from macsmith.formats.codecs.compressed_planes import expand
from macsmith.golden.sparse.scnn_grid import Layer, ScnnModel
from macsmith.golden.sparse.scnn_pace import Pace
from macsmith.host.int64s import Int64s
from macsmith.matmul.sparse.packet_engine import PacketEngine
from macsmith.operands.packet_sources.scnn_packets import PlaneWriter


@dataclass(frozen=True, eq=False)
class Planes:
    """What came of a convolution.

    Members
    -------
    results:
        Shape (height, width, outputs).
    cycles, conflicts, waits:
        As the unit counted them.
    modelled:
        The same three, as the golden model has them.
    paces:
        Of each group, of each PE, what the model says of it.
    errors:
        Whether an error was up.
    """

    results: Int64s
    cycles: int
    conflicts: int
    waits: int
    modelled: tuple[int, ...]
    paces: list[list[Pace]]
    errors: bool

    @property
    def vector_cycles(self) -> int:
        """Cycles of pairs of vectors alone: of each group those of the PE that has most."""
        return sum(max(one.slots for one in group) for group in self.paces)


class PlaneGrid(PacketEngine):
    """A grid whose every run is a convolution with a stride of 1 and no padding."""

    packet_writer = PlaneWriter

    def convolve(
        self, acts: Int64s, weights: Int64s, tile: tuple[int, int], shift: int = 0, flags: int = 0
    ) -> Planes:
        """Return the results of acts (height, width, channels) under weights of whole groups.

        Weights have the shape (outputs, kernel height, kernel width, channels).
        """
        spec, (outputs, tall, wide, channels) = self.spec, weights.shape
        height, width, _ = acts.shape
        layer = Layer(
            *tile, tall, wide, channels, -(-outputs // spec.group), height - tall + 1,
            width - wide + 1, shift, flags,
        )  # fmt: skip
        pes = range(spec.rows * spec.cols)
        packets = [*self.writer.weights(weights), *self.writer.acts(acts, tile)]
        ahead = len(packets)
        packets += [self.writer.run(layer), *(self.writer.results(pe) for pe in pes)]
        model: ScnnModel = self.model
        answers = [answer for answer, _ in model.answers(packet.fields for packet in packets)]
        sizes = [len(answer["number"]) for answer in answers]
        found = self.answered(packets, sum(sizes))
        numbers = found["number"][:, 0]
        counts = [int(one) for one in numbers[ahead : ahead + 3]]
        modelled = tuple(int(one) for one in answers[ahead]["number"][:, 0])
        planes, at = [], ahead + 3
        for size in sizes[ahead + 1 :]:
            ends = numbers[at : at + outputs]
            words = found["data"][at + layer.groups * spec.group : at + size]
            planes.append(expand(words, ends, spec.data_width, tile[0] * tile[1]))
            at += size
        tiles = np.stack(planes).reshape(spec.rows, spec.cols, outputs, *tile)
        whole = tiles.transpose(0, 3, 1, 4, 2).reshape(
            spec.rows * tile[0], spec.cols * tile[1], outputs
        )
        results = whole[: layer.out_rows, : layer.out_cols]
        cycles, conflicts, waits = counts
        failed = bool(found["error"].any())
        return Planes(results, cycles, conflicts, waits, modelled, model.paces, failed)

"""A mapped PE at work in its grid: matrix products through it, and what its nets do meanwhile."""

from collections.abc import Iterator
from functools import partial

from macsmith.contract.unit import UnitSpec
from macsmith.energy.unit_replay import Replay, StimulusRun
from macsmith.matmul.pe_grid_on_gates import Edges, run, select, spread
from macsmith.netlist.event_driven import Activity, simulate
from macsmith.netlist.zero_delay import GateEngine, Words
from macsmith.operands import array_tiles
from macsmith.operands.array_tiles import PES, Layer, layers_of
from macsmith.operands.stimulus import Stimulus


class PeReplay(Replay):
    """One netlist of an output-stationary PE, and products through a grid of such.

    All PEs of the grid run in zero delay, and their sums are compared with the golden model's;
    some, in evenly spread columns, run with delays. A PE in the left columns passes on the sums of
    all that are right of it.
    """

    @classmethod
    def check(cls, stimulus: Stimulus, name: str, spec: UnitSpec) -> None:
        """See `Replay.check`."""
        array_tiles.check(stimulus, spec)

    def runs(self, stimulus: Stimulus, mode: int) -> Iterator[StimulusRun]:
        """See `Replay.runs`; idle cycles between short tiles count, zeros beyond K do not."""
        for layer in layers_of(stimulus, self.spec, mode):
            a_tile = layer.macs, layer.issued, layer.executed
            macs, issued, executed = (work / layer.interval for work in a_tile)
            yield StimulusRun(layer.share, macs, issued, executed, partial(self.activity_of, layer))

    def activity_of(self, layer: Layer) -> Activity:
        """Return what the netlist's nets do while a layer's tiles go through."""
        lanes = spread(layer.spec, min(PES, layer.spec.cols))
        return simulate(self.timed.gates, select(self._sources(layer), lanes), len(lanes))

    def _sources(self, layer: Layer) -> Words:
        """Return what ports and registers of all PEs do in the tiles that count."""
        edges, recording = Edges(layer), self.timed.record(self.gates)
        engine = GateEngine(self.gates)
        counted = edges.counted
        for cycle in run(engine, edges):
            if counted.start - 1 <= cycle < counted.stop:
                recording.sample(engine.rows())
        return recording.words(len(counted))

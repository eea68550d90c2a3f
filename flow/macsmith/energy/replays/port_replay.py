"""A mapped netlist of a user's RTL at work: operands at its ports, as the map of these says."""

from typing import Any

import numpy as np

from macsmith.energy.unit_replay import Replay
from macsmith.netlist.zero_delay import GateEngine, Words
from macsmith.operands.batches import Batch
from macsmith.operands.stimulus import WARM_UP, cycles, source_of
from macsmith.user_rtl.port_traffic import PortTraffic


class PortReplay(Replay):
    """One netlist, and beats that follow one another without a pause."""

    resets_at_clock = True

    spec: Any

    def sources(self, batch: Batch) -> Words:
        """See `Replay.sources`; a few beats in the mode come first."""
        engine = GateEngine(self.gates)
        recording = self.timed.record(self.gates)
        traffic = PortTraffic(self.spec, engine, batch.packets)
        ahead = warm_up(self.name, self.spec, batch)
        for _ in traffic.send([ahead, batch]):
            recording.sample(engine.rows())
        return recording.words(cycles(self.spec, batch))


def warm_up(name: str, spec: Any, batch: Batch) -> Batch:
    """Return random beats that leave something everywhere before those of a batch."""
    fill = spec.latency(spec.points[batch.point])
    source = source_of(name, spec, batch.point, np.random.default_rng(0))
    return source.uniform(batch.packets, WARM_UP + fill)

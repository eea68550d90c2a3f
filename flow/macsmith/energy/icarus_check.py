"""Our toggles of a netlist set against those of Icarus Verilog."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from macsmith.energy.specify_verilog import count_toggles
from macsmith.energy.unit_replay import Replay
from macsmith.netlist.event_driven import simulate
from macsmith.operands.batches import Batch


@dataclass(frozen=True)
class CrossCheck:
    """Transitions of all nets but clocks in one copy of a netlist.

    Members
    -------
    nets
        How many there are.
    settled, wrong
        Those without glitches, and how many nets differ in theirs.
    ours, icarus
        All of them.
    percentile_95
        Of the nets' differences, each relative to Icarus.
    """

    nets: int
    settled: int
    wrong: int
    ours: int
    icarus: int
    percentile_95: float

    @property
    def toggles_off(self) -> float:
        """Difference of all transitions, relative to Icarus."""
        return self.ours / self.icarus - 1

    @property
    def glitches_off(self) -> float:
        """The same of glitches alone."""
        return (self.ours - self.settled) / max(self.icarus - self.settled, 1) - 1


def cross_check(replay: Replay, batch: Batch, folder: Path) -> CrossCheck:
    """Compare the transitions of the first accumulations of a batch; files go to ``folder``."""
    words = replay.sources(batch)
    activity = simulate(replay.timed.gates, words, lanes=1)
    nets = np.array(sorted(set(replay.timed.bits.values()) - replay.timed.clocks))
    still, moving = (
        count_toggles(replay.module, replay.timed, words, folder, delays=delays)[nets]
        for delays in (False, True)
    )
    ours, settled = activity.toggles[nets], activity.settled[nets]
    off = np.abs(ours - moving) / np.maximum(moving, 1)
    return CrossCheck(
        nets=len(nets),
        settled=int(still.sum()),
        wrong=int((settled != still).sum()),
        ours=int(ours.sum()),
        icarus=int(moving.sum()),
        percentile_95=float(np.percentile(off, 95)),
    )

"""How often each net of a design toggles, in a simulation without delays."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from macsmith.netlist.zero_delay import GateEngine, Words

Counts = NDArray[np.int64]


class ToggleCounter:
    """Counts the toggles of every net of an engine's design, over all lanes together.

    Call ``sample`` once a cycle, before the clock edge; the nets then hold what they settle at.
    Glitches within a cycle are not seen. A gated clock toggles twice where it pulses. The clock
    itself is not counted: it toggles twice a cycle in every lane.

        counter = ToggleCounter(engine)
        for value in values:
            engine.set("a", value)
            counter.sample()
            engine.tick()
        rates = counter.counts / counter.transitions

    Members
    -------
    counts:
        Toggles of each row of the netlist.
    transitions:
        Lanes times pairs of successive cycles; a net that changes in each cycle toggles as often.
    """

    def __init__(self, engine: GateEngine) -> None:
        self.engine = engine
        self.counts: Counts = np.zeros(engine.netlist.rows, dtype=np.int64)
        self.transitions = 0
        lanes = np.arange(64 * -(-engine.lanes // 64)) < engine.lanes
        self._lanes: Words = np.packbits(lanes, bitorder="little").view("<u8")
        self._before: Words | None = None

    def sample(self) -> None:
        """Count what has changed since the sample before; the first sample counts nothing."""
        now, before = self.engine.rows() & self._lanes, self._before
        if before is not None:
            pulses = self.engine.netlist.pulses
            self.counts += _ones(now ^ before)
            self.counts[pulses] += 2 * _ones(before[pulses]) - _ones((now ^ before)[pulses])
            self.transitions += self.engine.lanes
        self._before = now


def _ones(rows: Words) -> Counts:
    return np.bitwise_count(rows).sum(axis=1, dtype=np.int64)


def count_toggles(
    engine: GateEngine, inputs: Mapping[str, Sequence[ArrayLike]], skip: int = 0
) -> ToggleCounter:
    """Run a design from reset on a stream of inputs and return the counted toggles.

    Parameters
    ----------
    inputs:
        For each input port its values by cycle, each as `GateEngine.set` takes it.
    skip:
        Cycles before the first that counts.
    """
    engine.reset(engine.lanes)
    counter = ToggleCounter(engine)
    for cycle, values in enumerate(zip(*inputs.values(), strict=True)):
        for name, value in zip(inputs, values, strict=True):
            engine.set(name, value)
        if cycle >= skip:
            counter.sample()
        engine.tick()
    return counter

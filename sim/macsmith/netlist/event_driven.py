"""Event-driven simulation of gates with delays: every transition counted, glitches included.

A design is cells without memory between nets; what a register or a clock does to its net, the
caller says cycle by cycle. A cell reacts to the inputs that change at an instant with the shortest
of their delays, which depend on the input and on the state of all of them. Delays are inertial, as
in Verilog: an output has one pending transition at most, and when its cell changes its mind before
that comes, it never comes. Each cycle goes on until nothing is pending.

Tables over a cell of n pins have n 2^n entries, ``pin << n | row``, with bit k of ``row`` the value
of pin k; a cell's outputs follow one another.
"""

import ctypes
import hashlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from macsmith.host import cxx
from macsmith.host.kept_files import kept_library

Numbers = NDArray[np.int32]
Counts = NDArray[np.int64]
Words = NDArray[np.uint64]

_SOURCE = Path(__file__).with_name("event_driven.cc")
_POINTER = ctypes.c_void_p


@dataclass(frozen=True)
class TimedGates:
    """Cells and nets as arrays, in an order in which no cell reads a later one.

    Members
    -------
    nets
        Number of nets; net 1 is always 1, and net 0 is 0.
    pin_net, pin_start
        Net of each pin, and the first pin of each cell and one past the last.
    out_net, out_start
        The same for outputs.
    truth
        For each output in turn its 2^n values.
    delay
        For each output in turn its n 2^n delays: of a transition that a change of ``pin`` causes,
        ``row`` being the state after it.
    source_net
        Nets that no cell drives.
    source_rise, source_fall
        When such a net rises and falls in a cycle. A net that pulses rises and falls in one cycle.
    source_pulses
        Whether it pulses.
    """

    nets: int
    pin_net: Numbers
    pin_start: Numbers
    out_net: Numbers
    out_start: Numbers
    truth: NDArray[np.uint8]
    delay: Numbers
    source_net: Numbers
    source_rise: Numbers
    source_fall: Numbers
    source_pulses: NDArray[np.uint8]

    @property
    def cells(self) -> int:
        """Number of cells."""
        return len(self.pin_start) - 1


@dataclass
class Activity:
    """What was counted, over all lanes and cycles but the first of each lane.

    Members
    -------
    cycles
        Cycles times lanes.
    toggles, settled
        Transitions of each net; and without glitches, from one cycle's end to the next.
    high
        Cycles that end with the net at 1.
    out_events
        For each output in turn: transitions by pin and row, as in `TimedGates.delay`.
    pin_events
        For each cell in turn: transitions of each pin by the row before, other pins included.
    rows
        For each cell in turn: cycles that end in each row.
    """

    gates: TimedGates
    cycles: int = 0
    toggles: Counts = field(init=False)
    settled: Counts = field(init=False)
    high: Counts = field(init=False)
    out_events: Counts = field(init=False)
    pin_events: Counts = field(init=False)
    rows: Counts = field(init=False)

    def __post_init__(self) -> None:
        gates = self.gates
        pins = np.diff(gates.pin_start).astype(np.int64)
        self.toggles, self.settled, self.high = np.zeros((3, gates.nets), dtype=np.int64)
        self.out_events = np.zeros(len(gates.delay), dtype=np.int64)
        self.pin_events = np.zeros((pins << pins).sum(), dtype=np.int64)
        self.rows = np.zeros((1 << pins).sum(), dtype=np.int64)


def simulate(gates: TimedGates, sources: Words, lanes: int) -> Activity:
    """Run ``lanes`` copies through the cycles of ``sources`` and count transitions.

    Parameters
    ----------
    sources
        Shape (cycles, sources, words), bit k of word w of lane 64 w + k: the value that each source
        takes in the cycle, or whether it pulses. In the first cycle the nets have settled already.

    Raises
    ------
    RuntimeError
        If the C++ compiler fails.
    """
    activity = Activity(gates, (len(sources) - 1) * lanes)
    sources = np.ascontiguousarray(sources, dtype=np.uint64)
    columns = [
        gates.pin_net, gates.pin_start, gates.out_net, gates.out_start, gates.truth, gates.delay,
        gates.source_net, gates.source_rise, gates.source_fall, gates.source_pulses, sources,
    ]  # fmt: skip
    counts = [
        activity.toggles, activity.settled, activity.high,
        activity.out_events, activity.pin_events, activity.rows,
    ]  # fmt: skip
    shape = [gates.nets, gates.cells, len(gates.source_net), len(sources), sources.shape[2], lanes]
    _library().simulate(
        (ctypes.c_int64 * len(shape))(*shape),
        (_POINTER * len(columns))(*(column.ctypes.data for column in columns)),
        (_POINTER * len(counts))(*(count.ctypes.data for count in counts)),
    )
    return activity


@cache
def _library() -> ctypes.CDLL:
    source = _SOURCE.read_bytes()

    def build(folder: Path) -> Path:
        (folder / "event_driven.cc").write_bytes(source)
        return cxx.shared_library(folder / "event_driven.cc", "-O2")

    library = kept_library(f"timed-{hashlib.sha256(source).hexdigest()[:32]}.so", build)
    library.simulate.restype = None
    return library

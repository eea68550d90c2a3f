"""Timed toggles, worked by hand."""

import numpy as np
import pytest

from macsmith.host import cxx
from macsmith.netlist.event_driven import Activity, TimedGates, simulate

pytestmark = pytest.mark.skipif(not cxx.available(), reason="needs a C++ compiler")


def hazard(late: int, slow: int) -> TimedGates:
    """``y = a ^ b`` in ``slow``, where b follows a after ``late``; nets a, b, y are 2, 3, 4.

    A delay of the exclusive or is one more if b causes it, and two more if it falls.
    """
    buffer = [late, late]
    by_a = [slow + 2, slow, slow, slow + 2]
    by_b = [delay + 1 for delay in by_a]
    return TimedGates(
        nets=5,
        pin_net=np.array([2, 2, 3], np.int32),
        pin_start=np.array([0, 1, 3], np.int32),
        out_net=np.array([3, 4], np.int32),
        out_start=np.array([0, 1, 2], np.int32),
        truth=np.array([0, 1, 0, 1, 1, 0], np.uint8),
        delay=np.array(buffer + by_a + by_b, np.int32),
        source_net=np.array([2], np.int32),
        source_rise=np.array([7], np.int32),
        source_fall=np.array([3], np.int32),
        source_pulses=np.array([0], np.uint8),
    )


def run(gates: TimedGates, values: list[int]) -> Activity:
    """Run two lanes, the second with the complement of the first's values."""
    words = np.array([value | (1 - value) << 1 for value in values], np.uint64)
    return simulate(gates, words.reshape(-1, 1, 1), lanes=2)


def test_a_glitch_comes_through() -> None:
    activity = run(hazard(late=10, slow=9), [0, 1, 0])
    assert activity.cycles == 4
    assert activity.toggles[2:].tolist() == [4, 4, 8]
    assert activity.settled[2:].tolist() == [4, 4, 0]
    assert activity.high[2:].tolist() == [2, 2, 0]


def test_a_short_glitch_does_not() -> None:
    # The second edge of the glitch reaches the gate at the very instant at which the first leaves.
    assert run(hazard(late=9, slow=10), [0, 1, 0]).toggles[2:].tolist() == [4, 4, 0]
    assert run(hazard(late=10, slow=10), [0, 1, 0]).toggles[4] in (0, 8)


def test_events_name_cause_and_state() -> None:
    activity = run(hazard(late=10, slow=9), [0, 1, 0])
    # Of y: a alone moves it up, b alone down again; rows are those behind the cause.
    by_a, by_b = activity.out_events[2:].reshape(2, 4).tolist()
    assert by_a == [0, 2, 2, 0]
    assert by_b == [2, 0, 0, 2]
    # At the pins of y, rows are those before.
    assert activity.pin_events[2:].reshape(2, 4).tolist() == [[2, 0, 0, 2], [0, 2, 2, 0]]
    assert activity.rows[2:].tolist() == [2, 0, 0, 2]


def test_both_pins_at_once_are_no_glitch() -> None:
    assert run(hazard(late=0, slow=9), [0, 1, 1, 0]).toggles[2:].tolist() == [4, 4, 0]


def test_a_clock_pulses_within_a_cycle() -> None:
    gates = hazard(late=10, slow=9)
    pulsing = TimedGates(**{**vars(gates), "source_pulses": np.array([1], np.uint8),
                            "source_rise": np.array([0], np.int32),
                            "source_fall": np.array([50], np.int32)})  # fmt: skip
    activity = run(pulsing, [0, 1, 1, 0])
    # Lane 0 pulses in two of three cycles, lane 1 in one; each pulse has two glitches behind it.
    assert activity.toggles[2:].tolist() == [6, 6, 12]
    assert activity.settled[2:].tolist() == [0, 0, 0]

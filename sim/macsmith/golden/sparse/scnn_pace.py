"""In which cycle a PE of the grid is done with a group: vectors a cycle, and conflicts of banks."""

from dataclasses import dataclass

import numpy as np

from macsmith.host.int64s import Int64s

TO_CROSSBAR = 4
"""Cycles from that in which a pair of vectors is given to that in which its products wait."""


@dataclass(frozen=True)
class Pace:
    """What a group costs a PE; cycles count from that in which the group starts.

    Members
    -------
    idle:
        The first cycle in which the PE has nothing to do.
    slots:
        Cycles in which a pair of vectors is given, or a channel without one passes.
    conflicts:
        Cycles in which products found no room in their bank's queue.
    """

    idle: int
    slots: int
    conflicts: int


def pace(loads: list[Int64s | None], banks: int, ports: int, queue: int) -> Pace:
    """Return the pace of a group.

    Each cycle a bank takes as many of the products that wait as find room in its queue, ``ports``
    at the most, and one leaves the queue. Pairs move on when all products have been taken.

    Parameters
    ----------
    loads:
        Of each slot how many products each bank gets, shape (banks,); None if it has no pair.
    """
    held = np.zeros(banks, np.int64)
    # The first two cycles read where channels end.
    now = 2 + TO_CROSSBAR
    conflicts = late = 0
    last_pop = last_wait = -1
    for number, load in enumerate(loads):
        if number == len(loads) - TO_CROSSBAR:
            # What waits from here on no longer stops the last channel.
            late = conflicts
        waiting = np.zeros(banks, np.int64) if load is None else load
        while True:
            if load is not None:
                last_wait = now
            if held.any():
                last_pop = now
            taken = np.minimum(waiting, np.minimum(ports, queue - held))
            held = held - (held > 0) + taken
            waiting = waiting - taken
            now += 1
            if not waiting.any():
                break
            conflicts += 1
    if held.any():
        last_pop = now + int(held.max()) - 1
    walked = 1 + len(loads) + late
    return Pace(max(walked + 1, last_wait + 1, last_pop + 2), len(loads), conflicts)

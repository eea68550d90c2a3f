"""Which nets of a netlist can act on which: cones of influence, by structure alone."""

import numpy as np
from numpy.typing import NDArray

from macsmith.netlist.gate_netlist import GateNetlist

Rows = NDArray[np.intp] | int
Mask = NDArray[np.bool_]
"""For each row of a netlist whether it belongs to a set of nets."""


def fan_in(netlist: GateNetlist, rows: Rows) -> Mask:
    """Return the nets on which ``rows`` depend within a cycle, themselves included."""
    reached = _mask(netlist, rows)
    for group in reversed(netlist.groups):
        reached[group.inputs[:, reached[group.rows]]] = True
    return reached


def fan_out(netlist: GateNetlist, rows: Rows) -> Mask:
    """Return the nets that depend on ``rows`` sooner or later, through registers too."""
    reached = _mask(netlist, rows)
    before = 0
    while before < (now := int(reached.sum())):
        before = now
        for group in netlist.groups:
            reached[group.rows] |= reached[group.inputs].any(axis=0)
        reached[netlist.state] |= reached[netlist.next_state] | reached[netlist.clocks]
    return reached


def _mask(netlist: GateNetlist, rows: Rows) -> Mask:
    mask = np.zeros(netlist.rows, dtype=bool)
    mask[rows] = True
    return mask

"""A clock tree before there is one, modelled: buffers of the library between a clock and its pins.

A buffer, the technology's driving cell, drives `FANOUT` pins or buffers. So the tree of ``n`` pins
has ``n / FANOUT + n / FANOUT^2 + ... = n / (FANOUT - 1)`` of them, and each pin pays for its share.
A buffer switches when the pins do: behind a clock gate, only while that is open. Pins and their
wires are the netlist's own and not counted here.
"""

import numpy as np

from macsmith.energy.power_arcs import leakage_nw, output_rules
from macsmith.library.technology import Technology

FANOUT = 16
"""Pins of a buffer."""

_SETTLED = 20
"""Buffers in a row after which slews are those of any buffer in the tree."""


def pulse_fj(tech: Technology, pin_ff: float) -> float:
    """Return the energy of a clock pulse for each pin, of pins with a capacitance of ``pin_ff``.

    It is the share of a buffer: what its tables state of both edges, and C V^2 of its own input
    and of the wire to it.
    """
    cell, tables = tech.library.cells[tech.driver], tech.library.tables
    (source,), (output,) = cell.inputs, cell.outputs
    wire_ff = 0.0
    if model := tech.wires.model:
        wire_ff = model.ff_per_length * model.length(FANOUT)
    load = np.full(1, FANOUT * pin_ff + wire_ff)
    slew = np.zeros(1)
    for _ in range(_SETTLED):
        slew = max(
            tables.lookup(np.array([arc.tables[name]]), slew, load)
            for arc in cell.arcs
            for name in ("rise_transition", "fall_transition")
            if arc.pin == output and name in arc.tables
        )
    internal = sum(
        float(tables.lookup(np.array([rule.table]), slew, load)[0])
        for rule in output_rules(cell, (source,), output)
    )
    own = cell.pins[source].mean_ff + wire_ff / FANOUT
    return (internal + own * tech.library.voltage**2) / (FANOUT - 1)


def pin_leakage_nw(tech: Technology) -> float:
    """Return the leakage of a tree for each of its pins."""
    cell = tech.library.cells[tech.driver]
    return float(leakage_nw(cell, cell.inputs).mean()) / (FANOUT - 1)

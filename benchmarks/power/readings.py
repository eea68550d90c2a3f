"""How OpenSTA reads a library and an activity where we read them otherwise, one by one.

Both see one activity, one set of slews and loads without wires, and one library. `energies` gives
what a cell takes in a mean cycle in our reading, and with any of OpenSTA's `Reading` instead; with
all of them it is what OpenSTA 3.1 counts.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import product
from math import prod

import numpy as np

from benchmarks.power.cell_view import EDGES, CellView
from macsmith.energy.power_arcs import claims, leakage_nw
from macsmith.library import boolean
from macsmith.library.cell_library import Array, Power
from macsmith.library.truth_table import columns
from macsmith.timing.timing_graph import FALL, RISE


class Reading(Enum):
    """What OpenSTA does; the value says it in a few words.

    Members
    -------
    CAPACITANCE
        A net has its larger capacitance at both edges. A net falls as often as it rises, so the
        mean is right.
    RAILS
        Energies that a library states of the ground pin add to those of the supply pin. What
        leaves through ground has come from the supply, and is stated twice.
    BESIDE
        A group of an input without a condition counts at all times. Liberty has it for what no
        condition covers.
    COMPLEMENT
        A condition that names both outputs of a flip-flop has the product of their probabilities:
        a quarter instead of a half. One is the other's complement.
    CLOCK_GATE
        A clock gate is in a state by the product of its pins' probabilities, and moves its output
        in any. It moves it while enabled.
    CAUSES
        An output's transitions are those of its inputs by how often each moves and, by the
        probabilities of the others, would move it; conditions of its groups are not looked at, and
        edges of an input and the output are paired by the first arc. We count what caused each.
    STATES
        Elsewhere too a state has the product of the pins' probabilities. We count the states.
    GENERAL
        What the states leave to the rest of the time by those probabilities, which is some where a
        condition names the output beside the inputs, leaks as the cell does as a whole; not at all
        if only a group without a condition says how.
    """

    CAPACITANCE = "larger capacitance"
    RAILS = "both rails"
    BESIDE = "unconditional beside conditional"
    COMPLEMENT = "P(Q) P(QN)"
    CLOCK_GATE = "state of clock gates"
    CAUSES = "causes by probability"
    STATES = "states by probability"
    GENERAL = "unconditional leakage"


Readings = Collection[Reading]


@dataclass(frozen=True)
class Energies:
    """What a cell takes in a mean cycle, in fJ; leakage in nW, as no period is known here."""

    switching: float
    internal: float
    leakage_nw: float


def energies(cell: CellView, readings: Readings, volts: float) -> Energies:
    """Return what a cell takes at a supply."""
    switched = sum(
        cell.nets[pin].toggles * _load(cell, pin, readings).mean() for pin in cell.cell.outputs
    )
    internal = _internal(cell, readings)
    if cell.ground and Reading.RAILS in readings:
        internal += _internal(cell.ground, readings)
    return Energies(switched * volts**2 / 2, internal, _leakage_nw(cell, readings))


def probability(cell: CellView, condition: str) -> float:
    """Return the probability of a condition whose pins are independent of each other."""
    names = boolean.names(condition)
    total = 0.0
    for values in product((0, 1), repeat=len(names)):
        if boolean.evaluate(condition, dict(zip(names, values, strict=True)), 1):
            duties = (cell.nets[name].duty for name in names)
            total += prod(
                duty if value else 1 - duty for duty, value in zip(duties, values, strict=True)
            )
    return total


def sensitised(cell: CellView, output: str, pin: str) -> float:
    """Return the probability that a change of a pin moves an output, pins being independent."""
    inputs = cell.cell.inputs
    others = [name for name in inputs if name != pin]
    total = 0.0
    for values in product((0, 1), repeat=len(others)):
        known = dict(zip(others, values, strict=True))
        function = cell.cell.pins[output].function or ""
        low, high = (boolean.evaluate(function, {**known, pin: at}, 1) for at in (0, 1))
        if low != high:
            duties = (cell.nets[name].duty for name in others)
            total += prod(
                duty if value else 1 - duty for duty, value in zip(duties, values, strict=True)
            )
    return total


def _internal(cell: CellView, readings: Readings) -> float:
    return sum(_of_inputs(cell, readings)) + sum(_of_outputs(cell, readings))


def _load(cell: CellView, output: str, readings: Readings) -> Array:
    load = cell.nets[output].load_ff
    return np.full(2, load.max()) if Reading.CAPACITANCE in readings else load


def _by_probability(cell: CellView, readings: Readings) -> bool:
    of_gate = bool(cell.cell.clock_gate) and Reading.CLOCK_GATE in readings
    return of_gate or Reading.STATES in readings


def _of_inputs(cell: CellView, readings: Readings) -> Iterator[float]:
    """Yield the energy of each group and edge of the inputs in fJ."""
    for place, pin in enumerate(cell.pins):
        groups = [power for power in cell.cell.power if power.pin == pin]
        if pin not in cell.cell.inputs:
            continue
        net = cell.nets[pin]
        for power, rows in claims(cell.cell, groups, cell.pins):
            for edge in EDGES:
                if power.when is None and Reading.BESIDE in readings:
                    moved = net.toggles / 2
                elif power.when is not None and _by_probability(cell, readings):
                    moved = _hidden(cell, pin, power.when) * net.toggles / 2
                else:
                    fits = rows & (columns(len(cell.pins))[place] == (edge == FALL))
                    moved = float(cell.before[place] @ (fits * _weights(cell, power, readings)))
                yield moved * cell.energy(power, edge, net.slew_ns[edge], 0.0)


def _hidden(cell: CellView, pin: str, condition: str) -> float:
    """Return the share of an input's transitions at which a condition is taken to hold.

    Where it names an output that the input can move, OpenSTA takes how often it moves it.
    """
    named = next((name for name in boolean.names(condition) if name in cell.cell.outputs), None)
    function = cell.cell.pins[named].function if named else None
    if named and function and pin in boolean.names(function):
        return sensitised(cell, named, pin)
    return probability(cell, condition)


def _weights(cell: CellView, power: Power, readings: Readings) -> Array:
    """Return a factor for each row."""
    ones = np.ones(1 << len(cell.pins))
    named = set(boolean.names(power.when or "")) & set(cell.cell.outputs)
    if cell.cell.sequential != "ff" or len(named) < 2 or Reading.COMPLEMENT not in readings:
        return ones
    duty = cell.nets[min(named)].duty
    return np.where(cell.value(min(named)), duty, 1 - duty)


def _of_outputs(cell: CellView, readings: Readings) -> Iterator[float]:
    """Yield energies of the groups of the outputs in fJ."""
    for output in cell.cell.outputs:
        load = _load(cell, output, readings)
        stateful = cell.clock is not None
        if _by_probability(cell, readings) if stateful else Reading.CAUSES in readings:
            yield from _shared(cell, output, load)
        elif stateful:
            yield from _of_state(cell, output, load)
        else:
            yield from _of_gate(cell, output, load)


def _of_gate(cell: CellView, output: str, load: Array) -> Iterator[float]:
    after = cell.value(output)
    for place, pin in enumerate(cell.pins):
        groups = [p for p in cell.cell.power if p.pin == output and p.related in (pin, None)]
        moved = columns(len(cell.pins))[place]
        for power, rows in claims(cell.cell, groups, cell.pins):
            for cause in EDGES:
                for edge in EDGES:
                    fits = rows & (moved == (cause == RISE)) & (after == (edge == RISE))
                    slew = cell.nets[pin].slew_ns[cause]
                    if count := float(cell.caused[output][place, fits].sum()):
                        yield count * cell.energy(power, edge, slew, load[edge])


def _of_state(cell: CellView, output: str, load: Array) -> Iterator[float]:
    after = ~cell.value(output)
    groups = [p for p in cell.cell.power if p.pin == output and p.related in (cell.clock, None)]
    for power, rows in claims(cell.cell, groups, cell.pins):
        for edge in EDGES:
            count = float(cell.before[-1, rows & (after == (edge == RISE))].sum())
            yield count * cell.energy(power, edge, 0.0, load[edge])


def _shared(cell: CellView, output: str, load: Array) -> Iterator[float]:
    """Yield the energies of an output whose transitions are shared among its groups."""
    groups = [p for p in cell.cell.power if p.pin == output and p.related]
    shares = [cell.nets[p.related or ""].toggles * _moves(cell, output, p) for p in groups]
    for power, share in zip(groups, shares, strict=True):
        if share:
            slew = cell.nets[power.related or ""].slew_ns
            paired = slew if _rises_alike(cell, power.related or "", output) else slew[::-1]
            each = [cell.energy(power, edge, paired[edge], load[edge]) for edge in EDGES]
            yield cell.nets[output].toggles * share / sum(shares) * sum(each) / 2


def _moves(cell: CellView, output: str, power: Power) -> float:
    """Return the probability that a group's related pin moves the output."""
    function = cell.cell.pins[output].function
    if cell.clock is None and function and power.related in boolean.names(function):
        return sensitised(cell, output, power.related)
    return 0.5 if power.when is None else probability(cell, power.when)


def _rises_alike(cell: CellView, pin: str, output: str) -> bool:
    arcs = (arc for arc in cell.cell.arcs if (arc.related, arc.pin) == (pin, output))
    first = next(arcs, None)
    return first is None or first.sense != "negative_unate"


def _leakage_nw(cell: CellView, readings: Readings) -> float:
    if Reading.STATES not in readings:
        return float(leakage_nw(cell.cell, cell.pins) @ cell.rests)
    conditional = [leak for leak in cell.cell.leakage if leak.when is not None]
    chances = [probability(cell, leak.when or "") for leak in conditional]
    counts = cell.has_general or not conditional or Reading.GENERAL not in readings
    rest = sum(leak.nw for leak in cell.cell.leakage if leak.when is None) if counts else 0.0
    given = sum(leak.nw * chance for leak, chance in zip(conditional, chances, strict=True))
    return given + rest * (1 - sum(chances))

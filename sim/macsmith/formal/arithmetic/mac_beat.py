"""One beat through a MAC unit, from any state: the cycles from its transfer to its result.

Every register holds anything when the beat comes, and every later input is free, but that the
receiver is ready. So what is shown of one beat holds for all of them.
"""

from dataclasses import dataclass, field
from typing import Any

from macsmith.contract.stream import POINT
from macsmith.formal.network.adder_names import adder_cells
from macsmith.formal.network.bit_network import FALSE, TRUE, VARIABLE, Network, Step, Word
from macsmith.formal.network.cuts import free_bits
from macsmith.formal.network.linear_sums import AdderCell
from macsmith.netlist.gate_netlist import GateNetlist

ACCUMULATOR = "core.acc"
"""The net of a MAC unit that holds the accumulators of all rows."""


@dataclass
class Beat:
    """What a network holds of a beat.

    Members
    -------
    payload:
        The beat as it comes in; the mode's index is fixed, or free where it does not count.
    old:
        The accumulators' slots before, as one word in the order of the result.
    result:
        The output payload when the beat's result is due.
    valid, last:
        Whether the output is valid then, and whether the beat ended its accumulation.
    cuts:
        Registers between that depend on the operands alone: a free bit's place, and what it
        stands for.
    """

    network: Network
    payload: Word
    old: Word
    result: Word
    valid: int
    last: int
    cuts: dict[int, int] = field(default_factory=dict)
    cells: list[AdderCell] = field(default_factory=list)

    @property
    def operands(self) -> set[int]:
        """Places of the bits that the operands alone decide."""
        return {literal >> 1 for literal in self.payload} - {0} | self.cuts.keys()


def beats_of(spec: Any, design: GateNetlist, point: int) -> tuple[Beat, Beat]:
    """Return a beat in a mode, as the first of its accumulation and as a later one.

    Both are in one network and have the same operands. Only the first has a mode; a later one
    may hold anything there.
    """
    network = Network()
    layout = spec.inputs(spec.points[point])["i"]
    later = network.variables(layout.width)
    first = list(later)
    for steering in layout.fields:
        if steering.role == POINT:
            for bit in range(steering.bits):
                first[steering.offset + bit] = point >> bit & 1
    cuts: dict[int, int] = {}
    # A first beat is cut where a later one is: where no old accumulator has entered.
    other = _run(network, spec, design, point, later, False, cuts)
    return _run(network, spec, design, point, first, True, cuts), other


def _run(
    network: Network, spec: Any, design: GateNetlist, point: int, payload: Word, first: bool,
    cuts: dict[int, int],
) -> Beat:  # fmt: skip
    mode = spec.points[point]
    layout = spec.inputs(mode)["i"]
    operands = {literal >> 1 for literal in payload} - {0}
    known = {literal: 2 * place for place, literal in cuts.items()}
    state = network.variables(len(design.next_state))
    _set(design, state, "fresh", int(first))
    _set(design, state, "mode_held", point)
    flowing = {"o__ready": [TRUE], "rst": [FALSE]}
    step = Step(
        network, design, {"i__valid": [TRUE], "i__payload": payload, **flowing}, state,
        {"accept": TRUE},
    )  # fmt: skip
    beat = Beat(network, payload, [], [], FALSE, payload[layout["last"].offset], cuts)
    for cycle in range(1, spec.latency(mode) + 1):
        state = list(step.following)
        for index, literal in enumerate(state):
            if network.kinds[literal >> 1] == VARIABLE:
                continue
            support = free_bits(network, [literal])
            if support <= operands:
                if literal not in known and not first:
                    known[literal] = network.variable()
                    cuts[known[literal] >> 1] = literal
                state[index] = known.get(literal, literal)
                operands.add(state[index] >> 1)
            elif cycle <= spec.stages and not support & operands:
                # What the beat has not touched yet may be anything.
                state[index] = network.variable()
        step = Step(network, design, flowing, state)
        beat.cells += adder_cells(step)
        if cycle == spec.stages:
            accumulators = step.word(ACCUMULATOR)
            beat.old = [accumulators[bit] for bit in spec.acc_source(mode)]
    beat.result, beat.valid = step.word("o__payload"), step.bit("o__valid")
    return beat


def _set(design: GateNetlist, state: Word, name: str, value: int) -> None:
    """Fix a register; that of a mode is absent where there is one alone."""
    for bit, row in enumerate(design.nets[name].tolist() if name in design.nets else ()):
        if row in range(design.state.start, design.state.stop):
            state[row - design.state.start] = value >> bit & 1

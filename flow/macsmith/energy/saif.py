"""Activity as SAIF, the interchange format of power tools.

Ports and nets of the netlist, and every pin of its cells, tied and open ones too: a reader takes
what it is not told for half and half. Names are as OpenSTA looks for them: it takes no escape in an
instance's name but those of brackets, and no name that begins with $, as Amaranth gives it to a
signal that has none; pins tell what such nets do. Transitions (TC) include glitches. Times at 0 and
1 are those of the settled values, and half of a cycle each for a clock that runs.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import chain

from macsmith.energy.netlist_to_delays import is_inverted
from macsmith.energy.timed_netlist import TimedCell, TimedNetlist
from macsmith.netlist.event_driven import Activity
from macsmith.synthesis.mapped_netlist import Bit, Module

_PS = 1e3


def to_saif(
    module: Module, top: str, timed: TimedNetlist, activity: Activity, period_ns: float
) -> str:
    """Return the activity of a netlist whose top module is ``top``."""
    states = _States(timed, activity, round(period_ns * _PS))
    nets = {
        name: states.of_bit(bit)
        for name, bit in chain(_port_bits(module), _named_bits(module))
        if bit in timed.bits or isinstance(bit, str)
    }
    lines = [
        '(SAIFILE (SAIFVERSION "2.0") (DIRECTION "backward") (PROGRAM_NAME "macsmith")',
        f"(DIVIDER /) (TIMESCALE 1 ps) (DURATION {states.duration})",
        f"(INSTANCE {top}",
        *_nets(nets),
    ]
    for cell in timed.cells:
        pins = dict(states.of_pins(cell))
        lines += [f"(INSTANCE {_escaped(cell.instance.name)}", *_nets(pins), ")"]
    return "\n".join([*lines, "))", ""])


class _States:
    """What SAIF says of each net of a simulation; ``duration`` is in ps."""

    def __init__(self, timed: TimedNetlist, activity: Activity, period: int) -> None:
        self._timed, self._activity, self._period = timed, activity, period
        self.duration = period * activity.cycles

    def of_bit(self, bit: Bit) -> str:
        """Return what it says of a net of the netlist; of a constant as the simulation has it."""
        return self._of_net(self._timed.bits[bit] if isinstance(bit, int) else int(bit == "1"))

    def of_pins(self, cell: TimedCell) -> Iterator[tuple[str, str]]:
        """Yield the pins of a cell, and what it says of each."""
        nets = {**dict(zip(cell.pins, cell.pin_nets, strict=True)),
                **dict(zip(cell.outputs, cell.out_nets, strict=True))}  # fmt: skip
        for pin in (*cell.cell.inputs, *cell.cell.outputs):
            if pin in nets:
                yield pin, self._of_net(nets[pin])
            else:  # of a flip-flop, whose state is its last pin
                yield pin, self._of_net(cell.pin_nets[-1], is_inverted(cell.cell, pin))

    def _of_net(self, net: int, inverted: bool = False) -> str:
        toggles = int(self._activity.toggles[net])
        high = int(self._activity.high[net]) * self._period
        if net in self._timed.clocks:
            high = toggles // 2 * self._period // 2
        if inverted:
            high = self.duration - high
        return f"(T0 {self.duration - high}) (T1 {high}) (TX 0) (TC {toggles}) (IG 0)"


def _port_bits(module: Module) -> Iterator[tuple[str, Bit]]:
    """Yield the ports bit by bit; several may share a net."""
    for name, bits in chain(module.inputs.items(), module.outputs.items()):
        for place, bit in enumerate(bits):
            yield (f"{name}[{place}]" if len(bits) > 1 else name), bit


def _named_bits(module: Module) -> Iterator[tuple[str, Bit]]:
    """Yield the nets that have a name of their own."""
    for bit, name in module.net_names.items():
        if isinstance(bit, int) and not name.lstrip("\\").startswith("$"):
            yield name, bit


def _nets(states: Mapping[str, str]) -> Iterator[str]:
    yield "(NET"
    for name, state in states.items():
        yield f"({_escaped(name)} {state})"
    yield ")"


def _escaped(name: str) -> str:
    """Return a name with a backslash before brackets and whatever else SAIF gives a meaning."""
    return re.sub(r"([^\w.$])", r"\\\1", name)

"""Activity as SAIF, the interchange format of power tools.

Nets of the netlist, and the pins of its cells, as OpenSTA looks for them: it takes no escape in an
instance's name but those of brackets, and no name that begins with $, as Amaranth gives it to a
signal that has none; pins tell what such nets do. Transitions (TC) include glitches. Times at 0 and
1 are those of the settled values, and half of a cycle each for a clock that runs.
"""

import re
from collections.abc import Iterator

from macsmith.energy.timed_netlist import TimedNetlist
from macsmith.netlist.event_driven import Activity
from macsmith.synthesis.mapped_netlist import Module

_PS = 1e3


def to_saif(
    module: Module, top: str, timed: TimedNetlist, activity: Activity, period_ns: float
) -> str:
    """Return the activity of a netlist whose top module is ``top``."""
    period = round(period_ns * _PS)
    states = dict(_states(timed, activity, period))
    nets = {
        name: states[timed.bits[bit]]
        for bit, name in module.net_names.items()
        if bit in timed.bits and not name.lstrip("\\").startswith("$")
    }
    lines = [
        '(SAIFILE (SAIFVERSION "2.0") (DIRECTION "backward") (PROGRAM_NAME "macsmith")',
        f"(DIVIDER /) (TIMESCALE 1 ps) (DURATION {period * activity.cycles})",
        f"(INSTANCE {top}",
        *_nets(nets),
    ]
    for instance in module.instances:
        pins = {
            pin: states[timed.bits[bit]]
            for pin, bit in instance.pins.items()
            if isinstance(bit, int) and bit in timed.bits
        }
        lines += [f"(INSTANCE {_escaped(instance.name)}", *_nets(pins), ")"]
    return "\n".join([*lines, "))", ""])


def _states(timed: TimedNetlist, activity: Activity, period: int) -> Iterator[tuple[int, str]]:
    """Yield each net and what SAIF says of it."""
    for net in range(timed.gates.nets):
        toggles = int(activity.toggles[net])
        high = int(activity.high[net]) * period
        if net in timed.clocks:
            high = toggles // 2 * period // 2
        low = period * activity.cycles - high
        yield net, f"(T0 {low}) (T1 {high}) (TX 0) (TC {toggles}) (IG 0)"


def _nets(states: dict[str, str]) -> Iterator[str]:
    yield "(NET"
    for name, state in states.items():
        yield f"({_escaped(name)} {state})"
    yield ")"


def _escaped(name: str) -> str:
    """Return a name with a backslash before brackets and whatever else SAIF gives a meaning."""
    return re.sub(r"([^\w.$])", r"\\\1", name)

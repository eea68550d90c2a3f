"""A unit with what watches it, as one design: the emitted RTLIL, never a description of it anew."""

import re
from typing import Any

from amaranth import ClockSignal, Elaboratable, Instance, Module, ResetSignal, Signal, Value
from amaranth.back import rtlil
from amaranth.lib.wiring import In

from macsmith.formal.network.rtl_gates import gates_of
from macsmith.netlist.gate_netlist import GateNetlist

BROKEN, ASSUMED, REACHED = "broken__", "assumed__", "reached__"
"""Prefixes of the ports that tell of a rule that it is broken, or kept, or of a state its name."""


class Watched(Elaboratable):
    """A unit by its module's name, all its ports those of the whole, and rules beside it.

    Parameters
    ----------
    component:
        The unit; only its ports are looked at.
    module:
        The name of its module in the emitted RTLIL.

    Members
    -------
    ports:
        What the ports of the unit carry, by their names in the RTLIL.
    texts:
        What the ports of rules claim, assume, or tell.
    """

    def __init__(self, component: Any, module: str = "unit") -> None:
        self.module = module
        self.ports: dict[str, Signal] = {}
        self.inputs: set[str] = set()
        for path, member, value in component.signature.flatten(component):
            name = "__".join(map(str, path))
            self.ports[name] = Signal(Value.cast(value).shape(), name=name)
            if member.flow is In:
                self.inputs.add(name)
        self.m = Module()
        self.outputs: dict[str, Signal] = {}
        self.texts: dict[str, str] = {}

    def free(self, name: str) -> Signal:
        """Return a bit that may hold anything in each cycle."""
        signal = self.outputs[name] = Signal(name=name)
        return signal

    def broken(self, rule: str, when: Value) -> None:
        """Claim that ``when`` is never up."""
        self._tell(BROKEN, rule, when)

    def assume(self, what: str, holds: Value) -> None:
        """Take for granted that ``holds`` is always up: what surrounds the unit sees to that."""
        self._tell(ASSUMED, what, holds)

    def reached(self, what: str, when: Value) -> None:
        """Claim that ``when`` can come up: that what surrounds the unit leaves it its work."""
        self._tell(REACHED, what, when)

    def _tell(self, kind: str, text: str, value: Value) -> None:
        port = kind + re.sub(r"\W+", "_", text)
        self.outputs[port] = Signal(name=port)
        self.texts[port] = text
        self.m.d.comb += self.outputs[port].eq(value)

    def elaborate(self, platform: object) -> Module:
        connections: dict[str, Value] = {
            f"{'i' if name in self.inputs else 'o'}_{name}": signal
            for name, signal in self.ports.items()
            if len(signal)
        }
        connections |= {"i_clk": ClockSignal(), "i_rst": ResetSignal()}
        self.m.submodules.watched = Instance(self.module, **connections)
        return self.m

    def gates(self, unit: str) -> GateNetlist:
        """Return the whole as gates.

        Parameters
        ----------
        unit:
            RTLIL of the unit.
        """
        whole = rtlil.convert(
            self,
            name="watched_whole",
            ports=[*(s for s in self.ports.values() if len(s)), *self.outputs.values()],
            emit_src=False,
        )
        return gates_of(f"{whole}\n{unit}", "watched_whole")

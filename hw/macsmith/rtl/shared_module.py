"""Modules that are written once and instantiated by name.

A component with ``parts``, a mapping from module names to components, instantiates them with
`instance`; `macsmith.rtl.emit` writes each of them once. Parts of parts come after what holds them.
"""

from amaranth import ClockSignal, Instance, ResetSignal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In


def instance(
    module: str, component: wiring.Component, rst: Value | None = None, **ports: Value
) -> Instance:
    """Return an instance of a module with the ports of ``component``.

    Those that are not given are connected to the component's own signals, ``rst`` to that of the
    clock domain; one that is not ``clocked`` has no ports for these.
    """
    members = component.signature.members
    own = {name: Value.cast(getattr(component, name)) for name in members if name not in ports}
    connected = {
        f"{'i' if members[name].flow is In else 'o'}_{name}": value
        for name, value in (own | ports).items()
    }
    if getattr(component, "clocked", True):
        connected |= {"i_clk": ClockSignal(), "i_rst": ResetSignal() if rst is None else rst}
    return Instance(module, **connected)

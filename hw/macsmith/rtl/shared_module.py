"""Modules that emission writes once and instantiates by name, and that are submodules elsewhere.

An array of equal PEs is one PE module with many instances in the Verilog that `macsmith.rtl.emit`
writes: that elaborates a design for a platform `Emission`, for which each `NamedModule` is an
instance without a body. For any other platform, so in Amaranth's simulator and in a user's own
design, it elaborates into a body of its own.

A component with ``parts``, a mapping from module names to components, instantiates them with
`instance`; `macsmith.rtl.emit` writes each of them once. Parts of parts come after what holds them.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from amaranth import ClockSignal, Elaboratable, Instance, ResetInserter, ResetSignal, Value
from amaranth.hdl import Fragment
from amaranth.lib import wiring
from amaranth.lib.wiring import Flow, In


class Emission:
    """The platform of `macsmith.rtl.emit`: modules by name, and what another platform offers.

    Parameters
    ----------
    beside:
        Whose attributes it has, such as `macsmith.rtl.external_memory.WithoutMemories`.
    """

    def __init__(self, beside: object = None) -> None:
        self.beside = beside

    def __getattr__(self, name: str) -> Any:
        return getattr(self.beside, name)


def by_name(platform: object) -> bool:
    """Return whether modules are instantiated by name, their bodies written elsewhere."""
    return isinstance(platform, Emission)


class NamedModule(Elaboratable):
    """A module that is instantiated by name in emission, and has a body elsewhere.

    Parameters
    ----------
    module:
        Its name in emission.
    connections:
        What its ports are connected to, as `Instance` takes them: ``i_act``, ``o_acc``.
    body:
        Elaborates its logic between these values for a platform.
    """

    def __init__(
        self,
        module: str,
        connections: Mapping[str, Value],
        body: Callable[[object], Elaboratable | Fragment],
    ) -> None:
        self.module, self.connections, self.body = module, connections, body

    def elaborate(self, platform: object) -> Elaboratable | Fragment:
        if by_name(platform):
            return Instance(self.module, **self.connections)
        return self.body(platform)


def connections(
    component: wiring.Component, ports: Mapping[str, Value], clear: Value | None = None
) -> dict[str, Value]:
    """Return the ports of ``component``, connected to values, as `Instance` takes them.

    A line of a stream is named ``i__payload``, as in emission.
    Clock and reset are those of `sync`; a component that is not ``clocked`` has no ports for them.
    """
    flows = {name: flow for name, (flow, _) in flat_ports(component).items()}
    connected = {
        f"{'i' if flows[name] is In else 'o'}_{name}": Value.cast(value)
        for name, value in ports.items()
    }
    if getattr(component, "clocked", True):
        reset = ResetSignal() if clear is None else ResetSignal() | clear
        connected |= {"i_clk": ClockSignal(), "i_rst": reset}
    return connected


def flat_ports(component: wiring.Component) -> dict[str, tuple[Flow, Value]]:
    """Return the ports of a component by their names in emission: their flow and their signal."""
    return {
        "__".join(map(str, path)): (member.flow, Value.cast(value))
        for path, member, value in component.signature.flatten(component)
    }


def instance(
    module: str, component: wiring.Component, clear: Value | None = None, **ports: Value
) -> NamedModule:
    """Return an instance of a component, which may have many, with all its ports connected.

    Elsewhere than in emission the component elaborates anew for each of them, with ports of that
    instance. So what it keeps from one elaboration to the next, and adds as a submodule, must be
    added by `instance` too; Amaranth refuses it otherwise.

    Parameters
    ----------
    module:
        Its name in emission, also in ``parts``.
    clear:
        What resets the instance beside the reset of `sync`.
    """

    def body(platform: object) -> Fragment:
        with _ports_anew(component):
            logic = component if clear is None else ResetInserter(clear)(component)
            fragment = Fragment.get(logic, platform)
            # Amaranth takes an elaboratable into a design once; the instance stands for it here.
            fragment.origins = None
            inner = flat_ports(component)
            for name, value in ports.items():
                (flow, port), outer = inner[name], Value.cast(value)
                fragment.add_statements("comb", port.eq(outer) if flow is In else outer.eq(port))
        return fragment

    return NamedModule(module, connections(component, ports, clear), body)


@contextmanager
def _ports_anew(component: wiring.Component) -> Iterator[None]:
    """Give a component other ports for a while.

    It makes all its other signals while it elaborates, so that nothing ties what it elaborates
    with these ports to what it elaborates with others.
    """
    members = component.signature.members
    kept = {name: getattr(component, name) for name in members}
    vars(component).update(members.create())
    try:
        yield
    finally:
        vars(component).update(kept)

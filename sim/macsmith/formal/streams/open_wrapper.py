"""A wrapper around any unit that keeps its own rules: assume of it what is proved of it alone.

A unit's rules are proved of the unit where what it is offered is held. So two steps show those of
its wrapper, whatever the unit is made of, and neither stands on the other:

1. What the wrapper offers to the unit is held, whatever the unit gives.
2. The rules hold at the wrapper's ports, if the unit keeps its own at its ports.
"""

from typing import Any

from amaranth import Module, Signal, Value
from amaranth.back import rtlil
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.formal.streams.harness import Watched
from macsmith.formal.streams.stream_claims import StreamClaims
from macsmith.formal.streams.stream_rules import StreamRules
from macsmith.rtl.axi_stream_wrapper import AxiStreamWrapper
from macsmith.rtl.shared_module import flat_ports

UNIT = "unit's"
"""How the text of what concerns the unit begins."""


class Hollow(wiring.Component):
    """The ports of a unit without the unit: signals outside carry what they do, by their names."""

    def __init__(self, unit: wiring.Component) -> None:
        super().__init__(unit.signature)
        self.outside = {
            name: Signal(len(port), name=f"{name}_outside")
            for name, (_, port) in flat_ports(self).items()
        }

    def elaborate(self, platform: object) -> Module:
        m = Module()
        for name, (flow, port) in flat_ports(self).items():
            outside = self.outside[name]
            m.d.comb += port.eq(outside) if flow is Out else outside.eq(port)
        return m


class OpenWrapper(wiring.Component):
    """A wrapper without its unit: the ports of the unit's streams are ports of its own.

    Parameters
    ----------
    whole:
        The wrapper with its unit.
    spec:
        The unit's specification.
    """

    def __init__(self, whole: AxiStreamWrapper, spec: Any) -> None:
        self.hollow = Hollow(whole.unit)
        self.wrapper = type(whole)(self.hollow, spec)
        self.inputs, self.outputs = self.wrapper.inputs, self.wrapper.outputs
        self._shared = flat_ports(self.wrapper)
        self._opened = {
            name: In if flow is Out else Out
            for name, (flow, _) in flat_ports(self.hollow).items()
            if name not in self._shared
        }
        opened = {name: way(len(self.hollow.outside[name])) for name, way in self._opened.items()}
        super().__init__({**dict(self.wrapper.signature.members.items()), **opened})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.wrapper = self.wrapper
        own = flat_ports(self)
        for name, (flow, port) in self._shared.items():
            m.d.comb += port.eq(own[name][1]) if flow is In else own[name][1].eq(port)
        for name, way in self._opened.items():
            outside = self.hollow.outside[name]
            m.d.comb += outside.eq(own[name][1]) if way is In else own[name][1].eq(outside)
        return m


class Within:
    """Stands for a unit's `Watched` in its open wrapper: its rules are told the other way round.

    Parameters
    ----------
    whole:
        The open wrapper, watched.
    kept:
        Whether the unit keeps its rules; else what it takes for granted is claimed.
    """

    def __init__(self, whole: Watched, *, kept: bool) -> None:
        self.whole, self.kept = whole, kept
        self.ports, self.m, self.inputs = whole.ports, whole.m, whole.inputs

    def broken(self, rule: str, when: Value) -> None:
        """Take for granted that the unit keeps a rule."""
        if self.kept:
            self.whole.assume(f"{UNIT} {rule}", ~when)

    def assume(self, what: str, holds: Value) -> None:
        """Claim what the unit takes for granted, or, once that is shown, take it so too."""
        if self.kept:
            self.whole.assume(f"{UNIT} {what}", holds)
        else:
            self.whole.broken(f"{UNIT} {what}", ~holds)

    def reached(self, what: str, when: Value) -> None:
        """Say nothing: it is claimed of the unit."""

    def free(self, name: str) -> Signal:
        """Return a bit that may hold anything in each cycle."""
        return self.whole.free(f"unit_{name}")


class Around(StreamClaims):
    """Rules at the ports of a wrapper around any unit.

    Parameters
    ----------
    outer:
        The rules at the ports of an `OpenWrapper`, not watched yet.
    inner:
        The rules at the unit's.
    kept:
        Whether the unit keeps them, as in the second step; else the first one's claims begin with
        `UNIT`.
    """

    seconds = 60

    def __init__(self, outer: StreamRules, inner: type[StreamRules], *, kept: bool) -> None:
        component: OpenWrapper = outer.component
        inner(outer.spec, component.hollow, Within(outer.watched, kept=kept)).watch()
        super().__init__(outer, rtlil.convert(component, name="unit", emit_src=False))

    @property
    def offered(self) -> list[str]:
        """The rules of the first step: that what is offered to the unit is held."""
        texts = self.model.texts
        return [rule for rule in self.model.rules if texts[rule].startswith(UNIT)]

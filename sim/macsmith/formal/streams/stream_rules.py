"""The rules of streams, as hardware that watches a unit: what any unit with streams must keep."""

from typing import Any

from amaranth import Cat, Const, Signal, Value
from amaranth.lib.wiring import In

from macsmith.contract.stream import LAST
from macsmith.formal.streams.harness import Watched


class StreamRules:
    """Watches a unit whose output stream gives a result for each packet that came in.

    Parameters
    ----------
    spec:
        The unit.
    component:
        Its component, for the ports.
    watched:
        Where the rules are told, if not of the component alone.
    """

    def __init__(self, spec: Any, component: Any, watched: Any = None) -> None:
        self.spec, self.component = spec, component
        self.watched: Watched = Watched(component) if watched is None else watched
        self.streams = self.channels()
        self.owed = Signal(range(self.most_owed + 2), name="owed")

    # What a family may state of itself.

    @property
    def most_owed(self) -> int:
        """Results that may be under way, at most."""
        return max(self.spec.latency(point) for point in self.spec.points) + 1

    @property
    def most_wait(self) -> int:
        """Cycles until a result is valid while some are owed, whether it is taken or not."""
        return max(self.spec.latency(point) for point in self.spec.points)

    @property
    def most_idle(self) -> int:
        """Cycles without a transfer while every input is offered and no output waits."""
        return max(self.spec.latency(point) + self.spec.cycles(point) for point in self.spec.points)

    def promised(self) -> Value:
        """Return how many results the transfers of this cycle promise."""
        layout = next(iter(self.spec.inputs(self.spec.points[0]).items()))
        name, fields = layout
        ends: Value = Const(1, 1)
        for field in fields.fields:
            if field.role == LAST:
                ends = self.payload(name)[field.offset]
        return self.transfer(name) & ends

    def ends(self, output: str) -> Value:
        """Return whether a result ends with what an output offers."""
        return Const(1, 1)

    def channels(self) -> dict[str, bool]:
        """Return the streams by name, and whether each comes in."""
        return {
            name: member.flow is In
            for name, member in self.component.signature.members.items()
            if member.is_signature and "payload" in member.signature.members
        }

    def dropped(self) -> Value:
        """Return whether what is under way has been given up on purpose, beside by a reset."""
        return Const(0, 1)

    def excused(self) -> Value:
        """Return whether what is owed may wait for what another stream has not brought."""
        return Const(0, 1)

    # What rules are written with.

    def valid(self, name: str) -> Signal:
        """Return whether a stream offers something."""
        return self.watched.ports[f"{name}__valid"]

    def ready(self, name: str) -> Signal:
        """Return whether that is taken."""
        return self.watched.ports[f"{name}__ready"]

    def payload(self, name: str) -> Value:
        """Return what a stream offers."""
        return Value.cast(self.watched.ports[f"{name}__payload"])

    def offered(self, name: str) -> list[str]:
        """Return the ports of what a stream offers."""
        return [f"{name}__valid", f"{name}__payload"]

    def field(self, name: str, field: str) -> Value:
        """Return a field of a payload."""
        layout = self.component.signature.members[name].signature.members["payload"].shape
        place = layout[field]
        return self.payload(name)[place.offset : place.offset + place.width]

    def transfer(self, name: str) -> Value:
        """Return whether a stream moves in this cycle."""
        return self.valid(name) & self.ready(name)

    @property
    def inputs(self) -> list[str]:
        return [name for name, inward in self.streams.items() if inward]

    @property
    def outputs(self) -> list[str]:
        return [name for name, inward in self.streams.items() if not inward]

    def watch(self) -> Watched:
        """Return the unit with all its rules."""
        for name, inward in self.streams.items():
            self._held(name, claimed=not inward and self.claims_held, assumed=inward)
        self.rules()
        for name in self.outputs:
            self.watched.reached(f"{name} moves", self.transfer(name))
        return self.watched

    def rules(self) -> None:
        """Claim what is kept beside that offers are held."""
        self._counted()
        self._moving()
        self.more()

    def more(self) -> None:
        """Claim what a family keeps besides."""

    claims_held = True
    """Whether it is claimed that outputs are held."""

    def _held(self, name: str, *, claimed: bool, assumed: bool) -> None:
        """Valid is held until it is taken, and the payload with it."""
        m, watched = self.watched.m, self.watched
        waits = Signal(name=f"{name}_waits")
        before = Signal(len(self.payload(name)), name=f"{name}_before", reset_less=True)
        m.d.sync += [
            waits.eq(self.valid(name) & ~self.ready(name)), before.eq(self.payload(name)),
        ]  # fmt: skip
        offered = waits & ~self.dropped()
        fell = offered & ~self.valid(name)
        changed = offered & self.valid(name) & (self.payload(name) != before)
        if assumed:
            watched.assume(f"{name} valid held", ~fell)
            watched.assume(f"{name} payload stable", ~changed)
        if claimed:
            watched.broken(f"{name} valid held", fell)
            watched.broken(f"{name} payload stable", changed)

    def _counted(self) -> None:
        """Each result is promised, and each promise kept, whether results are taken or not."""
        m, (output,), owed = self.watched.m, self.outputs, self.owed
        ends = self.ends(output)
        m.d.sync += owed.eq(owed + self.promised() - (self.transfer(output) & ends))
        waited = Signal(range(self.most_wait + 2), name="waited")
        with m.If((owed == 0) | self.valid(output) | self.excused()):
            m.d.sync += waited.eq(0)
        with m.Elif(waited <= self.most_wait):
            m.d.sync += waited.eq(waited + 1)
        self.watched.broken(f"{output} none invented", self.valid(output) & ends & (owed == 0))
        self.watched.broken(f"{output} none lost", waited > self.most_wait)
        self.watched.broken(f"{output} in flight bounded", owed > self.most_owed)

    def _moving(self) -> None:
        """Something moves within a bound while all inputs are offered and no output waits.

        Whether somebody is ready for what is not there yet makes no difference.
        """
        m = self.watched.m
        still = Signal(range(self.most_idle + 2), name="still")
        offered = Cat(self.valid(name) for name in self.inputs).all()
        taken = Cat(self.ready(name) | ~self.valid(name) for name in self.outputs).all()
        moves = Cat(self.transfer(name) for name in self.streams).any()
        with m.If(~(offered & taken) | moves):
            m.d.sync += still.eq(0)
        with m.Elif(still <= self.most_idle):
            m.d.sync += still.eq(still + 1)
        self.watched.broken("no deadlock", still > self.most_idle)

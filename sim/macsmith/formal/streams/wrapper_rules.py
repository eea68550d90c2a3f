"""The rules of a unit's streams at the ports of its AXI4-Stream wrapper."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

from amaranth import Cat, Const, Signal, Value

from macsmith.contract.axi_stream import AXI_STREAM, Beat, axi_name
from macsmith.formal.claim import FAILED, INDUCTION, PROVED, Claim, Finding, Subject
from macsmith.formal.network.bit_network import Network, Step
from macsmith.formal.streams.open_wrapper import Around, OpenWrapper
from macsmith.formal.streams.stream_claims import StreamClaims, StreamProver
from macsmith.formal.streams.stream_rules import StreamRules


class WrapperRules(StreamRules):
    """What stands before the rules of a family, see `wrapped`, so that they are those of AXI.

    A wrapper takes a beat of each stream before the unit does, which counts as under way, and
    waits as long as the unit waits for it.
    """

    of_unit: type[StreamRules]
    """The rules of the unit in the wrapper."""

    @property
    def most_owed(self) -> int:
        return 2 * super().most_owed

    @property
    def most_wait(self) -> int:
        # Until the unit takes a beat, in that cycle, and from then on.
        return super().most_idle + 1 + super().most_wait

    @property
    def most_idle(self) -> int:
        return super().most_idle + 1

    def excused(self) -> Value:
        # A beat of one stream is taken before that of another is there.
        several = len(self.inputs) > 1
        lacking = ~Cat(self.valid(name) for name in self.inputs).all() if several else Const(0, 1)
        return super().excused() | lacking

    def channels(self) -> dict[str, bool]:
        return dict.fromkeys(self.component.inputs, True) | dict.fromkeys(
            self.component.outputs, False
        )

    def valid(self, name: str) -> Signal:
        return self._line(name, "tvalid")

    def ready(self, name: str) -> Signal:
        return self._line(name, "tready")

    def payload(self, name: str) -> Value:
        beat, tdata = self._beat(name), self._line(name, "tdata")
        found = {part.field.offset: tdata[part.at :][: part.bits] for part in beat.parts}
        if beat.last is not None:
            found[beat.last] = self._line(name, "tlast")
        return Cat(found[offset] for offset in sorted(found))

    def offered(self, name: str) -> list[str]:
        last = [] if self._beat(name).last is None else ["tlast"]
        return [f"{self._prefix(name)}_{line}" for line in ("tvalid", "tdata", *last)]

    def field(self, name: str, field: str) -> Value:
        point = self.spec.points[0]
        found = {**self.spec.inputs(point), **self.spec.outputs(point)}[name][field]
        return self.payload(name)[found.offset :][: found.width]

    def _beat(self, name: str) -> Beat:
        found: Beat = {**self.component.inputs, **self.component.outputs}[name]
        return found

    def _prefix(self, name: str) -> str:
        return axi_name(name, inward=name in self.component.inputs)

    def _line(self, name: str, line: str) -> Signal:
        return self.watched.ports[f"{self._prefix(name)}_{line}"]


class WrapperClaims(StreamClaims):
    """Those rules, and that no gate leads from an input to an output.

    A rule is decided of the wrapper around any unit first, and if that does not end, of both.
    """

    def decide(self, rule: str) -> Finding:
        """See `StreamClaims.decide`."""
        found = self._around.for_all_times(rule) if self._around else None
        if found is None or found.verdict != INDUCTION:
            return super().decide(rule)
        return replace(found, solver=f"{found.solver}, around any unit that keeps its rules")

    @cached_property
    def _around(self) -> Around | None:
        """The wrapper around any unit; None if it does not hold what it offers to the unit."""
        rules, spec = type(self.rules), self.rules.spec
        first, second = (
            Around(rules(spec, OpenWrapper(self.rules.component, spec)), rules.of_unit, kept=kept)
            for kept in (False, True)
        )
        return second if first.model.inductive(first.offered, 1) == first.offered else None

    def claims(self) -> Iterator[Claim]:
        """Yield the rules, and a claim for each output."""
        yield from super().claims()
        yield from self.registered()

    def registered(self) -> Iterator[Claim]:
        """Yield for each stream the claim that no gate leads from an input to what it gives."""
        for name, inward in self.rules.streams.items():
            given = [self.rules.ready(name).name] if inward else self.rules.offered(name)
            yield Claim(f"{name} without a path from an input", partial(self._no_path, given))

    def _no_path(self, given: list[str]) -> Finding:
        network = Network()
        step = Step(network, self.model.design, {})
        inputs = {bit >> 1: name for name in self.watched.inputs for bit in step.word(name)}
        for port in given:
            for bit in network.cone(step.word(port)) & inputs.keys():
                return Finding(
                    verdict=FAILED, solver="cone of gates",
                    counterexample=f"{port} depends on {inputs[bit]} within a cycle",
                )  # fmt: skip
        return Finding(verdict=PROVED, solver="cone of gates")


class WrapperProver(StreamProver):
    """Rules of the streams of a unit in its wrapper; its arithmetic is proved without one.

    Parameters
    ----------
    own:
        The unit's prover.
    """

    boundary = AXI_STREAM

    def __init__(self, own: StreamProver) -> None:
        super().__init__(own.name)
        self.own = own

    def subjects(self) -> Iterator[Subject]:
        """Yield the specifications of which the unit's own rules are proved."""
        for one in self.own.subjects():
            variant = f"{one.variant} {AXI_STREAM}".strip()
            yield replace(one, variant=variant, quick=False, boundary=AXI_STREAM)

    def claims(self, spec: Any) -> Iterator[Claim]:
        """Yield the rules of its streams where they are proved of the unit, and that of paths."""
        component, rtlil = self.emitted(spec)
        claims = WrapperClaims(wrapped(self.own.rules_of(spec))(spec, component), rtlil)
        yield from claims.claims() if self.own.proves_streams(spec) else claims.registered()


def wrapped(rules: type[StreamRules]) -> type[WrapperRules]:
    """Return the rules of a family at the ports of a wrapper."""
    return type(f"Wrapped{rules.__name__}", (WrapperRules, rules), {"of_unit": rules})

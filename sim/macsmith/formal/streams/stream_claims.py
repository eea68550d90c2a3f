"""What is claimed of the streams of a unit, and how it is decided."""

from collections.abc import Iterable, Iterator
from functools import cached_property, partial
from typing import Any

from macsmith.catalog.catalog import build
from macsmith.catalog.fingerprint import fingerprint_of
from macsmith.formal.claim import FAILED, INDUCTION, PROVED, Claim, Finding, Subject
from macsmith.formal.network.bit_network import Network, Step
from macsmith.formal.streams.harness import BROKEN, REACHED
from macsmith.formal.streams.model_checking import Model
from macsmith.formal.streams.stream_rules import StreamRules
from macsmith.rtl.emit import to_rtlil

DEEPEST_INDUCTION = 2
"""Cycles of the longest step that induction is tried with; invariants are looked for after it."""


class StreamClaims:
    """Rules of streams, each for all times.

    Parameters
    ----------
    rules:
        What watches the unit.
    rtlil:
        The unit, with top module ``unit``.
    depth:
        Cycles that are tried if no invariant is found.
    closes:
        Whether it pays to look for invariants.
    """

    seconds = 300
    """How long an invariant is looked for; those that we know of took 15 s at most."""

    def __init__(
        self, rules: StreamRules, rtlil: str, depth: int = 0, *, closes: bool = True
    ) -> None:
        self.rules, self.rtlil, self.closes = rules, rtlil, closes
        self.depth = depth or rules.most_wait + rules.most_idle + 8
        self.watched = rules.watch()

    @cached_property
    def model(self) -> Model:
        """The unit and its rules as gates."""
        shown = [name for name, port in self.watched.ports.items() if len(port)]
        return Model(self.watched.gates(self.rtlil), shown, self.watched.texts)

    def claims(self) -> Iterator[Claim]:
        """Yield a claim for each rule."""
        for name, text in self.model.texts.items():
            if name.startswith(BROKEN):
                yield Claim(text, partial(self.decide, name))
            if name.startswith(REACHED):
                yield Claim(f"reached: {text}", partial(self.reach, name))
        for output in self.rules.outputs if self.rules.claims_held else ():
            yield Claim(f"{output} valid without ready", partial(self.independent, output))

    def decide(self, rule: str) -> Finding:
        """Decide a rule: by induction, by an invariant, or else for runs of some depth."""
        found = self.for_all_times(rule)
        if found is None:
            return self.tried[rule]
        if found.verdict == INDUCTION:
            return found
        return self.model.bounded([rule], found.depth + 2)[rule]

    def for_all_times(self, rule: str) -> Finding | None:
        """Decide a rule by induction or by an invariant; None if neither ends."""
        if rule in self.inductive:
            return Finding(
                verdict=INDUCTION, solver=self.model.solver, depth=self.inductive[rule]
            )  # fmt: skip
        return self.model.reachable(rule, self.seconds) if self.closes else None

    @cached_property
    def inductive(self) -> dict[str, int]:
        """Rules that hold together by induction, and the cycles of its least step."""
        found: dict[str, int] = {}
        for depth in range(DEEPEST_INDUCTION + 1):
            for rule in self.model.inductive(self.model.rules, depth):
                found.setdefault(rule, depth)
        return found

    @cached_property
    def tried(self) -> dict[str, Finding]:
        """What is found of all other rules in runs of some depth."""
        left = [rule for rule in self.model.rules if rule not in self.inductive]
        return self.model.bounded(left, self.depth)

    def reach(self, port: str) -> Finding:
        """Decide whether a state can be reached within the depth of runs."""
        cycle = self.model.first(port, self.depth)
        if cycle is None:
            return Finding(
                verdict=FAILED, solver=self.model.solver, depth=self.depth,
                counterexample=f"it is not reached within {self.depth} cycles",
            )  # fmt: skip
        return Finding(verdict=PROVED, solver=self.model.solver, depth=cycle)

    def independent(self, output: str) -> Finding:
        """Decide whether no gate leads from an output's ready to its valid or payload."""
        network = Network()
        step = Step(network, self.model.design, {})
        ready = step.bit(self.rules.ready(output).name) >> 1
        for port in self.rules.offered(output):
            if ready in network.cone(step.word(port)):
                return Finding(
                    verdict=FAILED, solver="cone of gates",
                    counterexample=f"{port} depends on the output's ready within a cycle",
                )  # fmt: skip
        return Finding(verdict=PROVED, solver="cone of gates")


class StreamProver:
    """Rules of streams of any unit with one stream in and one out; see `Prover`."""

    boundary = "unit"
    """Where the unit is cut."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._emitted: tuple[Any, tuple[Any, str]] | None = None

    def subjects(self) -> Iterable[Subject]:
        """Return the default specification."""
        from macsmith.catalog.catalog import make_spec

        yield Subject(unit=self.name, spec=make_spec(self.name), quick=True)

    def fingerprint(self, spec: Any) -> str:
        """Return a short name of the unit's RTL."""
        return fingerprint_of(self.rtlil(spec))

    def rtlil(self, spec: Any) -> str:
        """Return the unit as RTLIL with top module ``unit``."""
        return self.emitted(spec)[1]

    def emitted(self, spec: Any) -> tuple[Any, str]:
        """Return the unit's component and its RTLIL; of one specification they are made once."""
        if self._emitted is None or self._emitted[0] is not spec:
            component = build(self.name, spec, self.boundary)
            self._emitted = spec, (component, to_rtlil(component, "unit"))
        return self._emitted[1]

    def rules_of(self, spec: Any) -> type[StreamRules]:
        """Return the rules of its streams."""
        return StreamRules

    def proves_streams(self, spec: Any) -> bool:
        """Return whether they are proved in any time."""
        return True

    def claims(self, spec: Any) -> Iterator[Claim]:
        """Yield the rules of its streams."""
        component, rtlil = self.emitted(spec)
        yield from StreamClaims(self.rules_of(spec)(spec, component), rtlil).claims()

    def quick_claims(self, spec: Any) -> Iterator[Claim]:
        """Yield those that every run of the tests decides: here all."""
        yield from self.claims(spec)


class PatientProver(StreamProver):
    """The same of units whose rules take minutes: of a small specification, not in every test."""

    def subjects(self) -> Iterable[Subject]:
        """Return the specification that mutants are made of."""
        from macsmith.catalog.catalog import lookup, make_spec

        parameters = lookup(self.name).spec.mutated()[("", "default")]
        yield Subject(unit=self.name, spec=make_spec(self.name, parameters), quick=False)

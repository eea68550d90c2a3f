"""What is claimed of the streams of a unit, and how it is decided."""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from typing import Any

from macsmith.catalog.catalog import build
from macsmith.formal.bit_network import Network, Step
from macsmith.formal.claim import FAILED, INDUCTION, PROVED, Claim, Finding, Subject
from macsmith.formal.harness import BROKEN
from macsmith.formal.model_checking import Model
from macsmith.formal.stream_rules import StreamRules
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
    seconds:
        How long an invariant is looked for.
    depth:
        Cycles that are tried if none is found.
    """

    def __init__(self, rules: StreamRules, rtlil: str, seconds: int = 60, depth: int = 24) -> None:
        self.rules, self.rtlil, self.seconds, self.depth = rules, rtlil, seconds, depth
        self.watched = rules.watch()

    @cached_property
    def model(self) -> Model:
        """The unit and its rules as gates."""
        shown = [name for name, port in self.watched.ports.items() if len(port)]
        return Model(self.watched.gates(self.rtlil), shown)

    def claims(self) -> Iterator[Claim]:
        """Yield a claim for each rule."""
        for name in self.watched.outputs:
            if name.startswith(BROKEN):
                text = name.removeprefix(BROKEN).replace("_", " ")
                yield Claim(text, partial(self.decide, name))
        for output in self.rules.outputs:
            yield Claim(f"{output} valid without ready", partial(self.independent, output))

    def decide(self, rule: str) -> Finding:
        """Decide a rule: by induction, by an invariant, or else for runs of some depth."""
        for depth in range(DEEPEST_INDUCTION + 1):
            if self.model.induction([rule], depth):
                return Finding(verdict=INDUCTION, solver=self.model.solver, depth=depth)
        found = self.model.reachable([rule], self.seconds)
        if found is not None and found.verdict == INDUCTION:
            return found
        return self.model.bounded([rule], self.depth if found is None else found.depth + 2)

    def independent(self, output: str) -> Finding:
        """Decide whether no gate leads from an output's ready to its valid or payload."""
        network = Network()
        step = Step(network, self.model.design, {})
        ready = step.bit(f"{output}__ready") >> 1
        for port in ("valid", "payload"):
            if ready in network.cone(step.word(f"{output}__{port}")):
                return Finding(verdict=FAILED, solver="cone of gates",
                               counterexample=f"{output}.{port} depends on {output}.ready within "
                               "a cycle")  # fmt: skip
        return Finding(verdict=PROVED, solver="cone of gates")


class StreamProver:
    """Rules of streams of any unit with one stream in and one out; see `Prover`."""

    rules: Callable[[Any, Any], StreamRules] = staticmethod(StreamRules)

    def __init__(self, name: str) -> None:
        self.name = name

    def subjects(self) -> Iterable[Subject]:
        """Return the default specification."""
        from macsmith.catalog.catalog import make_spec

        yield Subject(unit=self.name, spec=make_spec(self.name), quick=True)

    def claims(self, spec: Any) -> Iterator[Claim]:
        """Yield the rules of its streams."""
        component = build(self.name, spec)
        rtlil = to_rtlil(component, "unit")
        yield from StreamClaims(self.rules(spec, component), rtlil).claims()

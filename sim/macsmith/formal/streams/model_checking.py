"""Rules of a watched design, for all times: induction, reachable states, or all runs to a depth.

Every run begins in any state whatever, with one cycle of reset: registers that no reset sets may
hold anything. So what is shown also holds after a reset in the middle of work.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version

from macsmith.formal.claim import BOUNDED, FAILED, INDUCTION, Finding
from macsmith.formal.network.aiger import to_aiger
from macsmith.formal.network.bit_network import FALSE, TRUE, Network, Step, Word
from macsmith.formal.network.sat import SOLVER, Sat
from macsmith.formal.streams.harness import ASSUMED, BROKEN
from macsmith.host.abc_runs import run_abc
from macsmith.host.plain_folder import plain_folder
from macsmith.netlist.gate_netlist import GateNetlist

PDR = f"ABC pdr, pyosys {version('pyosys')}"
"""Property-directed reachability: it finds an invariant, and checks that it is one."""

CYCLES_TOLD = 4
"""Cycles of a counterexample whose ports its sentence tells, words in the last one alone."""


class Model:
    """A watched design.

    Parameters
    ----------
    design:
        Its gates, with rules as output ports.
    shown:
        Ports that a counterexample tells.
    texts:
        What the ports of rules claim.
    """

    def __init__(self, design: GateNetlist, shown: Sequence[str], texts: Mapping[str, str]) -> None:
        self.design, self.shown, self.texts = design, shown, texts

    solver = SOLVER

    @property
    def rules(self) -> list[str]:
        """The rules that are claimed."""
        return [name for name in self.design.ports if name.startswith(BROKEN)]

    def initial(self, network: Network) -> Word:
        """Return the state after a cycle of reset in any state."""
        reset = Step(network, self.design, {"rst": [TRUE]}).following
        return [bit if bit in (FALSE, TRUE) else network.variable() for bit in reset]

    def step(self, network: Network, state: Sequence[int] | None) -> Step:
        """Return a cycle with free inputs."""
        return Step(network, self.design, {}, state)

    def assumed(self, step: Step) -> list[int]:
        """Return what is taken for granted in a cycle."""
        return [step.bit(name) for name in self.design.ports if name.startswith(ASSUMED)]

    def inductive(self, rules: Sequence[str], depth: int) -> list[str]:
        """Return those that hold together, for all times.

        None of them is broken in the first ``depth`` cycles after a reset, nor after ``depth``
        cycles of any run in which none of them was broken.
        """
        network = Network()
        sat = Sat(network)
        kept = list(rules)
        for step in self._cycles(sat, self.initial(network), depth):
            kept = [rule for rule in kept if not sat.possible([step.bit(rule)])]
        network = Network()
        sat = Sat(network)
        *before, last = self._cycles(sat, None, depth + 1)
        while True:
            whole = [step.bit(rule) ^ 1 for step in before for rule in kept]
            fallen = {rule for rule in kept if sat.possible([*whole, last.bit(rule)])}
            if not fallen:
                return kept
            kept = [rule for rule in kept if rule not in fallen]

    def first(self, port: str, depth: int) -> int | None:
        """Return after how many cycles a state can be reached, None if not within a depth."""
        network = Network()
        sat = Sat(network)
        for cycle, step in enumerate(self._cycles(sat, self.initial(network), depth)):
            if sat.possible([step.bit(port)]):
                return cycle
        return None

    def bounded(self, rules: Sequence[str], depth: int) -> dict[str, Finding]:
        """Try all runs of ``depth`` cycles after the reset; return what is found of each rule."""
        network = Network()
        sat = Sat(network)
        found: dict[str, Finding] = {}
        whole, steps = list(rules), list[Step]()
        for step in self._cycles(sat, self.initial(network), depth):
            steps.append(step)
            while whole and sat.possible([network.any(step.bit(rule) for rule in whole)]):
                for rule in [one for one in whole if sat.value(step.word(one))]:
                    whole.remove(rule)
                    found[rule] = Finding(
                        verdict=FAILED, solver=SOLVER, depth=len(steps) - 1,
                        counterexample=self._told(sat, steps, rule),
                    )  # fmt: skip
            for rule in whole:
                sat.tell(step.bit(rule) ^ 1)
        return found | {
            rule: Finding(verdict=BOUNDED, solver=SOLVER, depth=depth) for rule in whole
        }

    def _cycles(self, sat: Sat, state: Sequence[int] | None, count: int) -> Iterator[Step]:
        """Yield cycles from a state on, of which what is taken for granted is told."""
        for _ in range(count):
            step = self.step(sat.network, state)
            for assumed in self.assumed(step):
                sat.tell(assumed)
            yield step
            state = step.following

    def _told(self, sat: Sat, steps: Sequence[Step], rule: str) -> str:
        """Return a counterexample as a sentence: the ports in its last cycles."""
        cycles = [{name: sat.value(step.word(name)) for name in self.shown} for step in steps]
        wide = {name for name in self.shown if len(steps[0].word(name)) > 1}
        told = []
        for number, ports in list(enumerate(cycles, 1))[-CYCLES_TOLD:]:
            up = [name for name, value in ports.items() if value and name not in wide]
            if number == len(cycles):
                up += [f"{name} = {ports[name]:#x}" for name in self.shown
                       if name in wide and ports[name]]  # fmt: skip
            told.append(f"in cycle {number} {', '.join(up) or 'nothing'}")
        return (
            f"{self.texts[rule]} is broken {len(cycles)} cycles after a reset; up are "
            f"{'; '.join(told)}"
        )

    def reachable(self, rule: str, seconds: int) -> Finding | None:
        """Find whether a reachable state breaks a rule, by ABC's `pdr`; None if it finds no end."""
        network = Network()
        initial = self.initial(network)
        # Where a register may begin with anything, a free bit stands for it in the first cycle.
        later = network.variable()
        state = network.variables(len(initial))
        present = [
            bit if first in (FALSE, TRUE) else network.choose(network.variable(), bit, later)
            for bit, first in zip(state, initial, strict=True)
        ]
        kept = network.variable()
        step = self.step(network, present)
        holds = network.both(network.all(self.assumed(step)), kept)
        bad = network.both(step.bit(rule), holds)
        latches = [
            (later, TRUE, False), (kept, holds, True),
            *((bit, after, first == TRUE)
              for bit, after, first in zip(state, step.following, initial, strict=True)),
        ]  # fmt: skip
        with plain_folder() as folder:
            (folder / "model.aig").write_bytes(to_aiger(network, latches, bad))

            script = f"read_aiger model.aig; scleanup; pdr -T {seconds}"
            log = run_abc(script, folder) or ""
        if "Property proved" in log:
            frames = re.search(r"Invariant F\[(\d+)\]", log)
            return Finding(verdict=INDUCTION, solver=PDR, depth=int(frames[1]) if frames else 0)
        if found := re.search(r"asserted in frame (\d+)", log):
            return Finding(verdict=FAILED, solver=PDR, depth=int(found[1]))
        return None

"""Rules of a watched design, for all times: induction, reachable states, or all runs to a depth.

Every run begins in any state whatever, with one cycle of reset: registers that no reset sets may
hold anything. So what is shown also holds after a reset in the middle of work.
"""

import re
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from macsmith.formal.aiger import to_aiger
from macsmith.formal.bit_network import FALSE, TRUE, Network, Step, Word
from macsmith.formal.harness import ASSUMED, BROKEN
from macsmith.formal.sat import SOLVER, Sat
from macsmith.netlist.gate_netlist import GateNetlist


@dataclass(frozen=True)
class Outcome:
    """What was found of a rule.

    Members
    -------
    verdict:
        ``induction``, ``proved`` (no reachable state breaks it), ``bounded`` or ``failed``.
    depth:
        Cycles of the induction's step, of the runs that were tried, or of the counterexample.
    trace:
        Of a failure the ports' values, cycle by cycle; the first is that of reset.
    """

    verdict: str
    depth: int
    solver: str
    trace: tuple[dict[str, int], ...] = ()


class Model:
    """A watched design.

    Parameters
    ----------
    design:
        Its gates, with rules as output ports.
    shown:
        Ports that a counterexample tells.
    """

    def __init__(self, design: GateNetlist, shown: Sequence[str]) -> None:
        self.design, self.shown = design, shown

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

    def induction(self, rules: Sequence[str], depth: int) -> bool:
        """Return whether no state breaks one after ``depth`` cycles in which none was broken."""
        network = Network()
        sat, state = Sat(network), None
        for cycle in range(depth + 1):
            step = self.step(network, state)
            for assumed in self.assumed(step):
                sat.tell(assumed)
            broken = network.any(step.bit(rule) for rule in rules)
            if cycle == depth:
                return not sat.possible([broken])
            sat.tell(broken ^ 1)
            state = step.following
        return False

    def bounded(self, rules: Sequence[str], depth: int) -> Outcome:
        """Try all runs of ``depth`` cycles after the reset."""
        network = Network()
        sat, state = Sat(network), self.initial(network)
        steps: list[Step] = []
        for cycle in range(depth):
            step = self.step(network, state)
            steps.append(step)
            for assumed in self.assumed(step):
                sat.tell(assumed)
            broken = network.any(step.bit(rule) for rule in rules)
            if sat.possible([broken]):
                return Outcome("failed", cycle, SOLVER, self._trace(sat, steps))
            sat.tell(broken ^ 1)
            state = step.following
        return Outcome("bounded", depth, SOLVER)

    def _trace(self, sat: Sat, steps: Sequence[Step]) -> tuple[dict[str, int], ...]:
        return tuple({name: sat.value(step.word(name)) for name in self.shown} for step in steps)

    def reachable(self, rules: Sequence[str], seconds: int) -> Outcome | None:
        """Return whether a reachable state breaks one, by ABC's `pdr`; None if it finds no end."""
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
        bad = network.both(network.any(step.bit(rule) for rule in rules), holds)
        latches = [
            (later, TRUE, False), (kept, holds, True),
            *((bit, after, first == TRUE)
              for bit, after, first in zip(state, step.following, initial, strict=True)),
        ]  # fmt: skip
        with TemporaryDirectory() as folder:
            (Path(folder) / "model.aig").write_bytes(to_aiger(network, latches, bad))

            script = f"read_aiger model.aig; scleanup; pdr -T {seconds}"
            done = subprocess.run([abc(), "-c", script], cwd=folder, capture_output=True,
                                  text=True, check=False)  # fmt: skip
        log = done.stdout
        print(log[-800:], done.stderr[-300:])
        if "Property proved" in log:
            frames = re.search(r"F\s*=\s*(\d+)", log)
            return Outcome("proved", int(frames[1]) if frames else 0, "ABC pdr")
        if found := re.search(r"asserted in frame (\d+)", log):
            return Outcome("failed", int(found[1]), "ABC pdr")
        return None


def abc() -> str:
    """Return the ABC that comes with pyosys."""
    spec = find_spec("pyosys")
    assert spec is not None and spec.submodule_search_locations is not None
    return str(Path(spec.submodule_search_locations[0]) / "yosys-abc")

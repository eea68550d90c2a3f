"""All mutants of a unit, one after the other: checks first, proofs of what they leave alive."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from macsmith.catalog.catalog import lookup, make_spec
from macsmith.contract.unit import DEFAULT
from macsmith.mutation.equivalence import Prover
from macsmith.mutation.miter import Rules
from macsmith.mutation.mutants import Mutant, draw
from macsmith.mutation.score import ALIVE, EQUIVALENT, Fate, Score
from macsmith.mutation.trials import BENCH, BULK, SIMULATOR, Trials
from macsmith.verify.plan import Plan

QUICK_S, LONG_S = 20, 300
"""Seconds of a proof before the bench, which takes as long, and after it."""


@dataclass(frozen=True)
class Case:
    """A specification of a unit, and what sets it apart where several of the unit are tried."""

    unit: str
    spec: Any
    variant: str = ""

    @property
    def title(self) -> str:
        """The unit, and the variant if there is one."""
        return f"{self.unit} {self.variant}".strip()


def every_case(units: Iterable[str]) -> list[Case]:
    """Return the specifications of some units that have all of their hardware between them."""
    return [
        Case(
            unit,
            make_spec(unit, parameters),
            ", ".join(one for one in key if one and one != DEFAULT),
        )
        for unit in units
        for key, parameters in lookup(unit).spec.mutated().items()
    ]


def campaign(
    case: Case, count: int, seed: int, folder: Path,
    done: Callable[[Mutant, str], None] = lambda mutant, fate: None,
    plan: Plan | None = None,
) -> Score:  # fmt: skip
    """Return what becomes of a unit's mutants.

    Each goes through what ``macsmith verify`` runs until a check sees it. What the bulk layer
    leaves is compared with the unit for all inputs at all; what can be told apart or is not
    decided goes through the bench; what that leaves is compared for inputs that keep to the rules.

    Parameters
    ----------
    count:
        Mutants to draw, half of them of control.
    seed:
        Of the drawing.
    folder:
        Where tools work and leave logs; ``fates.jsonl`` has what is known so far.
    done:
        Called with each mutant and its fate, once it is known.
    plan:
        How thoroughly to check; that of ``macsmith verify`` if None.

    Raises
    ------
    RuntimeError
        If the unit without a fault fails its own checks.
    """
    name, spec = case.unit, case.spec
    drawn = draw(name, spec, count, seed, folder)
    plan = replace(plan or Plan((SIMULATOR,)), subject=drawn.subject)
    prover = Prover(spec, drawn.subject, folder / "proof")
    fates: dict[int, Fate] = {}
    log = folder / "fates.jsonl"
    log.write_text("")

    def end(mutant: Mutant, fate: str, reason: str) -> None:
        fates[mutant.number] = Fate(mutant, fate, reason)
        with log.open("a") as file:
            file.write(json.dumps(fates[mutant.number].to_json()) + "\n")
        done(mutant, fate)

    def check(trials: Trials, layer: str, mutants: Iterable[Mutant]) -> list[Mutant]:
        """Return the mutants that a layer leaves alive."""
        left = []
        for mutant in mutants:
            if caught := trials.caught_by(layer, mutant.number):
                end(mutant, layer, caught)
            else:
                left.append(mutant)
        return left

    def prove(mutants: Iterable[Mutant], rules: Rules, limit_s: int) -> list[tuple[Mutant, str]]:
        """Return the mutants that are not proved equivalent, and what is known of them."""
        left = []
        for mutant in mutants:
            answer = prover.compare(mutant.number, rules, limit_s)
            if answer.equivalent:
                end(mutant, EQUIVALENT, answer.reason)
            else:
                left.append((mutant, answer.reason))
        return left

    with Trials(name, spec, plan, folder / "bench") as trials:
        trials.check_unit(BULK)
        unknown = prove(check(trials, BULK, drawn.mutants), Rules(), QUICK_S)
        if unknown:
            trials.check_unit(BENCH)
        left = check(trials, BENCH, (mutant for mutant, _ in unknown))
    rules = Rules(streams=True, points=not spec.answers_any_point)
    for mutant, reason in prove(left, rules, LONG_S):
        end(mutant, ALIVE, reason)
    return Score(name, spec, case.variant, seed, tuple(fates[one.number] for one in drawn.mutants))

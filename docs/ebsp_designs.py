"""What docs/ebsp.md compares: designs, their smallest netlists, and energies by operands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from macsmith.catalog import make_spec
from macsmith.ebsp_weights.operands import NetworkWeights
from macsmith.energies import EnergyPlan, area_x_period
from macsmith.jobs import Job, Result, jobs_for, measured
from macsmith.measure import measure
from macsmith.modes import Mode
from macsmith.stimuli import Stimulus, Uniform
from macsmith.synth import Recipe
from macsmith.technology import Technology

ADDERS = [{"adder": adder, "compressor": kind} for adder in ("auto", "ripple")
          for kind in ("3:2", "4:2")]  # fmt: skip
"""What a multiplier's adders are tried as, with and without adder cells."""

ROWS = 16
"""Weights of a row that shares an activation."""

RIPPLING = ADDERS[2:]
"""The smallest of most units are among these."""


def whole_weights(bits: int) -> dict[str, Any]:
    """Return settings of a unit for activations of 8 bits and any weights of so many."""
    return {"weight_width": bits, "modes": (Mode(act_bits=8, weight_bits=bits),)}


@dataclass(frozen=True)
class Design:
    """A unit or a part of it, and the weights that networks give it."""

    label: str
    name: str
    settings: Mapping[str, Any]
    boundary: str
    weights: tuple[int, int | None] = (6, 3)

    def jobs(
        self, tech: Technology, adders: Sequence[Mapping[str, str]], recipes: Sequence[Recipe]
    ) -> list[Job]:
        """Return its netlists."""
        return [
            job
            for form in adders
            for job in jobs_for(
                {self.name: make_spec(self.name, {**self.settings, **form})},
                [self.boundary], recipes, tech,
            )
        ]  # fmt: skip


@dataclass
class Found:
    """A design's smallest netlist, its energies by operands, and the best of all its netlists.

    Areas and energies are those of a product; ``product`` is the least area x period of any
    netlist, ``fastest`` the least period; ``parts`` are what energies are spent on.
    """

    design: Design
    job: Job
    area: float
    result: Result
    product: float
    fastest: float
    pj: dict[str, float] = field(default_factory=dict)
    parts: dict[str, dict[str, float]] = field(default_factory=dict)


OPERANDS = ("random", "random, held", "digits", "digits, held", "letters", "letters, held")


def stimulus_of(operands: str, design: Design) -> Stimulus:
    """Return what `OPERANDS` are for a design."""
    task, held = operands.removesuffix(", held"), operands.endswith("held")
    return Uniform(held=held) if task == "random" else NetworkWeights(task, *design.weights, held)


def find(
    designs: Sequence[Design],
    tech: Technology,
    operands: Sequence[str] = (),
    adders: Sequence[Mapping[str, str]] = RIPPLING,
    recipes: Sequence[Recipe] = (Recipe.AREA,),
) -> list[Found]:
    """Measure designs and return their smallest netlists, with energies by operands."""
    jobs = [one.jobs(tech, adders, recipes) for one in designs]
    measure([job for mine in jobs for job in mine], tech)
    found = [found_of(one, mine, tech) for one, mine in zip(designs, jobs, strict=True)]
    for name in operands:
        by_stimulus: dict[Stimulus, list[Found]] = {}
        for one in found:
            by_stimulus.setdefault(stimulus_of(name, one.design), []).append(one)
        for stimulus, mine in by_stimulus.items():
            add_energies(mine, stimulus, name, tech)
    return found


def found_of(design: Design, jobs: Sequence[Job], tech: Technology) -> Found:
    """Return the smallest netlist of those that were measured."""
    results = {job: measured(job, tech) for job in jobs}
    job = min(results, key=lambda job: float(results[job]["area"]))
    rows, least = job.spec.rows, min(map(area_x_period, results.values()))
    fastest = min(float(result["period"]) for result in results.values())
    return Found(design, job, results[job]["area"] / rows, results[job], least / rows, fastest)


def add_energies(found: Sequence[Found], stimulus: Stimulus, name: str, tech: Technology) -> None:
    """Measure energies of netlists, to be found under a name."""
    plan = EnergyPlan(stimulus, tuple({one.design.boundary for one in found}), every_netlist=True)
    records = measure([one.job for one in found], tech, energy=plan)
    for one, record in zip(found, records, strict=True):
        one.pj[name], one.parts[name] = record["energy_pj_per_mac"], record["energy_parts"]

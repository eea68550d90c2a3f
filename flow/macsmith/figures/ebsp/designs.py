"""What docs/ebsp.md compares: designs, their netlists, and energies by operands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from macsmith.catalog.catalog import make_spec
from macsmith.contract.modes import Mode
from macsmith.contract.unit import UnitSpec
from macsmith.figures.docs_page import Row
from macsmith.jobs.area_delay_jobs import UNSIZED, curve_jobs
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import Job, Result, jobs_for, measured
from macsmith.library.technology import Technology
from macsmith.mac.ebsp.spec import LUTS
from macsmith.operands.ebsp_weights import LegalWeights, NetworkWeights
from macsmith.operands.stimulus import Stimulus, Uniform
from macsmith.records.energies import energy, energy_parts
from macsmith.synthesis.yosys_abc import CurveRecipe, Recipe

ADDERS = [{"adder": adder, "compressor": kind} for adder in ("auto", "ripple")
          for kind in ("3:2", "4:2")]  # fmt: skip
"""What a multiplier's adders are tried as, with and without adder cells."""

ROWS = 16
"""Weights of a row that shares an activation."""

RIPPLING = ADDERS[2:]
"""The smallest of most units are among these, and those of least energy."""


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
        self,
        tech: Technology,
        adders: Sequence[Mapping[str, str]] = RIPPLING,
        recipes: Sequence[Recipe | CurveRecipe] = UNSIZED,
    ) -> list[Job]:
        """Return its netlists."""
        return [
            job
            for form in adders
            for job in jobs_for(self._units(form), [self.boundary], recipes, tech)
        ]

    def curve(self, tech: Technology) -> list[Job]:
        """Return all that the generator tries, as with ``--curve``."""

        def areas(jobs: Sequence[Job]) -> list[Result]:
            measure(jobs, tech)
            return [measured(job, tech) for job in jobs]

        return [
            job
            for form in ADDERS
            for job in curve_jobs(self._units(form), [self.boundary], tech, areas)
        ]

    def _units(self, form: Mapping[str, str]) -> dict[str, UnitSpec]:
        return {self.name: make_spec(self.name, {**self.settings, **form})}


MULTIPLIER = Design("`data-gated` 8x6", "data-gated", whole_weights(6), "multiplier")

BY_LUT = {lut: Design(f"`ebsp` `lut={lut}`", "ebsp", {"lut": lut}, "multiplier") for lut in LUTS}

BANK = [
    MULTIPLIER,
    Design(f"{ROWS} of them", "data-gated", whole_weights(6) | {"rows": ROWS}, "multiplier"),
    *(
        Design(f"{ROWS} `lut={lut}`", "ebsp", {"lut": lut, "rows": ROWS}, "multiplier")
        for lut in ("whole", "shared-rows", "bank")
    ),
]


@dataclass
class Found:
    """A netlist of a design, and its energies by operands.

    Areas and energies are those of a product; ``parts`` are what energies are spent on.
    """

    design: Design
    job: Job
    result: Result
    pj: dict[str, float] = field(default_factory=dict)
    parts: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def record(self) -> Row:
        """It as JSON."""
        spec = self.job.spec
        return {
            "label": self.design.label,
            "unit": self.design.name,
            "boundary": self.design.boundary,
            "parameters": spec.parameters(),
            "recipe": str(self.job.recipe),
            "adders": self.job.adders,
            "area_um2": self.area,
            "flip_flops": self.result["flip_flops"],
            "period_ns": self.period,
            "pj": self.pj,
            "parts": self.parts,
        }

    @property
    def area(self) -> float:
        return float(self.result["area"]) / self.job.spec.rows

    @property
    def period(self) -> float:
        return float(self.result["period"])


OPERANDS = (
    "random", "random, held", "legal", "legal, held", "digits", "digits, held", "letters",
    "letters, held",
)  # fmt: skip


AS_FAST = ("random", "random, held", "digits")
"""Operands on which designs are compared that are as fast as each other."""


def stimulus_of(operands: str, design: Design) -> Stimulus:
    """Return what `OPERANDS` are for a design."""
    kind, held = operands.removesuffix(", held"), operands.endswith("held")
    if kind == "random":
        return Uniform(held=held)
    if kind == "legal":
        return LegalWeights(held=held)
    return NetworkWeights(kind, *design.weights, held)


def netlists(design: Design, jobs: Sequence[Job], tech: Technology) -> list[Found]:
    """Measure the area and timing of a design's netlists."""
    measure(jobs, tech)
    return [Found(design, job, measured(job, tech)) for job in jobs]


def smallest(design: Design, tech: Technology) -> Found:
    """Return a design's smallest netlist."""
    return min(netlists(design, design.jobs(tech), tech), key=lambda one: one.area)


def find(
    designs: Sequence[Design],
    tech: Technology,
    operands: Sequence[str] = ("random",),
    recipes: Sequence[Recipe | CurveRecipe] = UNSIZED,
) -> list[Found]:
    """Return each design's netlist of least area x energy on random operands."""
    every = [netlists(one, one.jobs(tech, recipes=recipes), tech) for one in designs]
    add_energies([one for mine in every for one in mine], "random", tech)
    found = [min(mine, key=lambda one: one.area * one.pj["random"]) for mine in every]
    for name in operands:
        if name != "random":
            add_energies(found, name, tech)
    return found


def add_energies(found: Sequence[Found], operands: str, tech: Technology) -> None:
    """Measure energies of netlists on one of `OPERANDS`."""
    by_stimulus: dict[Stimulus, list[Found]] = {}
    for one in found:
        by_stimulus.setdefault(stimulus_of(operands, one.design), []).append(one)
    for stimulus, mine in by_stimulus.items():
        boundaries = tuple({one.design.boundary for one in mine})
        plan = EnergyPlan(stimulus, boundaries, netlists="all")
        records = measure([one.job for one in mine], tech, energy=plan)
        for one, record in zip(mine, records, strict=True):
            pj = energy(record)
            assert pj is not None  # every stimulus here has operands for its design
            one.pj[operands], one.parts[operands] = pj, energy_parts(record)

"""Designs that docs/number-formats.md sets side by side, and how they are measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from macsmith.catalog.catalog import make_spec
from macsmith.figures.docs_page import Row
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import jobs_for
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Stimulus
from macsmith.records.energies import energy
from macsmith.synthesis.yosys_abc import Recipe


@dataclass(frozen=True)
class Design:
    """A unit, with streams and operand registers."""

    label: str
    name: str
    settings: Mapping[str, Any]

    @property
    def spec(self) -> Any:
        """Its specification."""
        return make_spec(self.name, self.settings)


def measured(
    designs: Sequence[Design], tech: Technology, stimuli: Mapping[str, Stimulus]
) -> list[Row]:
    """Return of each design the netlist of least area x period, with energies by stimulus.

    Energies are those of an operation that somebody asked for.
    """
    jobs = [
        job
        for one in designs
        for job in jobs_for({one.name: one.spec}, ["unit"], list(Recipe), tech)
    ]
    found: dict[str, list[Any]] = {
        kind: list(measure(jobs, tech, energy=EnergyPlan(stimulus, ("unit",))))
        for kind, stimulus in stimuli.items()
    }
    rows = []
    for one in designs:
        parameters = one.spec.parameters()
        of_kinds = {
            kind: next(
                record for record in records
                if (record["unit"], record["parameters"]) == (one.name, parameters)
                and energy(record) is not None
            )
            for kind, records in found.items()
        }  # fmt: skip
        record = next(iter(of_kinds.values()))
        rows.append(
            {
                "label": one.label,
                "unit": one.name,
                "boundary": "unit",
                "parameters": parameters,
                "recipe": record["recipe"],
                "adders": record["adders"],
                "area_um2": record["area_um2"],
                "flip_flops": record["flip_flops"],
                "period_ns": record["period_ns"],
                "operations_per_cycle": record["operations_per_cycle"],
                "pj": {kind: energy(other) for kind, other in of_kinds.items()},
            }
        )
    return rows

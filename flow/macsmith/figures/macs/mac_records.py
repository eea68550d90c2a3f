"""Records of MACs as the tables take them: each unit by its netlist of least area x period."""

from collections.abc import Mapping

from macsmith.analysis.netlist_spread import remade, with_spread
from macsmith.catalog.catalog import compared, make_spec
from macsmith.figures.docs_page import Measured, Records, Row, rows_of
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import jobs_for, measured
from macsmith.library.technology import Technology
from macsmith.mac.spec import MacSpec
from macsmith.records.selection import smallest_product
from macsmith.synthesis.yosys_abc import Recipe

UNIT, CORE = BOUNDARIES = ("unit", "core")
"""What a designer pays for, and what was published."""

NETLISTS = 5
"""Netlists of each unit, between which its figures spread."""


def best(
    tech: Technology,
    specs: Mapping[str, MacSpec],
    energy: EnergyPlan | None = None,
    boundary: str = "core",
) -> Records:
    """Return the records of least area x period at a boundary."""
    jobs = jobs_for(specs, [boundary], list(Recipe), tech)
    return rows_of(smallest_product(measure(jobs, tech, energy=energy)))


def with_energy(tech: Technology) -> Records:
    """Return the best records of all default cores, energies included."""
    return best(tech, default_units(), EnergyPlan())


def both_boundaries(tech: Technology) -> Records:
    """Return the best records of all default units, with their spread, and of their cores."""
    plan, every = EnergyPlan(boundaries=BOUNDARIES), EnergyPlan(netlists="all")
    jobs = jobs_for(default_units(), BOUNDARIES, list(Recipe), tech)
    found = measure(jobs, tech, energy=plan)
    units = [job for job in jobs if job.boundary == UNIT]
    others = remade(units, [measured(job, tech) for job in units], NETLISTS)
    return rows_of(smallest_product(with_spread(found, measure(others, tech, energy=every))))


def at(records: Records, boundary: str) -> Records:
    """Return the records at a boundary."""
    return [record for record in records if record["boundary"] == boundary]


COMPARISON = Measured("compare", both_boundaries, several=True, file="compare")
"""What the pages say of units and of cores."""


def default_units() -> dict[str, MacSpec]:
    """Return every MAC style that multiplies any operands, as its defaults have it."""
    return {name: make_spec(name) for name in compared()}


def by_unit(records: Records) -> dict[str, dict[str, Row]]:
    """Return each unit's records by mode, units and modes in the order of the records."""
    units: dict[str, dict[str, Row]] = {}
    for record in records:
        units.setdefault(record["unit"], {})[record["mode"]] = record
    return units


def netlist(record: Row) -> str:
    """Return which netlist a record is of."""
    return str(record["recipe"]) + ", cells" * (record["adders"] == "cells")

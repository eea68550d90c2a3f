"""The whole comparison of what zeros are worth: all contenders at all densities, in parallel."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict
from typing import Any

from macsmith.analysis.zeros.contenders import CONTENDERS, Contender, worth
from macsmith.analysis.zeros.sram import MacroFamily
from macsmith.contract.errors import UserError
from macsmith.energy.power_model import check_power
from macsmith.energy.unit_replay import check_compiler
from macsmith.jobs.energy_job import Energy
from macsmith.jobs.measure import Done, complete, measure
from macsmith.jobs.measure import steps as measured_steps
from macsmith.jobs.netlist_job import Job, measured
from macsmith.jobs.process_pool import Pool
from macsmith.jobs.source import Source
from macsmith.jobs.task import Runner
from macsmith.library.technology import Technology

DENSITIES = (1.0, 0.5, 0.25, 0.125, 0.05)
"""Of activations and of weights alike."""


def check_densities(densities: Sequence[float]) -> None:
    """Raise a sentence unless layers can have these densities."""
    for density in densities:
        if not 0.01 <= density <= 1:
            raise UserError(f"density must be from 0.01 to 1, not {density:g}; the nearest is "
                            f"{min(max(density, 0.01), 1.0):g}")  # fmt: skip


def check_units(tech: Technology) -> None:
    """Raise a sentence unless the figures of a library can stand beside those of memories."""
    if tech.embedded:
        raise UserError(f"technology must state um2, ns and pJ, as memories do, not {tech.name}; "
                        "name a library by --tech")  # fmt: skip


def _wanted(densities: Sequence[float]) -> list[tuple[Contender, float]]:
    """Return the contenders, each with the densities that it is compared at."""
    return [
        (one, density)
        for one in CONTENDERS
        for density in densities
        if one.least < density <= one.most
    ]


def _jobs(tech: Technology, densities: Sequence[float]) -> list[Job]:
    """Return their netlists."""
    return list(dict.fromkeys(one.job(tech) for one, _ in _wanted(densities)))


def _simulated(tech: Technology, densities: Sequence[float]) -> list[Energy]:
    """Return the netlists at work that are looked at."""
    source = Source.of(tech)
    return [
        Energy(one.job(tech), source, one.layer(density)) for one, density in _wanted(densities)
    ]


def steps(tech: Technology, densities: Sequence[float]) -> int:
    """Return how many tasks stand behind a comparison."""
    return measured_steps(_jobs(tech, densities)) + len(_simulated(tech, densities))


def compared(
    tech: Technology, macros: MacroFamily, densities: Sequence[float] = DENSITIES,
    done: Done = lambda task, found: None, runner: Runner | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Measure all contenders at densities; return a record of each, contender by contender.

    Raises
    ------
    UserError
        If a density is none, or the library states no energies in pJ, or there is no C++ compiler.
    """
    check_densities(densities)
    check_units(tech)
    check_power(tech)
    check_compiler()
    with Pool() if runner is None else nullcontext(runner) as running:
        measure(_jobs(tech, densities), tech, done, runner=running)
        simulated = _simulated(tech, densities)
        # The longest first, so that the last ones do not wait for one processor.
        simulated.sort(key=lambda task: -float(measured(task.job, tech)["area"]))
        complete(simulated, running, done)
    return [
        {**asdict(worth(one, density, tech, macros)), "memories": macros.name}
        for one, density in _wanted(densities)
    ]

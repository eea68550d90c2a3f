"""What a unit costs: synthesis and timing in order, one record for each mode, cached."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, TypeVar

from macsmith.catalog.catalog import lookup
from macsmith.energy.power_model import check_power
from macsmith.energy.unit_replay import check_compiler
from macsmith.jobs import icarus_check_job
from macsmith.jobs.design_job import Design
from macsmith.jobs.energy_job import (
    Energy,
    EnergyPlan,
    Parts,
    energies_of,
    of_array,
    with_energies,
)
from macsmith.jobs.icarus_check_job import IcarusCheck
from macsmith.jobs.netlist_job import Job, Synthesis, measured, memories_of, versions
from macsmith.jobs.process_pool import Pool
from macsmith.jobs.source import Source
from macsmith.jobs.task import Runner, Task
from macsmith.library.technology import Technology
from macsmith.records.record import Record, ToggleCheck

Some = TypeVar("Some", bound=Task)

Done = Callable[[Task, bool], None]
"""Called with each task that is done, and whether its result was found in the cache."""

Failed = Callable[[Task, Exception], None]
"""Called with each task that failed."""


def steps(
    jobs: Sequence[Job], energy: EnergyPlan | None = None, *, cross_check: bool = False
) -> int:
    """Return how many tasks stand behind the records of jobs."""
    simulated = energy.steps(jobs) if energy else 0
    simulated += icarus_check_job.to_check(jobs) if cross_check else 0
    return len(_designs(jobs, simulated > 0)) + len(jobs) + simulated


def measure(
    jobs: Sequence[Job],
    tech: Technology,
    done: Done = lambda task, found: None,
    energy: EnergyPlan | None = None,
    runner: Runner | None = None,
    failed: Failed | None = None,
    *,
    cross_check: bool = False,
) -> list[Record]:
    """Measure jobs in parallel and return their records, one for each mode, in order.

    Parameters
    ----------
    energy:
        What energies to measure, if any.
    runner:
        What runs the tasks; else worker processes on this machine.
    failed:
        Takes the failures, and then there are no records of a job without netlist and no energies
        of one that could not be simulated; else the first failure is raised.
    cross_check:
        Whether toggles are compared with those of Icarus Verilog.

    Raises
    ------
    UserError
        If energy is asked for, and the library states none or there is no C++ compiler; or a
        cross-check, and there is no Icarus Verilog.
    """
    simulated = energy is not None and energy.steps(jobs) > 0
    if simulated:
        check_power(tech)
        check_compiler()
    if cross_check:
        icarus_check_job.check_icarus()
        simulated = True
    source = Source.of(tech)
    with Pool() if runner is None else nullcontext(runner) as running:
        designs = set(complete(_designs(jobs, simulated), running, done, failed))
        jobs = [job for job in jobs if designs.issuperset(_designs([job], simulated))]
        netlists = [Synthesis(job, source) for job in jobs]
        jobs = [task.job for task in complete(netlists, running, done, failed)]
        results = [measured(job, tech) for job in jobs]
        energies: dict[Job, dict[str, Parts]] = {}
        if energy:
            chosen = [
                Energy(jobs[k], source, energy.stimulus) for k in energy.choose(jobs, results)
            ]
            energies = {
                task.job: energies_of(task.job, tech, energy.stimulus)
                for task in complete(chosen, running, done, failed)
            }
        checks: dict[Job, dict[str, ToggleCheck]] = {}
        if cross_check:
            checked = [IcarusCheck(jobs[k], source) for k in icarus_check_job.chosen(jobs, results)]
            checks = {
                task.job: icarus_check_job.checks_of(task.job, tech)
                for task in complete(checked, running, done, failed)
            }
    records: list[Record] = []
    for job, result in zip(jobs, results, strict=True):
        for point in job.spec.points:
            record = _record(job, point, tech, result)
            found = energies.get(job, {}).get(str(point))
            if energy and found:
                record = with_energies(record, found, energy.stimulus)
            record["cross_check"] = checks.get(job, {}).get(str(point), ToggleCheck())
            records.append(of_array(record, found) if lookup(job.name).skips else record)
    return records


def _designs(jobs: Iterable[Job], with_units: bool) -> list[Design]:
    """Return the designs that jobs start from; a core is simulated within its unit."""
    wanted = [
        Design(job.name, job.spec, boundary)
        for job in jobs
        for boundary in ((job.boundary, job.within) if with_units else (job.boundary,))
    ]
    return list(dict.fromkeys(wanted))


def complete(
    tasks: Sequence[Some], runner: Runner, done: Done, failed: Failed | None = None
) -> list[Some]:
    """Have tasks done, and return those that are."""
    missing, lost = [], set()
    for task in tasks:
        if task.done():
            done(task, True)
        else:
            missing.append(task)
    for task, error in runner.run(missing):
        if error is None:
            done(task, False)
        elif failed is not None and isinstance(error, Exception):
            failed(task, error)
            lost.add(task)
        else:
            raise error
    return [task for task in tasks if task not in lost]


def _record(job: Job, point: Any, tech: Technology, result: Mapping[str, Any]) -> Record:
    spec, physical = job.spec.at(job.boundary), not tech.embedded
    area, period = result["area"], result["period"]
    in_mode = dict(zip(spec.points, result["mode_periods"], strict=False)).get(point)
    memories = memories_of(job)
    rate, of_macs = spec.operations_per_cycle(point), spec.facts(point)
    counts_macs = "macs_per_cycle" in of_macs
    density = rate / period / (area * 1e-6) if physical else None
    return {
        "unit": job.name,
        "parameters": job.spec.parameters(),
        "boundary": job.boundary,
        "tech": tech.name,
        "recipe": str(job.recipe),
        "adders": job.adders,
        "mode": str(point) if counts_macs else None,
        "point": str(point),
        "operation": spec.operation,
        "area_um2": area if physical else None,
        "area_ge": area / tech.nand2_area,
        "cells": result["cells"],
        "flip_flops": result["flip_flops"],
        "memories": {place: str(size) for place, size in memories.items()},
        "memory_bits": sum(size.bits for size in memories.values()),
        "period_ns": period if physical else None,
        "period_tau": None if physical else period,
        "mode_period_ns": in_mode if physical else None,
        "mode_period_tau": None if physical else in_mode,
        "timing_engine": result["timing_engine"],
        "wires": tech.wires.name,
        "library_left_out": sorted(tech.library.left_out),
        "operations_per_cycle": rate,
        "macs_per_cycle": of_macs.get("macs_per_cycle"),
        "cycles_per_result": of_macs.get("cycles_per_result"),
        "gops_per_s_per_mm2": density,
        "gmacs_per_s_per_mm2": density if counts_macs else None,
        "energy_pj_per_operation": None,
        "energy_c0v2_per_operation": None,
        "energy_pj_per_mac": None,
        "energy_c0v2_per_mac": None,
        "energy_pj_per_issued_mac": None,
        "energy_c0v2_per_issued_mac": None,
        "energy_zero_delay_pj_per_mac": None,
        "energy_zero_delay_c0v2_per_mac": None,
        "energy_method": None,
        "stimulus": None,
        "energy_parts": {},
        "energy_places": {},
        "energy_parts_c0v2": {},
        "energy_places_c0v2": {},
        "cross_check": {},
        "spread": {},
        "input_bits_per_mac": of_macs.get("input_bits_per_mac"),
        "output_bits_per_mac": of_macs.get("output_bits_per_mac"),
        "versions": versions(tech),
        "measured": True,
    }

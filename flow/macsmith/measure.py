"""What a unit costs: synthesis and timing in order, one record for each mode, cached."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from macsmith import cross_checks
from macsmith.energies import EnergyPlan, Parts, energies_of, record_keys
from macsmith.energy import check_power
from macsmith.jobs import Job, Result, design, least, measured, versions
from macsmith.replay import check_compiler
from macsmith.technology import Technology

Record = dict[str, Any]
"""One measurement, as JSON; its keys are in docs/records.md."""

WORKERS = 2
"""Syntheses at a time, each a process of its own."""


def measure(
    jobs: Sequence[Job],
    tech: Technology,
    done: Callable[[Job], None] = lambda job: None,
    energy: EnergyPlan | None = None,
    *,
    cross_check: bool = False,
) -> list[Record]:
    """Measure jobs in parallel and return their records, one for each mode, in order.

    Parameters
    ----------
    done:
        Called with each job when it is finished, and again when its energy or cross-check is.
    energy:
        What energies to measure, if any.
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
        cross_checks.check_icarus()
    _write_designs(jobs, with_units=simulated or cross_check)

    def run(job: Job) -> Result:
        result = measured(job, tech)
        done(job)
        return result

    def run_energy(job: Job, plan: EnergyPlan) -> dict[str, Parts]:
        parts = energies_of(job, tech, plan.stimulus)
        done(job)
        return parts

    def run_check(job: Job) -> dict[str, dict[str, Any]]:
        checks = cross_checks.checks_of(job, tech)
        done(job)
        return checks

    energies: dict[int, dict[str, Parts]] = {}
    checks: dict[int, dict[str, dict[str, Any]]] = {}
    with ThreadPoolExecutor(WORKERS) as pool:
        results = list(pool.map(run, jobs))
        if energy:
            chosen = energy.choose(jobs, results)
            runs = [pool.submit(run_energy, jobs[k], energy) for k in chosen]
            energies = {k: run.result() for k, run in zip(chosen, runs, strict=True)}
        if cross_check:
            chosen = cross_checks.chosen(jobs, results)
            found = pool.map(run_check, [jobs[k] for k in chosen])
            checks = dict(zip(chosen, found, strict=True))
    records = []
    for k, (job, result) in enumerate(zip(jobs, results, strict=True)):
        for mode in job.spec.modes:
            record = _record(job, mode, tech, result)
            if energy and str(mode) in energies.get(k, ()):
                record |= record_keys(energies[k][str(mode)], energy.stimulus)
            record["cross_check"] = checks.get(k, {}).get(str(mode), {})
            records.append(record)
    return records


def _write_designs(jobs: Sequence[Job], with_units: bool) -> None:
    """Have every design written before threads ask for it, as Amaranth knows no threads."""
    for job in jobs:
        design(job.name, job.spec, job.boundary)
        if with_units:
            design(job.name, job.spec, "unit")


def _record(job: Job, mode: Any, tech: Technology, result: Mapping[str, Any]) -> Record:
    spec, physical = job.spec, not tech.embedded
    area, period = result["area"], result["period"]
    in_mode = dict(zip(spec.modes, result["mode_periods"], strict=False)).get(mode)
    macs = spec.macs_per_cycle(mode)
    bits = spec.act_lanes(mode) * mode.act_bits + spec.weight_lanes(mode) * mode.weight_bits
    products = spec.products(mode)
    record = {
        "unit": job.name,
        "parameters": spec.parameters(),
        "boundary": job.boundary,
        "tech": tech.name,
        "recipe": str(job.recipe),
        "adders": "cells" if job.adder_cells else "gates",
        "mode": str(mode),
        "area_um2": area if physical else None,
        "area_ge": area / tech.nand2_area,
        "cells": result["cells"],
        "flip_flops": result["flip_flops"],
        "period_ns": period if physical else None,
        "period_tau": None if physical else period,
        "mode_period_ns": in_mode if physical else None,
        "mode_period_tau": None if physical else in_mode,
        "timing_engine": result["timing_engine"],
        "timing_note": result["timing_note"],
        "macs_per_cycle": macs,
        "cycles_per_result": spec.cycles(mode),
        "gmacs_per_s_per_mm2": macs / period / (area * 1e-6) if physical else None,
        "energy_pj_per_mac": None,
        "energy_zero_delay_pj_per_mac": None,
        "energy_method": None,
        "stimulus": None,
        "energy_parts": {},
        "energy_places": {},
        "cross_check": {},
        "input_bits_per_mac": bits / products,
        "output_bits_per_mac": spec.slots(mode) * spec.acc_bits(mode) / products,
        "versions": versions(tech),
        "measured": True,
    }
    return record


def smallest_product(records: Sequence[Record]) -> list[Record]:
    """Return, for each library, unit, boundary and mode, the record of least area x period."""
    return least(records, _netlists_of, _product)


def _netlists_of(record: Record) -> tuple[str, ...]:
    """Return what records of alternative netlists have in common."""
    names = ("tech", "unit", "parameters", "boundary", "mode")
    return tuple(str(record[name]) for name in names)


def _product(record: Record) -> float:
    period = record["period_tau"] if record["period_ns"] is None else record["period_ns"]
    return float(record["area_ge"] * period)


def of_first_stimulus(records: Sequence[Record]) -> list[Record]:
    """Return the records of the first stimulus, and those without energies."""
    stimuli = [record["stimulus"] for record in records if record["stimulus"]]
    return [record for record in records if record["stimulus"] in (None, *stimuli[:1])]

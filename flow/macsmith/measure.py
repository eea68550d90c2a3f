"""What a unit costs: synthesis and timing in order, one record for each mode, cached."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import diskcache

from macsmith import catalog, opensta
from macsmith.cache import cache_folder
from macsmith.catalog import build
from macsmith.emit import to_rtlil
from macsmith.spec import MacSpec
from macsmith.static import static_ports
from macsmith.synth import Recipe, synthesise
from macsmith.technology import Technology
from macsmith.timing import minimum_periods

Record = dict[str, Any]
"""One measurement, as JSON; its keys are in docs/records.md."""

WORKERS = 2
"""Syntheses at a time, each a process of its own."""

_FLOW = "4"
"""Raised when the flow's commands change, so that no older result is taken from the cache."""

TOP = "unit"


@dataclass(frozen=True)
class Job:
    """One synthesis: a unit, cut at a boundary, by one recipe.

    ``adder_cells`` says whether its adders become cells of the library, or gates.
    """

    name: str
    spec: MacSpec
    boundary: str
    recipe: Recipe
    adder_cells: bool


def jobs_for(
    units: Mapping[str, MacSpec],
    boundaries: Sequence[str],
    recipes: Sequence[Recipe],
    tech: Technology,
) -> list[Job]:
    """Return every combination of unit, boundary, recipe and form of adders."""
    forms = (False, True) if tech.full_adder else (False,)
    return [
        Job(name, spec, boundary, recipe, adder_cells)
        for name, spec in units.items()
        for boundary in boundaries
        for recipe in recipes
        for adder_cells in forms
    ]


def measure(
    jobs: Sequence[Job], tech: Technology, done: Callable[[Job], None] = lambda job: None
) -> list[Record]:
    """Measure jobs in parallel and return their records, one for each mode, in order.

    Parameters
    ----------
    done:
        Called with each job when it is finished.
    """
    designs: dict[tuple[str, str], str] = {}
    for job in jobs:
        key = job.name, job.boundary
        if key not in designs:
            designs[key] = _design(job)

    def run(job: Job) -> list[Record]:
        result = _measured(designs[job.name, job.boundary], job, tech)
        done(job)
        return [_record(job, mode, tech, result) for mode in job.spec.modes]

    with ThreadPoolExecutor(WORKERS) as pool:
        return [record for records in pool.map(run, jobs) for record in records]


def _design(job: Job) -> str:
    """Return the RTLIL of a job's unit, from the cache while the hardware's sources are the same.

    Writing it takes Amaranth longer than everything else that a cached measurement needs.
    """
    keys = [job.name, job.spec.parameters(), job.boundary, version("amaranth"), _hardware()]
    key = hashlib.sha256(json.dumps(keys).encode()).hexdigest()
    with diskcache.Cache(str(cache_folder("designs"))) as kept:
        if key not in kept:
            kept[key] = to_rtlil(build(job.name, job.spec, job.boundary), TOP)
        text: str = kept[key]
    return text


@cache
def _hardware() -> str:
    """Return a hash of the sources that a unit is built from."""
    digest = hashlib.sha256()
    for path in sorted(Path(catalog.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _measured(rtlil: str, job: Job, tech: Technology) -> dict[str, Any]:
    """Return area and timing of a design, from the cache if it holds them."""
    keys = [rtlil, _FLOW, job.recipe.script, job.adder_cells]
    keys += [job.boundary, job.name, job.spec.parameters()]
    keys += [tech.sha256, tech.driver, tech.load_ff, tech.dont_use]
    key = hashlib.sha256(json.dumps([*keys, _versions(tech)]).encode()).hexdigest()
    with diskcache.Cache(str(cache_folder("measurements"))) as kept:
        if key not in kept:
            kept[key] = json.dumps(_fresh(rtlil, job, tech))
        result: dict[str, Any] = json.loads(kept[key])
    return result


def _fresh(rtlil: str, job: Job, tech: Technology) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        netlist = synthesise(
            rtlil, TOP, tech, job.recipe, Path(folder),
            leaf_cells=job.adder_cells, clock_gates=tech.clock_gate is not None,
        )  # fmt: skip
        module = netlist.module()
        # Within a unit the mode is a register, and no port is constant.
        modes = job.spec.modes if job.boundary == "core" else ()
        cases = [static_ports(module, job.spec, mode) for mode in modes]
        timing, *in_modes = minimum_periods(netlist, tech, cases)
    return {
        "area": netlist.area_um2,
        "cells": netlist.cells,
        "flip_flops": netlist.flip_flops,
        "period": timing.period_ns,
        "mode_periods": [one.period_ns for one in in_modes],
        "timing_engine": timing.engine,
        "timing_note": timing.note,
    }


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
        "energy_method": None,
        "stimulus": None,
        "energy_parts": {},
        "input_bits_per_mac": bits / products,
        "output_bits_per_mac": spec.slots(mode) * spec.acc_bits(mode) / products,
        "versions": _versions(tech),
        "measured": True,
    }
    return record


def _versions(tech: Technology) -> dict[str, str]:
    """Return the versions of everything that a figure depends on."""
    names = {"macsmith": "macsmith", "yosys": "pyosys", "amaranth": "amaranth"}
    return {name: version(package) for name, package in names.items()} | {
        "timing_engine": _timing_engine(),
        "library_sha256": tech.sha256,
    }


@cache
def _timing_engine() -> str:
    program = opensta.command()
    return f"opensta {opensta.version(program)}" if program else f"macsmith {version('macsmith')}"


def smallest_product(records: Sequence[Record]) -> list[Record]:
    """Return, for each unit, boundary and mode, the record of the least area x period."""
    best: dict[tuple[Any, ...], Record] = {}
    for record in records:
        key = record["unit"], str(record["parameters"]), record["boundary"], record["mode"]
        if key not in best or _product(record) < _product(best[key]):
            best[key] = record
    return list(best.values())


def _product(record: Record) -> float:
    period = record["period_tau"] if record["period_ns"] is None else record["period_ns"]
    return float(record["area_ge"] * period)

"""Netlists to be measured: made once, with area and timing, and kept."""

import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from macsmith.catalog.catalog import TOP, cut, lookup
from macsmith.contract.unit import UnitSpec
from macsmith.host.plain_folder import plain_folder
from macsmith.jobs.design_job import Design, design
from macsmith.jobs.result_store import Address, find, keep, noted
from macsmith.jobs.source import Source
from macsmith.jobs.task import Task
from macsmith.library.technology import Technology
from macsmith.rtl.external_memory import MemorySize, memories_in
from macsmith.synthesis.mapped_netlist import MappedNetlist, read_module
from macsmith.synthesis.yosys_abc import CurveRecipe, Recipe, abc_delay_ps, synthesise
from macsmith.timing import opensta
from macsmith.timing.case_analysis import Constants
from macsmith.timing.timing import minimum_periods

Result = dict[str, Any]
"""Area and timing of a netlist."""

_FLOW = "7"
"""Raised when the flow's commands change, so that no older result is taken from the cache."""


@dataclass(frozen=True)
class Job:
    """One synthesis: a unit, cut at a boundary, by one recipe.

    ``adder_cells`` says whether its adders become cells of the library, or gates; ``options`` are
    further ones of Yosys's ``synth``, for units whose sums are operators.
    """

    name: str
    spec: UnitSpec
    boundary: str
    recipe: Recipe | CurveRecipe
    adder_cells: bool
    options: str = ""

    @property
    def adders(self) -> str:
        """The form of its adders: ``gates``, ``cells`` of the library, or what made operators."""
        if self.options:
            return self.options.strip("-").replace("_", " ")
        return "cells" if self.adder_cells else "gates"

    @property
    def within(self) -> str:
        """The boundary of what gives it its operands: parts of a unit are simulated within it."""
        return cut(self.name, self.boundary).inside or self.boundary

    @property
    def label(self) -> str:
        """What it is, in a few words."""
        return f"{self.name} {self.boundary} {self.recipe} {self.adders}"


def jobs_for(
    units: Mapping[str, UnitSpec],
    boundaries: Sequence[str] | None,
    recipes: Sequence[Recipe | CurveRecipe],
    tech: Technology,
) -> list[Job]:
    """Return every combination of unit, boundary, recipe and form of adders.

    Without boundaries each unit is cut where it is measured by default.
    """
    return [
        Job(name, spec, boundary, recipe, *form)
        for name, spec in units.items()
        for boundary in (lookup(name).measured if boundaries is None else boundaries)
        for recipe in recipes
        for form in _forms(name, tech)
    ]


def _forms(name: str, tech: Technology) -> list[tuple[bool, str]]:
    """Return the forms of a unit's adders: whether they are cells, and options of synthesis."""
    if options := lookup(name).synthesis:
        return [(False, one) for one in options]
    return [(False, ""), (True, "")] if tech.full_adder else [(False, "")]


def measured(job: Job, tech: Technology) -> Result:
    """Return area and timing of a design, from the cache if it holds them."""
    address = "measurements", key_of(job, tech)
    found = find(address)
    if found is None:
        with noted(address, job.label):
            found = _measure(job, tech)
            keep(address, found)
    result: Result = json.loads(found)
    return result


def _measure(job: Job, tech: Technology) -> str:
    with plain_folder() as folder:
        netlist = _synthesised(job, tech, folder)
        timing, *in_modes = minimum_periods(netlist, tech, _cases(job, netlist))
        _keep_files(key_of(job, tech), netlist)
        delay_ps = abc_delay_ps(folder)
    return json.dumps(
        {
            "area": netlist.area_um2,
            "cells": netlist.cells,
            "flip_flops": netlist.flip_flops,
            "period": timing.period_ns,
            "mode_periods": [one.period_ns for one in in_modes],
            "timing_engine": timing.engine,
            "timing_note": timing.note,
            "abc_delay_ps": delay_ps,
        }
    )


def _cases(job: Job, netlist: MappedNetlist) -> list[Constants]:
    """Return what is constant at the ports at each point; where nothing is, registers tell it."""
    constants = cut(job.name, job.boundary).constants
    if constants is None:
        return []
    widths = {port: len(bits) for port, bits in netlist.module().inputs.items()}
    return [dict(constants(job.spec, point, widths)) for point in job.spec.points]


@cache
def key_of(job: Job, tech: Technology) -> str:
    """Return the key of a netlist: a hash of all that it and its figures depend on."""
    keys = [_rtlil(job), _FLOW, job.recipe.script, job.adder_cells]
    keys += [job.name, job.spec.parameters(), job.boundary, *filter(None, [job.options])]
    keys += [tech.sha256, tech.driver, tech.load_ff, tech.dont_use]
    return hashlib.sha256(json.dumps([*keys, versions(tech)]).encode()).hexdigest()


def memories_of(job: Job) -> dict[str, MemorySize]:
    """Return the memories that a job's netlist leaves out, by their places."""
    return memories_in(_rtlil(job), TOP)


def _synthesised(job: Job, tech: Technology, folder: Path) -> MappedNetlist:
    gated = tech.clock_gate is not None
    return synthesise(
        _rtlil(job), TOP, tech, job.recipe, folder,
        leaf_cells=job.adder_cells, clock_gates=gated, options=job.options,
    )  # fmt: skip


def _rtlil(job: Job) -> str:
    return design(job.name, job.spec, job.boundary)


def _keep_files(key: str, netlist: MappedNetlist) -> None:
    files = netlist.json.read_bytes(), netlist.verilog.read_bytes()
    keep(("netlists", key), tuple(map(zlib.compress, files)))


def netlist_of(job: Job, tech: Technology, folder: Path) -> MappedNetlist:
    """Return the netlist of a job, its files in ``folder``: the one that was measured, if kept."""
    key = key_of(job, tech)
    result = measured(job, tech)
    files = find(("netlists", key))
    if files is None:
        return _synthesised(job, tech, folder)
    paths = folder / "netlist.json", folder / "netlist.v"
    for path, packed in zip(paths, files, strict=True):
        path.write_bytes(zlib.decompress(packed))
    histogram = Counter(instance.cell for instance in read_module(paths[0], TOP).instances)
    sizes = result["area"], result["cells"], result["flip_flops"]
    return MappedNetlist(TOP, *sizes, dict(sorted(histogram.items())), *paths)


def versions(tech: Technology) -> dict[str, str]:
    """Return the versions of everything that a figure depends on."""
    return tool_versions() | {"library_sha256": tech.sha256}


@cache
def tool_versions() -> dict[str, str]:
    """Return the versions of the tools on this machine."""
    names = {"macsmith": "macsmith", "yosys": "pyosys", "amaranth": "amaranth"}
    found = {name: version(package) for name, package in names.items()}
    return found | {"timing_engine": _timing_engine()}


@cache
def _timing_engine() -> str:
    program = opensta.command()
    return f"opensta {opensta.version(program)}" if program else f"macsmith {version('macsmith')}"


@dataclass(frozen=True)
class Synthesis(Task):
    """The netlist of a job, with its area and timing."""

    job: Job
    tech: Source

    @property
    def label(self) -> str:
        """See `Task.label`."""
        return self.job.label

    def gives(self) -> tuple[Address, ...]:
        """See `Task.gives`."""
        key = key_of(self.job, self.tech.read())
        return ("measurements", key), ("netlists", key)

    def needs(self) -> tuple[Address, ...]:
        """See `Task.needs`."""
        return Design(self.job.name, self.job.spec, self.job.boundary).gives()

    def run(self) -> None:
        """See `Task.run`."""
        measured(self.job, self.tech.read())

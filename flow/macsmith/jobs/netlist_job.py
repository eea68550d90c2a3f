"""Netlists to be measured: made once, with area and timing, and kept."""

import hashlib
import json
import zlib
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
from macsmith.synthesis.mapped_netlist import MappedNetlist
from macsmith.synthesis.reordered_cells import reordered
from macsmith.synthesis.yosys_abc import (
    FILES,
    CurveRecipe,
    Recipe,
    abc_delay_ps,
    read_netlist,
    synthesise,
)
from macsmith.timing import opensta
from macsmith.timing.case_analysis import Constants
from macsmith.timing.timing import minimum_periods

Result = dict[str, Any]
"""Area and timing of a netlist."""

_FLOW = "7"
"""Raised when the commands of synthesis change, so that the cache gives no older netlist."""

_FIGURES = "1"
"""Raised when the way from a netlist to its figures changes."""


@dataclass(frozen=True)
class Job:
    """One synthesis: a unit, cut at a boundary, by one recipe.

    ``adder_cells`` says whether its adders become cells of the library, or gates; ``options`` are
    further ones of Yosys's ``synth``, for units whose sums are operators. ``seed`` is the order of
    the design's cells, 0 that of the generator.
    """

    name: str
    spec: UnitSpec
    boundary: str
    recipe: Recipe | CurveRecipe
    adder_cells: bool
    options: str = ""
    seed: int = 0

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
        order = f" order {self.seed}" if self.seed else ""
        return f"{self.name} {self.boundary} {self.recipe} {self.adders}{order}"


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
        netlist, delay_ps = _made(job, tech, folder)
        timing, *in_modes = minimum_periods(netlist, tech, _cases(job, netlist))
    return json.dumps(
        {
            "area": netlist.area_um2,
            "cells": netlist.cells,
            "flip_flops": netlist.flip_flops,
            "period": timing.period_ns,
            "mode_periods": [one.period_ns for one in in_modes],
            "timing_engine": timing.engine,
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
def netlist_key(job: Job, tech: Technology) -> str:
    """Return the key of a netlist: a hash of all that it depends on."""
    keys = [_rtlil(job), _FLOW, job.recipe.script, job.adder_cells]
    keys += [job.name, job.spec.parameters(), job.boundary]
    keys += filter(None, [job.options, job.seed])
    keys += [tech.sha256, tech.driver, tech.load_ff, tech.dont_use, tool_versions()]
    return hashlib.sha256(json.dumps(keys).encode()).hexdigest()


@cache
def key_of(job: Job, tech: Technology) -> str:
    """Return the key of the figures of a netlist, which wires and the timing engine move too."""
    keys = [netlist_key(job, tech), _FIGURES, tech.wires.name, versions(tech)["timing_engine"]]
    return hashlib.sha256(json.dumps(keys).encode()).hexdigest()


def memories_of(job: Job) -> dict[str, MemorySize]:
    """Return the memories that a job's netlist leaves out, by their places."""
    return memories_in(design(job.name, job.spec, job.boundary), TOP)


def _rtlil(job: Job) -> str:
    text = design(job.name, job.spec, job.boundary)
    return reordered(text, job.seed) if job.seed else text


def netlist_of(job: Job, tech: Technology, folder: Path) -> MappedNetlist:
    """Return the netlist of a job, its files in ``folder``: made once, and kept."""
    return _made(job, tech, folder)[0]


def _made(job: Job, tech: Technology, folder: Path) -> tuple[MappedNetlist, float | None]:
    """Return a netlist and the delay that ABC told of it."""
    address = "netlists", netlist_key(job, tech)
    kept = find(address)
    if kept is not None:
        *packed, delay_ps = kept
        for name, content in zip(FILES, packed, strict=True):
            (folder / name).write_bytes(zlib.decompress(content))
        return read_netlist(TOP, tech, folder), delay_ps
    netlist = synthesise(
        _rtlil(job), TOP, tech, job.recipe, folder, leaf_cells=job.adder_cells,
        clock_gates=tech.clock_gate is not None, options=job.options,
    )  # fmt: skip
    delay_ps = abc_delay_ps(folder)
    keep(address, (*(zlib.compress((folder / name).read_bytes()) for name in FILES), delay_ps))
    return netlist, delay_ps


def versions(tech: Technology) -> dict[str, str]:
    """Return the versions of everything that a figure depends on."""
    return tool_versions() | {
        "timing_engine": _timing_engine(tech.conditions.timing_engine),
        "library_sha256": tech.sha256,
    }


@cache
def tool_versions() -> dict[str, str]:
    """Return the versions of the tools that all figures depend on."""
    names = {"macsmith": "macsmith", "yosys": "pyosys", "amaranth": "amaranth"}
    return {name: version(package) for name, package in names.items()}


@cache
def _timing_engine(engine: str) -> str:
    """Return the name of an engine with its version."""
    if engine == "opensta":
        return f"{engine} {opensta.version(opensta.required())}"
    return f"{engine} {version('macsmith')}"


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
        tech = self.tech.read()
        figures = "measurements", key_of(self.job, tech)
        return figures, ("netlists", netlist_key(self.job, tech))

    def needs(self) -> tuple[Address, ...]:
        """See `Task.needs`."""
        return Design(self.job.name, self.job.spec, self.job.boundary).gives()

    def run(self) -> None:
        """See `Task.run`."""
        measured(self.job, self.tech.read())

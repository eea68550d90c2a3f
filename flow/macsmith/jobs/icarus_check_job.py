"""Cross-checks of measured netlists with Icarus Verilog, kept."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from macsmith.catalog.catalog import cut
from macsmith.contract.errors import UserError
from macsmith.energy.icarus_check import cross_check
from macsmith.energy.specify_verilog import available
from macsmith.energy.unit_replay import check_compiler
from macsmith.host.plain_folder import plain_folder
from macsmith.jobs.design_job import Design, design
from macsmith.jobs.energy_job import area_x_period, replay_of, unit_of
from macsmith.jobs.netlist_job import Job, Result, Synthesis, key_of
from macsmith.jobs.result_store import Address, find, keep, noted
from macsmith.jobs.source import Source
from macsmith.jobs.task import Task
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Uniform
from macsmith.records.record import ToggleCheck
from macsmith.records.selection import least
from macsmith.rtlsim.tool_versions import icarus_version

STIMULUS = Uniform(beats=200, length=200)
"""The operands of a cross-check: one accumulation in one copy of the netlist."""

_CHECK = "1"
"""Raised when the way to a cross-check changes."""


def check_icarus() -> None:
    """Refuse a machine that cannot cross-check.

    Raises
    ------
    UserError
        If there is no Icarus Verilog, or no C++ compiler for our own simulation.
    """
    if not available():
        raise UserError(
            "a cross-check needs Icarus Verilog: install it, so that iverilog and vvp are found"
        )
    check_compiler()


def to_check(jobs: Sequence[Job]) -> int:
    """Return how many netlists there are to check."""
    return len({_form(job) for job in jobs if _checkable(job)})


def chosen(jobs: Sequence[Job], results: Sequence[Result]) -> list[int]:
    """Return the places of the netlists to check.

    Of each core they are those of least area x period: one of gates, one with adder cells.
    """
    mine = [k for k, job in enumerate(jobs) if _checkable(job)]
    return least(mine, lambda k: _form(jobs[k]), lambda k: area_x_period(results[k]))


def checks_of(job: Job, tech: Technology) -> dict[str, ToggleCheck]:
    """Return what records say of the cross-check of a core, by mode."""
    address = check_address(job, tech)
    kept = find(address)
    if kept is None:
        with noted(address, f"{job.label} cross-check"):
            kept = json.dumps(dict(_by_mode(job, tech)))
            keep(address, kept)
    result: dict[str, ToggleCheck] = json.loads(kept)
    return result


def check_address(job: Job, tech: Technology) -> Address:
    """Return where the cross-check of a netlist is kept."""
    unit = design(job.name, job.spec, job.within)
    keys = [key_of(job, tech), unit, str(STIMULUS), icarus_version(), _CHECK]
    return "cross_checks", hashlib.sha256(json.dumps(keys).encode()).hexdigest()


@dataclass(frozen=True)
class IcarusCheck(Task):
    """The cross-check of the netlist of a core with Icarus Verilog."""

    job: Job
    tech: Source

    @property
    def label(self) -> str:
        """See `Task.label`."""
        return f"{self.job.label} cross-check"

    def gives(self) -> tuple[Address, ...]:
        """See `Task.gives`."""
        return (check_address(self.job, self.tech.read()),)

    def needs(self) -> tuple[Address, ...]:
        """See `Task.needs`."""
        unit = Design(self.job.name, self.job.spec, self.job.within).gives()
        netlist = Synthesis(self.job, self.tech)
        return unit + netlist.needs() + netlist.gives()

    def run(self) -> None:
        """See `Task.run`."""
        checks_of(self.job, self.tech.read())


def _by_mode(job: Job, tech: Technology) -> Iterator[tuple[str, ToggleCheck]]:
    replay = replay_of(job, tech)
    for index, mode in enumerate(job.spec.points):
        with plain_folder() as folder:
            ((_, batch),) = STIMULUS.parts(job.name, job.spec, index)
            check = cross_check(replay, batch, folder)
            stimulus, simulator = STIMULUS.label, f"Icarus Verilog {icarus_version()}"
            record = dict(vars(check), stimulus=stimulus, simulator=simulator)
            yield str(mode), cast(ToggleCheck, record)


def _checkable(job: Job) -> bool:
    """Return whether a netlist is checked: that of a published boundary, if anything drives it."""
    place = cut(job.name, job.boundary)
    return place.published and place.no_energy(job.spec) is None


def _form(job: Job) -> tuple[Any, ...]:
    return *unit_of(job), job.adder_cells

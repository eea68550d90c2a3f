"""Energies of measured netlists, kept."""

import hashlib
import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from macsmith.catalog.catalog import TOP, cut, lookup
from macsmith.contract.unit import UnitSpec, resolve
from macsmith.energy.power_model import TREE
from macsmith.energy.saif import to_saif
from macsmith.energy.unit_replay import Replay
from macsmith.host.plain_folder import plain_folder
from macsmith.jobs.design_job import Design, design
from macsmith.jobs.netlist_job import (
    Job,
    Result,
    Synthesis,
    key_of,
    measured,
    netlist_of,
)
from macsmith.jobs.result_store import Address, find, keep, noted
from macsmith.jobs.source import Source
from macsmith.jobs.task import Task
from macsmith.library.generic_liberty import C0V2_PER_PJ
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Stimulus, UnfitError, Uniform
from macsmith.output.whole_file import write_whole
from macsmith.records.in_units import is_physical
from macsmith.records.record import ArrayRecord, Record
from macsmith.records.selection import least, unbeaten

Parts = dict[str, dict[str, float]]
"""Energies of a useful product in pJ: ``parts`` by what they are spent on, ``places`` by where; and
for each the products ``issued`` and the multiplications ``executed``, as ``work``."""

NETLISTS = ("best", "front", "all")
"""That of least area x period; at the first boundary those that no other beats in area and period,
at others that; or every one."""

_ENERGY = "5"
"""Raised when the way to an energy changes."""

ENERGY_METHOD = "timed toggles x power tables, pre-layout"
MODELLED_METHOD = "timed toggles x modelled capacitances, no wires, no leakage"
"""On the generic library, whose power tables are those of logical effort."""


@dataclass(frozen=True)
class EnergyPlan:
    """Which energies to measure.

    Members
    -------
    stimulus
        The operands.
    boundaries
        Where units are cut; None is at the first boundary of each that is measured and can have
        energies, as a MAC's core.
    netlists
        Which of each unit and boundary: one of `NETLISTS`.
    """

    stimulus: Stimulus = field(default_factory=Uniform)
    boundaries: tuple[str, ...] | None = None
    netlists: str = "best"

    def steps(self, jobs: Sequence[Job]) -> int:
        """Return how many netlists there are to simulate at most: a front is not known before."""
        mine = [unit_of(jobs[k]) for k in self._mine(jobs)]
        return len(set(mine)) if self.netlists == "best" else len(mine)

    def choose(self, jobs: Sequence[Job], results: Sequence[Result]) -> list[int]:
        """Return the places of the netlists to simulate."""
        mine = self._mine(jobs)
        if self.netlists == "all":
            return mine
        if self.netlists == "best":
            return least(mine, lambda k: unit_of(jobs[k]), lambda k: area_x_period(results[k]))
        units: dict[Hashable, list[int]] = {}
        for k in mine:
            units.setdefault(unit_of(jobs[k]), []).append(k)
        leading = self._leading([jobs[k] for k in mine])
        kept = []
        for unit in units.values():
            if unit_of(jobs[unit[0]]) in leading:
                kept += unbeaten(unit, lambda k: results[k]["period"], lambda k: results[k]["area"])
            else:
                kept += least(unit, lambda k: True, lambda k: area_x_period(results[k]))
        return sorted(kept)

    def _leading(self, jobs: Sequence[Job]) -> set[Hashable]:
        """Return what netlists of each unit have in common at its first boundary."""
        order = self.boundaries

        def place(k: int) -> int:
            return k if order is None else order.index(jobs[k].boundary)

        first = least(range(len(jobs)), lambda k: (jobs[k].name, jobs[k].spec), place)
        return {unit_of(jobs[k]) for k in first}

    def _mine(self, jobs: Sequence[Job]) -> list[int]:
        """Return the places of the netlists that can have these energies."""
        able = [
            k for k, job in enumerate(jobs)
            if energy_limit(job.name, job.spec, job.boundary) is None
        ]  # fmt: skip
        if self.boundaries is not None:
            return [k for k in able if jobs[k].boundary in self.boundaries]
        leading = self._leading([jobs[k] for k in able])
        return [k for k in able if unit_of(jobs[k]) in leading]


def energy_limit(name: str, spec: UnitSpec, boundary: str) -> str | None:
    """Return why a unit has no energy at a boundary, as the end of a sentence, or None."""
    place = cut(name, boundary)
    if place.replay is None:
        able = [one for one, other in lookup(name).cuts.items() if other.replay is not None]
        rule = f"at its {' or '.join(able)}, not {boundary}" if able else "left out"
        return rule
    return place.no_energy(spec)


@lru_cache(maxsize=2)
def replay_of(job: Job, tech: Technology) -> Replay:
    """Return what runs operands through the netlist of a job; a few are kept for more operands."""
    period = measured(job, tech)["period"]
    with plain_folder() as folder:
        netlist = netlist_of(job, tech, folder)
        place = cut(job.name, job.boundary)
        unit = design(job.name, job.spec, place.inside) if place.inside else None
        operands = place.operands(job.spec) if place.operands else None
        replay: Replay = resolve(place.replay or "")(
            job.name, job.spec, netlist, tech, period, unit, operands
        )
        return replay


def energies_of(job: Job, tech: Technology, stimulus: Stimulus) -> dict[str, Parts]:
    """Return the energies of a netlist by mode, from the cache if it holds them.

    Modes for which the stimulus has no operands are left out.
    """
    address = energy_address(job, tech, stimulus)
    kept = find(address)
    if kept is None:
        with noted(address, job.label):
            kept = json.dumps(dict(_by_mode(replay_of(job, tech), stimulus)))
            keep(address, kept)
    result: dict[str, Parts] = json.loads(kept)
    return result


def _by_mode(replay: Replay, stimulus: Stimulus) -> Iterator[tuple[str, Parts]]:
    for index, mode in enumerate(replay.spec.points):
        with suppress(UnfitError):
            parts, places, work = replay.divided(stimulus, index)
            yield str(mode), {"parts": parts, "places": places, "work": work}


def energy_address(job: Job, tech: Technology, stimulus: Stimulus) -> Address:
    """Return where the energies of a netlist are kept."""
    within = design(job.name, job.spec, job.within)
    keys = [key_of(job, tech), within, str(stimulus), tech.conditions.clock_tree, _ENERGY]
    return "energies", hashlib.sha256(json.dumps(keys).encode()).hexdigest()


@dataclass(frozen=True)
class Energy(Task):
    """The energies of the netlist of a job in all its modes."""

    job: Job
    tech: Source
    stimulus: Stimulus

    @property
    def label(self) -> str:
        """See `Task.label`."""
        return f"{self.job.label} energy"

    def gives(self) -> tuple[Address, ...]:
        """See `Task.gives`."""
        return (energy_address(self.job, self.tech.read(), self.stimulus),)

    def needs(self) -> tuple[Address, ...]:
        """See `Task.needs`."""
        unit = Design(self.job.name, self.job.spec, self.job.within).gives()
        netlist = Synthesis(self.job, self.tech)
        return unit + netlist.needs() + netlist.gives()

    def run(self) -> None:
        """See `Task.run`."""
        energies_of(self.job, self.tech.read(), self.stimulus)


def write_saif(
    job: Job, tech: Technology, stimulus: Stimulus, mode: int, path: Path
) -> tuple[Path, Path]:
    """Write the activity of a netlist in one mode, and the netlist beside it as Verilog.

    Of a stimulus of several runs it is the one of the largest share.

    Returns
    -------
    The paths of both.
    """
    replay = replay_of(job, tech)
    activity = max(replay.runs(stimulus, mode), key=lambda run: run.share).activity()
    period = measured(job, tech)["period"]
    write_whole(path, to_saif(replay.module, TOP, replay.timed, activity, period))
    verilog = path.with_suffix(".v")
    with plain_folder() as folder:
        write_whole(verilog, netlist_of(job, tech, folder).verilog.read_text())
    return path, verilog


def with_energies(record: Record, energies: Parts, stimulus: Stimulus) -> Record:
    """Return a record with the energies of what its unit is asked to do, in its library's unit."""
    physical = is_physical(record)
    parts, places = (_in_unit(energies[split], physical) for split in ("parts", "places"))
    total = sum(parts.values())
    counts_macs = record["macs_per_cycle"] is not None
    of_mac = total if counts_macs else None
    issued = total / energies["work"]["issued"] if counts_macs else None
    clock = "modelled clock tree" if TREE in parts else "ideal clock"
    settled = total - parts["glitches"] if counts_macs else None
    if physical:
        return record | {
            "energy_pj_per_operation": total,
            "energy_pj_per_mac": of_mac,
            "energy_pj_per_issued_mac": issued,
            "energy_zero_delay_pj_per_mac": settled,
            "energy_method": f"{ENERGY_METHOD}, {clock}",
            "stimulus": stimulus.label,
            "energy_parts": parts,
            "energy_places": places,
        }
    return record | {
        "energy_c0v2_per_operation": total,
        "energy_c0v2_per_mac": of_mac,
        "energy_c0v2_per_issued_mac": issued,
        "energy_zero_delay_c0v2_per_mac": settled,
        "energy_method": f"{MODELLED_METHOD}, {clock}",
        "stimulus": stimulus.label,
        "energy_parts_c0v2": parts,
        "energy_places_c0v2": places,
    }


def of_array(record: Record, energies: Parts | None) -> ArrayRecord:
    """Return the record of an array, with the energy of a pair that is multiplied, if any."""
    physical, each = is_physical(record), None
    if energies:
        parts = _in_unit(energies["parts"], physical)
        each = sum(parts.values()) / energies["work"]["executed"]
    return {
        **record,
        "energy_pj_per_executed_mac": each if physical else None,
        "energy_c0v2_per_executed_mac": None if physical else each,
    }


def _in_unit(split: Mapping[str, float], physical: bool) -> dict[str, float]:
    """Return energies in pJ in the unit of a library; the generic one states no leakage."""
    if physical:
        return dict(split)
    return {part: pj * C0V2_PER_PJ for part, pj in split.items() if part != "leakage"}


def unit_of(job: Job) -> tuple[str, UnitSpec, str]:
    """Return what netlists of one unit and boundary have in common."""
    return job.name, job.spec, job.boundary


def area_x_period(result: Result) -> float:
    """Return what the best netlist has least of."""
    return float(result["area"] * result["period"])

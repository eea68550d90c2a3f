"""Energies of measured netlists, kept."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from macsmith.contract.unit import UnitSpec
from macsmith.energy.pe_replay import PeReplay
from macsmith.energy.saif import to_saif
from macsmith.energy.unit_replay import Replay
from macsmith.jobs.energy_unit import ENERGY_UNITS, energy_unit
from macsmith.jobs.netlist_job import TOP, Job, Result, design, key_of, least, measured, netlist_of
from macsmith.jobs.result_store import Address, find, keep, noted
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Stimulus, UnfitError, Uniform
from macsmith.output.whole_file import write_whole

Parts = dict[str, dict[str, float]]
"""Energies of a product in pJ: ``parts`` by what they are spent on, ``places`` by where; and the
multiplications that it takes, ``work``."""

_ENERGY = "4"
"""Raised when the way to an energy changes."""

ENERGY_METHOD = "timed toggles x power tables, pre-layout, ideal clock"
MODELLED_METHOD = "timed toggles x modelled capacitances, no wires, no leakage, ideal clock"
"""On the embedded library, whose power tables are those of logical effort."""


@dataclass(frozen=True)
class EnergyPlan:
    """Which energies to measure.

    Members
    -------
    stimulus
        The operands.
    boundaries
        Where the unit is cut.
    every_netlist
        Whether all netlists count; else, of each unit and boundary, that of least area x period.
    """

    stimulus: Stimulus = field(default_factory=Uniform)
    boundaries: tuple[str, ...] = ("core",)
    every_netlist: bool = False

    def steps(self, jobs: Sequence[Job]) -> int:
        """Return how many netlists there are to simulate."""
        mine = [unit_of(job) for job in jobs if job.boundary in self.boundaries]
        return len(mine) if self.every_netlist else len(set(mine))

    def choose(self, jobs: Sequence[Job], results: Sequence[Result]) -> list[int]:
        """Return the places of the netlists to simulate."""
        mine = [k for k, job in enumerate(jobs) if job.boundary in self.boundaries]
        if self.every_netlist:
            return mine
        return least(mine, lambda k: unit_of(jobs[k]), lambda k: area_x_period(results[k]))


@lru_cache(maxsize=2)
def replay_of(job: Job, tech: Technology) -> Replay:
    """Return what runs operands through the netlist of a job; a few are kept for more operands."""
    period = measured(job, tech)["period"]
    with TemporaryDirectory() as folder:
        netlist = netlist_of(job, tech, Path(folder))
        if job.boundary == "pe":
            return PeReplay(job.name, job.spec, netlist, tech, period)
        unit = None if job.boundary == "unit" else design(job.name, job.spec, job.within)
        return Replay(job.name, job.spec, netlist, tech, period, unit)


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
    for index, mode in enumerate(replay.spec.modes):
        with suppress(UnfitError):
            parts, places, executed = replay.divided(stimulus, index)
            yield str(mode), {"parts": parts, "places": places, "work": {"executed": executed}}


def energy_address(job: Job, tech: Technology, stimulus: Stimulus) -> Address:
    """Return where the energies of a netlist are kept."""
    within = design(job.name, job.spec, job.within)
    keys = [key_of(job, tech), within, str(stimulus), _ENERGY]
    return "energies", hashlib.sha256(json.dumps(keys).encode()).hexdigest()


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
    with TemporaryDirectory() as folder:
        write_whole(verilog, netlist_of(job, tech, Path(folder)).verilog.read_text())
    return path, verilog


def record_keys(energies: Parts, stimulus: Stimulus, tech: Technology) -> dict[str, object]:
    """Return what a record says of the energies of one mode, in the unit of its library.

    A library that states no leakage has no such part.
    """
    unit = energy_unit(not tech.embedded)
    parts, places = (
        {key: pj * unit.per_pj for key, pj in energies[kind].items()}
        for kind in ("parts", "places")
    )
    if not unit.leaks:
        del parts["leakage"]
    total = sum(parts.values())
    return {
        unit.per_mac: total,
        unit.zero_delay: total - parts["glitches"],
        "energy_method": MODELLED_METHOD if tech.embedded else ENERGY_METHOD,
        "stimulus": stimulus.label,
        unit.parts: parts,
        unit.places: places,
    }


def array_keys(energies: Parts | None, tech: Technology) -> dict[str, object]:
    """Return what records of an array say besides, of the energies of one mode if it has any."""
    keys: dict[str, object] = {unit.per_executed_mac: None for unit in ENERGY_UNITS}
    if energies:
        unit = energy_unit(not tech.embedded)
        pj = sum(energies["parts"].values()) / energies["work"]["executed"]
        keys[unit.per_executed_mac] = pj * unit.per_pj
    return keys


def unit_of(job: Job) -> tuple[str, UnitSpec, str]:
    """Return what netlists of one unit and boundary have in common."""
    return job.name, job.spec, job.boundary


def area_x_period(result: Result) -> float:
    """Return what the best netlist has least of."""
    return float(result["area"] * result["period"])

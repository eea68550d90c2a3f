"""Mapped netlists of whole units: in the unit's own bench, in bulk, and proved equal to the RTL."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from macsmith.catalog.catalog import TOP, lookup
from macsmith.energy.netlist_to_gates import to_gates
from macsmith.host.plain_folder import plain_folder
from macsmith.host.verification_run import Run
from macsmith.jobs.design_job import design
from macsmith.jobs.netlist_job import Job, jobs_for, memories_of, netlist_of
from macsmith.library.technology import Technology
from macsmith.netlist.gate_netlist import GateNetlist
from macsmith.rtlsim.cocotb_runner import BenchError
from macsmith.rtlsim.unknown_start import IS_UNKNOWN
from macsmith.synthesis.netlist_proof import DIFFERENT, PROVED, prove, rtl_gates
from macsmith.synthesis.netlist_verilog import runnable_verilog
from macsmith.synthesis.yosys_abc import Recipe
from macsmith.verify.verify import Case, failed, side_by_side, verification, work_folder

LAYER = "netlist"
"""What runs on netlists call their layer."""

UNKNOWN, RANDOM = "unknown", "random"
"""What registers hold before the reset."""

RECIPE = Recipe.BALANCED
"""The recipe in the middle; adders are cells where the library has them."""


@dataclass(frozen=True)
class OnLibrary:
    """The netlist of a case on a library.

    Members
    -------
    simulators
        What runs its bench.
    """

    tech: Technology
    simulators: tuple[str, ...]

    def __str__(self) -> str:
        return self.tech.name


def pieces(
    cases: Sequence[Case], technologies: Sequence[Technology]
) -> list[tuple[Case, OnLibrary]]:
    """Return what there is to do: the netlist of each case on each library."""
    return [
        (case, OnLibrary(tech, tuple(case.plan.simulators)))
        for case in cases
        for tech in technologies
    ]


def verify_netlists(
    cases: Sequence[Case],
    technologies: Sequence[Technology],
    folder: Path,
    done: Callable[[str, str], None] = lambda title, what: None,
) -> list[Run]:
    """Compare the netlists of units on libraries with golden models, and return the runs.

    Netlists are those of `RECIPE`, kept as measurements are. Their registers start undefined.

    Parameters
    ----------
    folder
        Where logs and waveforms go.
    done
        Called with a case's title and a library's name when that netlist is finished.

    Raises
    ------
    UserError
        If a library lacks a cell that a unit asks for.
    """

    def job(case: Case, piece: OnLibrary) -> list[Run]:
        tech = piece.tech
        try:
            runs = _runs(case, piece, folder)
        except RuntimeError as error:
            runs = [failed(case, LAYER, ", ".join(piece.simulators), error)]
        return [
            replace(run, layer=LAYER, library=tech.name, library_sha256=tech.sha256) for run in runs
        ]

    return side_by_side(pieces(cases, technologies), job, done)


def netlist_job(name: str, spec: Any, tech: Technology, boundary: str = "unit") -> Job:
    """Return the synthesis of a whole unit, without its memories if it has such."""
    return jobs_for({name: spec}, [_whole(name, boundary)], [RECIPE], tech)[-1]


def _whole(name: str, boundary: str) -> str:
    """Return the boundary of all of a unit but memories, which no library has."""
    cuts = lookup(name).cuts
    if not cuts[boundary].memories:
        return boundary
    return next(one for one, cut in cuts.items() if not cut.memories and cut.inside is None)


def _runs(case: Case, piece: OnLibrary, folder: Path) -> list[Run]:
    """Return the runs of a netlist in bulk and on simulators."""
    job = netlist_job(case.unit, case.spec, piece.tech, case.plan.boundary)
    how = verification(case.unit)
    memories = memories_of(job)
    runs: list[Run] = []
    with plain_folder() as work:
        netlist = netlist_of(job, piece.tech, work)
        if not memories:
            gates = to_gates(netlist, piece.tech)
            runs.append(_proof(case, gates, work / "rtl"))
            if how.missing_for_bulk() is None:
                found = how.on_gates(case.spec, gates, case.plan)
                runs += [replace(run, start=RANDOM) for run in found]
        verilog = {
            start: runnable_verilog(netlist, piece.tech, memories, random_start=start == RANDOM)
            for start in (UNKNOWN, RANDOM)
        }
    for simulator in piece.simulators:
        inner = work_folder(folder, case.title, piece.tech.name, simulator)
        runs += _bench(case, simulator, inner, verilog)
    return runs


def _proof(case: Case, gates: GateNetlist, folder: Path) -> Run:
    """Return the run of a proof that a netlist is its RTL."""
    rtl = design(case.unit, case.spec, case.plan.boundary)
    proof = prove(rtl_gates(rtl, TOP, folder), gates)
    said = f"{proof.verdict}: {proof.outputs} outputs and registers; {proof.note}"
    return Run(
        case.unit, case.spec.parameters(), "", LAYER, "abc", case.plan.seed, proof=said,
        exhaustive=proof.verdict == PROVED,
        failure=said if proof.verdict == DIFFERENT else "",
    )  # fmt: skip


def _bench(case: Case, simulator: str, folder: Path, verilog: Mapping[str, str]) -> list[Run]:
    """Return the runs of a simulator, from unknown registers if its gates let it.

    Gates that ABC has restructured may pass on an unknown value on which their function does not
    depend (``x & a | x & ~a``): no simulator can tell that from a fault. Then registers start at
    random, and the runs say so; what does depend on the start is wrong from there.
    """
    how, start = verification(case.unit), UNKNOWN
    try:
        runs = how.protocol(case.spec, simulator, folder, case.plan, verilog[start])
    except BenchError as error:
        if IS_UNKNOWN not in str(error):
            raise
        start = RANDOM
        runs = how.protocol(case.spec, simulator, folder, case.plan, verilog[start])
    return [replace(run, start=start) for run in runs]

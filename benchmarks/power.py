"""Our energies and OpenSTA's on the same activity: ``python -m benchmarks.power LIBRARY``.

Both get one netlist, one library and one activity: ours as it was counted, OpenSTA's from the SAIF
file that we write. What is compared is the energy of a mean cycle of everything but the nets of
input ports, which OpenSTA counts with whatever drives them. OpenSTA takes the states of the pins of
a cell for independent of each other; we count them together.

OpenSTA reads SAIF since 2.6. The exit status is 1 if an energy differs by more than allowed, and 2
if there is no such OpenSTA.
"""

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from macsmith.catalog.catalog import TOP, compared, make_spec
from macsmith.contract.errors import UserError
from macsmith.energy.power_model import EnergyModel
from macsmith.jobs.energy_job import EnergyPlan, replay_of, write_saif
from macsmith.jobs.netlist_job import Job, jobs_for, measured
from macsmith.library.resolve import resolve
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Uniform
from macsmith.synthesis.yosys_abc import Recipe
from macsmith.timing import nldm_sta, opensta

ALLOWED = 0.03
"""Greatest difference of total energy."""

STIMULUS = Uniform()
_DIGITS = 8


def reads_saif() -> str:
    """Return the path of an OpenSTA that reads SAIF.

    Raises
    ------
    UserError
        If there is none.
    """
    program = opensta.command()
    if program is None:
        raise UserError("the comparison needs OpenSTA 2.6 or newer, which reads SAIF: found none")
    if "read_saif" not in run(program, "puts [info commands *read_saif]\n"):
        raise UserError(
            "the comparison needs OpenSTA 2.6 or newer, which reads SAIF: found "
            f"{opensta.version(program)} without the command read_saif"
        )
    return program


def run(program: str, script: str) -> str:
    """Return what OpenSTA says to a script."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "script.tcl"
        path.write_text(script)
        command = [program, "-no_splash", "-exit", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    return done.stdout + done.stderr


def theirs(program: str, job: Job, tech: Technology, saif: Path, verilog: Path) -> float:
    """Return the energy of a mean cycle in pJ as OpenSTA has it."""
    period = measured(job, tech)["period"]
    script = [
        *(f"read_liberty {{{path}}}" for path in tech.liberty),
        f"read_verilog {{{verilog}}}",
        f"link_design {TOP}",
        "set_cmd_units -time ns -capacitance fF -power W",
        f"create_clock -name clock -period {period} [get_ports clk]",
        f"set_driving_cell -lib_cell {tech.driver} [all_inputs]",
        f"set_load {tech.load_ff} [all_outputs]",
        f"read_saif -scope {TOP} {{{saif}}}",
        "report_activity_annotation",
        f"report_power -digits {_DIGITS}",
        "",
    ]
    return total_watts(run(program, "\n".join(script))) * period * 1e3


def total_watts(report: str) -> float:
    """Return the total of a power report.

    Raises
    ------
    RuntimeError
        If it has none, or if OpenSTA complains.
    """
    found = re.search(r"^Total\s+(?:\S+\s+){3}(\S+)\s+100", report, re.M)
    if found is None or re.search(r"^Error", report, re.M):
        raise RuntimeError(f"OpenSTA gave no power:\n{report}")
    return float(found[1])


def ours(job: Job, tech: Technology, mode: int) -> float:
    """Return the same as we have it."""
    replay = replay_of(job, tech)
    ((_, batch),) = STIMULUS.parts(job.name, job.spec, mode)
    analysis = nldm_sta.analyse(replay.module, tech)
    model = EnergyModel(replay.timed, tech, analysis, measured(job, tech)["period"])
    table = model.table(replay.activity(batch)).sum(axis=1)
    ports = [replay.timed.bits[bit] for bits in replay.module.inputs.values() for bit in bits]
    return float(table.sum() - table[[len(replay.timed.cells) + net for net in ports]].sum())


def main(
    library: str,
    units: Annotated[list[str] | None, typer.Option("--unit")] = None,
    mode: Annotated[int, typer.Option(help="Index of the mode.")] = 0,
) -> None:
    """Compare the cores of least area x period, of gates and with full-adder cells."""
    try:
        program, tech = reads_saif(), resolve(library)
        specs = {name: make_spec(name) for name in units or compared()}
    except UserError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    table = Table("unit", "adders", "ours, pJ", "OpenSTA, pJ", "difference")
    worst = 0.0
    for cells in (False, True) if tech.full_adder else (False,):
        jobs = jobs_for(specs, ["core"], list(Recipe), tech)
        jobs = [job for job in jobs if job.adder_cells == cells]
        for k in EnergyPlan().choose(jobs, [measured(job, tech) for job in jobs]):
            with TemporaryDirectory() as folder:
                files = write_saif(jobs[k], tech, STIMULUS, mode, Path(folder) / "activity.saif")
                pj = ours(jobs[k], tech, mode), theirs(program, jobs[k], tech, *files)
            off = pj[0] / pj[1] - 1
            worst = max(worst, abs(off))
            form = "cells" if cells else "gates"
            table.add_row(jobs[k].name, form, *(f"{one:.4f}" for one in pj), f"{off:+.1%}")
    Console().print(table, f"OpenSTA {opensta.version(program)}; allowed are {ALLOWED:.0%}")
    raise typer.Exit(int(worst > ALLOWED))


if __name__ == "__main__":
    typer.run(main)

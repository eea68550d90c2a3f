"""Power of each cell as OpenSTA reports it from a SAIF file."""

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from macsmith.catalog.catalog import TOP
from macsmith.contract.errors import UserError
from macsmith.library.technology import Technology
from macsmith.timing import opensta

_DIGITS = 8
_NEEDS = "the comparison needs an OpenSTA that reads SAIF, such as 3.1: found"


@dataclass(frozen=True)
class Watts:
    """Power of a cell in W."""

    switching: float
    internal: float
    leakage: float


def reads_saif(program: str | None) -> str:
    """Return the path of an OpenSTA that reads SAIF, the given one or that on the PATH.

    Raises
    ------
    UserError
        If there is none.
    """
    program = program or opensta.command()
    if program is None:
        raise UserError(f"{_NEEDS} none")
    try:
        said = run(program, "puts [info commands *read_saif]\n")
    except OSError as error:
        raise UserError(f"--sta must be a program, not {program!r}: {error.strerror}") from None
    if "read_saif" not in said:
        raise UserError(f"{_NEEDS} {opensta.version(program)} without the command read_saif")
    return program


def run(program: str, script: str) -> str:
    """Return what OpenSTA says to a script."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "script.tcl"
        path.write_text(script)
        command = [program, "-no_splash", "-exit", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    return done.stdout + done.stderr


def power(
    program: str, tech: Technology, verilog: Path, saif: Path, period_ns: float
) -> Mapping[str, Watts]:
    """Return the power of each cell of a netlist without wires, by its name."""
    script = [
        *(f"read_liberty {{{path}}}" for path in tech.liberty),
        f"read_verilog {{{verilog}}}",
        f"link_design {TOP}",
        "set_cmd_units -time ns -capacitance fF -power W",
        f"create_clock -name clock -period {period_ns} [get_ports clk]",
        f"set_driving_cell -lib_cell {tech.driver} [all_inputs -no_clocks]",
        f"set_load {tech.load_ff} [all_outputs]",
        f"read_saif -scope {TOP} {{{saif}}}",
        "report_activity_annotation",
        f"report_power -instances [get_cells *] -format json -digits {_DIGITS}",
        "",
    ]
    return by_cell(run(program, "\n".join(script)))


def by_cell(report: str) -> Mapping[str, Watts]:
    """Return the power in a report of cells.

    Raises
    ------
    RuntimeError
        If it has none, if OpenSTA complains, or if it had to guess the activity of a pin.
    """
    guessed = re.search(r"^unannotated\s+([1-9]\d*)$", report, re.M)
    rows = re.search(r"^\[$.*?^\]$", report, re.M | re.S)
    if guessed or rows is None or re.search(r"^Error", report, re.M):
        raise RuntimeError(f"OpenSTA gave no power, or guessed some activity:\n{report[:2000]}")
    # It escapes brackets by one backslash, which JSON does not know.
    cells = json.loads(rows[0].replace("\\", ""))
    return {one["name"]: Watts(one["switching"], one["internal"], one["leakage"]) for one in cells}

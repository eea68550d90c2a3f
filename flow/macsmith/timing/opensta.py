"""Timing by OpenSTA, where its command ``sta`` is installed.

Versions differ in what they make of a library's wire-load model, so it gets the wires as SPEF.
"""

import re
import shutil
import signal
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from macsmith.contract.errors import UserError
from macsmith.library.canonical_liberty import lend
from macsmith.library.technology import Technology
from macsmith.synthesis.mapped_netlist import MappedNetlist, Module
from macsmith.timing import case_analysis
from macsmith.timing.case_analysis import Constants
from macsmith.timing.clock_nets import clock_nets
from macsmith.timing.spef import to_spef

# Any period does where the clock is ideal and all flip-flops use one edge.
_PERIOD = 10.0
_DIGITS = 5
_LIMIT_S = 600
# From outside: that says nothing of the netlist, so nothing may be concluded.
_ENDED = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
_WIRES = "wires.spef"
_NEXT_CASE = "next case"
_PATH = re.compile(
    r"^Startpoint: (\S+)(?:.|\n)*?^Endpoint: (\S+)((?:.|\n)*?)^\s*(\S+)\s+slack", re.M
)
_STAGE = re.compile(r"^\s*\S+\s+(\S+) ([v^]) (\S+ \(\S+\))$", re.M)


class OpenStaError(UserError, RuntimeError):
    """OpenSTA ended without a result; the message is the last line it wrote."""


@dataclass(frozen=True)
class TimingPath:
    """A path: its endpoint, the period it needs in ns, stages with their arrival in ns."""

    endpoint: str
    needed_ns: float
    stages: tuple[tuple[str, float], ...]


def command() -> str | None:
    """Return the path of ``sta``, or None where it is not installed."""
    return shutil.which("sta")


def required() -> str:
    """Return the path of ``sta``.

    Raises
    ------
    UserError
        If it is not installed.
    """
    program = command()
    if program is None:
        raise UserError(
            "timing-engine must be macsmith, or opensta where its command sta is on the PATH, "
            "which it is not"
        )
    return program


@cache
def version(program: str) -> str:
    """Return the version that ``sta`` states."""
    done = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    return (done.stdout.split() or ["unknown"])[0]


def worst_paths(
    program: str,
    netlist: MappedNetlist,
    tech: Technology,
    count: int,
    cases: Sequence[Constants] = (),
) -> list[list[TimingPath]]:
    """Return the worst path of each of the ``count`` worst endpoints, worst first.

    The first list is that of the netlist as it is, the others are those of ``cases``.

    Raises
    ------
    OpenStaError
        If OpenSTA fails.
    RuntimeError
        If something ended it.
    """
    folder = netlist.verilog.parent
    script = folder / "timing.tcl"
    script.write_text(_script(netlist, tech, count, cases))
    (folder / _WIRES).write_text(to_spef(netlist, tech))
    try:
        done = subprocess.run(
            [program, "-no_splash", "-exit", script.name],
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_LIMIT_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OpenStaError(f"OpenSTA failed: {error}") from None
    log = done.stdout + done.stderr
    (folder / "timing.log").write_text(log)
    if -done.returncode in _ENDED:
        raise RuntimeError(f"OpenSTA was ended by {signal.Signals(-done.returncode).name}")
    # A black box would be timed as nothing, a failed command leaves the status at 0.
    broken = re.search(r"^.*(Error:|[Cc]reating black box).*$", log, re.M)
    if done.returncode or broken:
        lines = log.strip().splitlines() or [f"it ended with status {done.returncode}"]
        raise OpenStaError(f"OpenSTA failed: {broken[0] if broken else lines[-1]}")
    return [_reported(part, count) for part in done.stdout.split(_NEXT_CASE)]


def _reported(log: str, count: int) -> list[TimingPath]:
    paths = [
        TimingPath(
            end,
            round(_PERIOD - float(slack), _DIGITS),
            tuple((pin + f" {edge}", float(at)) for at, edge, pin in _STAGE.findall(body)),
        )
        for _, end, body, slack in _PATH.findall(log)
    ]
    # One report a path group; the worst of all counts.
    return sorted(paths, key=lambda path: -path.needed_ns)[:count]


def _script(
    netlist: MappedNetlist, tech: Technology, count: int, cases: Sequence[Constants]
) -> str:
    module = netlist.module()
    nets = clock_nets(module, tech.library.cells)
    report = f"report_checks -path_delay max -format full -digits {_DIGITS} -group_count {count}"
    clocks = [name for name, bits in module.inputs.items() if nets & set(bits)]
    inputs = _ports(name for name in module.inputs if name not in clocks)
    outputs = _ports(module.outputs)
    driven = [f"set_input_delay 0 -clock clock {inputs}"]
    driven += [f"set_driving_cell -lib_cell {{{tech.driver}}} {inputs}"]
    loaded = [f"set_output_delay 0 -clock clock {outputs}", f"set_load {tech.load_ff} {outputs}"]
    return "\n".join(
        [
            *(f"read_liberty {name}" for name in lend(tech, netlist.verilog.parent)),
            f"read_verilog {netlist.verilog.name}",
            f"link_design {netlist.top}",
            # With -max it adds the largest capacitances of pins, as it does without wires.
            f"read_spef -max {_WIRES}",
            # Else the units are the first library's.
            "set_cmd_units -time ns -capacitance fF",
            f"create_clock -name clock -period {_PERIOD} {_ports(clocks) if clocks else ''}",
            *(driven if len(module.inputs) > len(clocks) else ()),
            *(loaded if module.outputs else ()),
            report,
            *(line for case in cases for line in _case(module, tech, case, report)),
            "",
        ]
    )


def _case(module: Module, tech: Technology, constants: Constants, report: str) -> list[str]:
    """Return the commands that report a case, and then forget it."""
    ports: dict[int, list[str]] = {0: [], 1: []}
    for name, values in constants.items():
        for place, value in enumerate(values):
            if value is not None:
                ports[value].append(f"{name}[{place}]" if len(values) > 1 else name)
    quiet = case_analysis.analyse(module, tech.library.cells, constants).quiet
    stopped = [f"{end} [get_cells {{{' '.join(quiet)}}}]" for end in ("-from", "-to") if quiet]
    return [
        f'puts "{_NEXT_CASE}"',
        *(f"set_case_analysis {value} {_ports(bits)}" for value, bits in ports.items() if bits),
        *(f"set_false_path {end}" for end in stopped),
        report,
        *(f"unset_case_analysis {_ports(bits)}" for bits in ports.values() if bits),
        *(f"unset_path_exceptions {end}" for end in stopped),
    ]


def _ports(names: Iterable[str]) -> str:
    return f"[get_ports {{{' '.join(names)}}}]"

"""A user's Verilog or SystemVerilog, read by Yosys: one module, with all that it instantiates.

Verilog is read by Yosys's own front end; SystemVerilog by slang, where one file ends in ``.sv``.
What is refused is what measurement could not take: two clocks, a falling edge, latches, modules
without a body, loops.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from macsmith.contract.errors import UserError, nearest
from macsmith.host.plain_folder import plain_folder
from macsmith.host.yosys import YosysError, run_yosys
from macsmith.user_rtl.pins import Port

TOP = "unit"
"""What the module is called in the RTLIL."""

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
_MODULE = re.compile(r"\bmodule\s+(?:static\s+|automatic\s+)?([A-Za-z_][\w$]*)")
_SOURCE = re.compile(r"^ *attribute \\(?:src|hdlname) .*\n", re.M)
"""Where a text came from, which is no part of the design."""

_COMPLAINT = re.compile(r"error|no such|can't open", re.I)
_LATCHES = re.compile(r"\$(a?dlatch(sr)?|sr)$")
_LOADED = re.compile(r"\$(aldff|dffsr)")
_PLAIN = re.compile(r"[\w.+-]+")
"""Names of files that a script of Yosys can hold."""


@dataclass(frozen=True)
class UserRtl:
    """A module that was read.

    Members
    -------
    rtlil
        Its RTLIL, flattened, as module `TOP`.
    ports
        By name, in order.
    clock
        The port that clocks it, or None of one without registers.
    files
        SHA-256 of each file, by name.
    """

    rtlil: str
    ports: Mapping[str, Port]
    clock: str | None
    files: Mapping[str, str]


def read_rtl(files: Sequence[Path], top: str, settings: Mapping[str, str]) -> UserRtl:
    """Return a module of some files.

    Parameters
    ----------
    settings
        Values of the module's parameters, as whole numbers in decimal.

    Raises
    ------
    UserError
        If a file cannot be read, the module is missing, or it is nothing that can be measured.
    """
    contents = {path: _content(path) for path in files}
    code = "\n".join(_COMMENT.sub(" ", one.decode(errors="replace")) for one in contents.values())
    modules = list(dict.fromkeys(_MODULE.findall(code)))
    if top not in modules:
        names = " and ".join(path.name for path in files)
        hint = nearest(top, modules) if modules else "there is none"
        raise UserError(f"top must be a module of {names}, not {top!r}; {hint}")
    with plain_folder() as folder:
        placed = list(_placed(files, folder))
        try:
            run_yosys(_commands(placed, top, settings), folder, "read")
        except YosysError as error:
            raise UserError(_complaint(top, folder, placed, files, str(error))) from None
        flat = json.loads((folder / "flat.json").read_text())["modules"][TOP]
        _check_log((folder / "read.log").read_text(), top)
        rtlil = _SOURCE.sub("", (folder / "design.il").read_text())
    ports = _ports(flat, top)
    hashes = {
        _shown(path, files): hashlib.sha256(one).hexdigest() for path, one in contents.items()
    }
    return UserRtl(rtlil, ports, _clock(flat, top), hashes)


def _shown(path: Path, files: Sequence[Path]) -> str:
    """Return the name of a file, with its folder if another has the same."""
    return str(path) if [one.name for one in files].count(path.name) > 1 else path.name


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"verilog {path} could not be read: {error.strerror}") from None


def _placed(files: Sequence[Path], folder: Path) -> Iterator[str]:
    """Yield paths of the files within a work folder: names do not depend on where they lie.

    Yosys takes plain names alone; what a file includes is looked up beside it.
    """
    for number, path in enumerate(files):
        beside = folder / f"rtl{number}"
        beside.symlink_to(path.resolve().parent)
        name = path.name
        if not _PLAIN.fullmatch(name):
            name = f"source{number}{path.suffix}"
            (folder / name).write_bytes(path.read_bytes())
            yield name
        else:
            yield f"{beside.name}/{name}"


def _commands(placed: Sequence[str], top: str, settings: Mapping[str, str]) -> list[str]:
    folders = " ".join(f"-I rtl{number}" for number in range(len(placed)))
    if any(path.endswith((".sv", ".svh")) for path in placed):
        given = " ".join(f"-G {name}={value}" for name, value in settings.items())
        reads = [f"read_slang --top {top} {folders} {given} {' '.join(placed)}"]
        chosen = f"hierarchy -check -top {top}"
    else:
        reads = [f"read_verilog {folders} {path}" for path in placed]
        given = " ".join(f"-chparam {name} {value}" for name, value in settings.items())
        chosen = f"hierarchy -check -top {top} {given}"
    return [
        *reads,
        chosen,
        # What a simulator prints or asserts is no hardware.
        "chformal -remove",
        "delete */t:$print",
        "proc",
        "setattr -mod -unset keep_hierarchy *",
        "setattr -unset keep_hierarchy */c:*",
        "flatten -noscopeinfo",
        f"rename -top {TOP}",
        # Cells have no initial values.
        "setattr -unset init */w:*",
        "write_rtlil design.il",
        "opt_expr",
        "opt_dff -nodffe -nosdff",
        "opt_clean",
        "check",
        "write_json flat.json",
    ]


def _complaint(
    top: str, folder: Path, placed: Sequence[str], files: Sequence[Path], told: str
) -> str:
    """Return what Yosys or slang has to say about files, as one sentence."""
    log = folder / "read.log"
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    found = next((line for line in lines if _COMPLAINT.search(line)), told)
    for name, path in zip(placed, files, strict=True):
        # slang follows links, and writes paths from where it stands.
        inner = re.escape(Path(name).name)
        found = re.sub(rf"[^\s:]*{inner}", lambda _, shown=path.name: shown, found)  # type: ignore[misc]
    if "No top module" in found:
        return f"{top} must have logic in it, but has none"
    what = re.sub(r"\s+", " ", re.sub(r"ERROR:\s*", "", found)).strip().rstrip(".")
    names = " and ".join(path.name for path in files)
    return f"verilog must be what Yosys can read, but of {names} it says: {what}"


def _check_log(log: str, top: str) -> None:
    """Refuse what Yosys's own check finds: loops, and nets that two things drive."""
    for line in log.splitlines():
        if "found logic loop" in line:
            raise UserError(f"{top} must have no combinational loop, but Yosys finds one")
        if "multiple conflicting drivers" in line:
            net = line.rpartition("\\")[2].rstrip(":")
            raise UserError(f"{top} must drive each net once, but {net} has several drivers")


def _ports(flat: Mapping[str, Any], top: str) -> dict[str, Port]:
    found = {}
    for name, port in flat["ports"].items():
        if port["direction"] not in ("input", "output"):
            raise UserError(f"{top} must have inputs and outputs alone, but {name} is an inout")
        found[name] = Port(len(port["bits"]), port["direction"] == "input")
    if not any(not port.is_input for port in found.values()):
        raise UserError(f"{top} must have an output, but has none")
    return found


def _clock(flat: Mapping[str, Any], top: str) -> str | None:
    """Return the one port that clocks a module, and refuse registers of any other kind."""
    edges: dict[Any, bool] = {}
    for cell in flat["cells"].values():
        kind, pins = cell["type"], cell["connections"]
        if not kind.startswith("$"):
            raise UserError(f"{top} must be whole, but instantiates {kind}, which has no body")
        if _LATCHES.match(kind):
            where = _name(flat, pins["Q"][0])
            raise UserError(f"{top} must have flip-flops alone, but {where} is a latch")
        if _LOADED.match(kind):
            where = _name(flat, pins["Q"][0])
            raise UserError(
                f"{top} must have registers that are reset to a constant, but {where} is loaded"
            )
        (clock,) = pins.get("CLK", ["x"])
        if clock not in ("0", "1", "x"):
            rising = int(cell["parameters"]["CLK_POLARITY"], 2)
            edges[clock] = edges.get(clock, True) and bool(rising)
    named = {bit: _name(flat, bit) for bit in edges}
    if len(edges) > 1:
        raise UserError(f"{top} must have one clock, not {' and '.join(sorted(named.values()))}")
    for bit, rising in edges.items():
        owners = [
            name
            for name, port in flat["ports"].items()
            if port["direction"] == "input" and port["bits"] == [bit]
        ]
        if not owners:
            raise UserError(f"{top} must be clocked by an input port, not by {named[bit]}")
        if not rising:
            raise UserError(f"{top} must be clocked by the rising edge, not the falling one")
        return owners[0]
    return None


def _name(flat: Mapping[str, Any], bit: Any) -> str:
    """Return the name of a net, a public one if there is one."""
    nets = sorted(flat["netnames"].items(), key=lambda item: bool(item[1]["hide_name"]))
    return next((name for name, net in nets if bit in net["bits"]), "an unnamed net")

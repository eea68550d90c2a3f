"""Verilator models with drivers in C++, as libraries: cycles without a call of Python.

A large array has one part many times over, but Verilator writes code for each instance. So the part
becomes a model of its own, which is compiled once, and the array calls it.
"""

import ctypes
import hashlib
import re
import subprocess
from contextlib import suppress
from itertools import chain
from pathlib import Path

from macsmith.host import cxx
from macsmith.host.kept_files import kept_library
from macsmith.host.tool_error import ToolError
from macsmith.rtlsim import verilator_runtime
from macsmith.rtlsim.cocotb_runner import check_simulator, simulator_environment
from macsmith.rtlsim.subject import FUNCTION

_OPTIONS = ("-O3", "--x-assign", "fast", "--x-initial", "fast", "--noassert", "-Wno-fatal",
            "-Wno-lint")  # fmt: skip

_CHOSEN_MUTANT = Path(__file__).with_name("chosen_mutant.cc")


def model(
    verilog: str, top: str, driver: Path, *options: str, part: str | None = None
) -> ctypes.CDLL:
    """Return a driver linked with the model of a module, compiled unless it is in the cache.

    Parameters
    ----------
    verilog:
        The module and those in it.
    top:
        Its name; the model's class is this after a ``V``.
    driver:
        C++ with ``extern "C"`` functions.
    options:
        Of Verilator and, where they begin with ``-D``, of the C++ compiler.
    part:
        A module in it of which there are many; its outputs are registers.

    Raises
    ------
    UserError
        If Verilator cannot run here.
    ToolError
        If Verilator or the C++ compiler fails.
    """
    check_simulator("verilator")
    driven = cxx.whole(driver.read_text(), driver.parent)
    key = "\0".join((verilog, top, driven, *options, part or ""))
    return kept_library(
        f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.so",
        lambda folder: _build(verilog, top, driven, options, part, folder),
    )


def _build(
    verilog: str, top: str, driven: str, options: tuple[str, ...], part: str | None, folder: Path
) -> Path:
    defines = [option for option in options if option.startswith("-D")]
    others = [option for option in options if option not in defines]
    sources = []
    if part is not None:
        (folder / "part.v").write_text(verilog)
        _verilate(folder, part, "part", "--lib-create", part, *others, "part.v")
        # The wrapper that comes with the model takes the part's place.
        verilog = _without(verilog, part)
        sources = [f"part/{part}.sv"]
    (folder / "top.v").write_text(verilog)
    _verilate(folder, top, "top", *others, "top.v", *sources)
    driver = folder / "driver.cc"
    driver.write_text(driven)
    includes = Path(simulator_environment("verilator")["VERILATOR_ROOT"]) / "include"
    parts = (sorted((folder / name).glob("*.cpp")) for name in ("part", "top"))
    written = [*chain(*parts), driver]
    if FUNCTION in verilog:
        written.append(_CHOSEN_MUTANT)
    # One file, so that the headers are read once; each model has a precompiled one of its own.
    source = folder / "all.cc"
    lines = [f'#undef VL_PCH_INCLUDED\n#include "{path}"\n' for path in written]
    source.write_text("".join(lines))
    shared = ["-O1", "-w", "-pthread", f"-I{includes}", f"-I{includes / 'vltstd'}"]
    own = [*shared, f"-I{folder / 'top'}", f"-I{folder / 'part'}", *defines]
    if (kept := verilator_runtime.kept_object(*shared)) is not None:
        with suppress(ToolError):  # it may be of another machine
            return cxx.shared_library(source, *own, str(kept))
    runtime = verilator_runtime.object_file(folder, *shared)
    return cxx.shared_library(source, *own, runtime.name)


def _verilate(folder: Path, top: str, into: str, *words: str) -> None:
    """Write the model of a module as C++."""
    command = ["verilator", "--cc", "--top-module", top, "--prefix", f"V{top}", "--Mdir", into]
    written = subprocess.run(
        [*command, *_OPTIONS, *words], cwd=folder, env=simulator_environment("verilator"),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if written.returncode:
        raise ToolError.of("Verilator", written.stdout + written.stderr, written.returncode)


def _without(verilog: str, module: str) -> str:
    """Return Verilog without one of its modules."""
    pattern = rf"^module \\?{re.escape(module)} ?\(.*?^endmodule$"
    text, count = re.subn(pattern, "", verilog, count=1, flags=re.DOTALL | re.MULTILINE)
    if not count:
        raise RuntimeError(f"there is no module {module} to make a model of")
    return text

"""Verilator's runtime as object files, compiled once and lent to every model.

The runtime is the same sources and flags in each model, and takes longer to compile than a MAC.
Models that are libraries link it as one object file. In those that cocotb builds, ``make`` takes an
object file for up to date that is newer than its source and than the model's own makefile, which
Verilator has yet to write: so what is lent is dated ahead.
"""

import hashlib
import os
import shutil
import time
from importlib.metadata import version
from pathlib import Path

from macsmith.host import cxx, kept_files
from macsmith.host.plain_folder import plain_folder

_SOURCES = ("verilated.cpp", "verilated_threads.cpp", "verilated_dpi.cpp")
"""What a model without a simulator around it needs."""

_OBJECTS = "verilated*.o"

_AHEAD_S = 24 * 3600
"""How far ahead lent files are dated; a build is over long before."""


def lend(model: Path, *flags: str) -> None:
    """Put the runtime into the folder of a model that is about to be built, if it is kept.

    Parameters
    ----------
    flags
        What the runtime is compiled with; another one is kept for others.
    """
    folder = kept_files.found("simulators", _name(*flags))
    for kept in folder.glob(_OBJECTS) if folder else ():
        shutil.copyfile(kept, model / kept.name)
        ahead = time.time() + _AHEAD_S
        os.utime(model / kept.name, (ahead, ahead))


def keep(model: Path, *flags: str) -> None:
    """Keep the runtime of a model that was built, unless it is kept already.

    It appears whole or not at all, so that no other model takes half of it.
    """
    if kept_files.found("simulators", _name(*flags)):
        return
    with plain_folder() as made:
        for one in model.glob(_OBJECTS):
            shutil.copyfile(one, made / one.name)
        kept_files.keep("simulators", _name(*flags), made)


def kept_object(*flags: str) -> Path | None:
    """Return the runtime as one object file that was compiled with these flags, if it is kept."""
    return kept_files.found("compiled", _object_name(*flags))


def object_file(folder: Path, *flags: str) -> Path:
    """Compile the runtime to one object file, keep it, and return its path.

    Raises
    ------
    ToolError
        If the compiler fails.
    """
    source = folder / "runtime.cc"
    source.write_text("".join(f"#include <{name}>\n" for name in _SOURCES))
    made = cxx.object_file(source, *flags)
    kept_files.keep("compiled", _object_name(*flags), made)
    return made


def _object_name(*flags: str) -> str:
    return f"{_name(*flags)}.o"


def _name(*flags: str) -> str:
    """Return how the runtime of this Verilator, compiler and flags is kept."""
    compiler = shutil.which(os.environ.get("CXX", "c++")) or ""
    stamp = str(Path(compiler).resolve().stat().st_mtime_ns) if compiler else ""
    settings = (os.environ.get(name, "") for name in ("CPPFLAGS", "CXXFLAGS", "OPT", "OPT_GLOBAL"))
    keys = version("verilator"), compiler, stamp, *settings, *flags
    return f"runtime-{hashlib.sha256(chr(0).join(keys).encode()).hexdigest()[:24]}"

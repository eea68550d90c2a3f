"""Verilator models with drivers in C++, as libraries: cycles without a call of Python."""

import ctypes
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from macsmith.cache import cache_folder
from macsmith.simulate import simulator_environment


def verilated(verilog: str, top: str, driver: Path, once: Sequence[str] = ()) -> ctypes.CDLL:
    """Return a driver linked with the model of a module, compiled unless it is in the cache.

    Parameters
    ----------
    verilog:
        The module and those in it.
    top:
        Its name; the model's class is this after a ``V``.
    driver:
        C++ with ``extern "C"`` functions.
    once:
        Modules that are compiled once for all their instances, not flattened. Their outputs should
        come from registers: Verilator takes each for a function of all inputs.

    Raises
    ------
    RuntimeError
        If Verilator or the C++ compiler fails.
    """
    key = "\0".join((verilog, top, driver.read_text(), *once))
    library = cache_folder("compiled") / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.so"
    if not library.exists():
        with tempfile.TemporaryDirectory() as folder:
            made = _build(verilog, top, driver, once, Path(folder))
            partial = library.with_suffix(f".{os.getpid()}")
            shutil.copy(made, partial)
            partial.replace(library)
    return ctypes.CDLL(str(library))


def _build(verilog: str, top: str, driver: Path, once: Sequence[str], folder: Path) -> Path:
    """Compile a model and its driver in a folder and return the library."""
    (folder / "top.v").write_text(verilog)
    blocks = [f'hier_block -module "{module}"' for module in once]
    (folder / "once.vlt").write_text("\n".join(["`verilator_config", *blocks, ""]))
    made = subprocess.run(
        ["verilator", "--cc", "--exe", "--build", "--build-jobs", str(os.cpu_count() or 1),
         *(["--hierarchical"] if once else []), "--top-module", top, "--prefix", f"V{top}",
         "--Mdir", "model", "-O3", "--x-assign", "fast", "--x-initial", "fast", "--noassert",
         "-Wno-fatal", "-Wno-lint", "-CFLAGS", "-fPIC -O1 -std=c++17", "-LDFLAGS", "-shared",
         "-o", "model.so", "once.vlt", "top.v", str(driver)],
        cwd=folder, env=simulator_environment("verilator"), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if made.returncode:
        raise RuntimeError(f"verilator failed: {made.stderr[-2000:] or made.stdout[-2000:]}")
    return folder / "model" / "model.so"

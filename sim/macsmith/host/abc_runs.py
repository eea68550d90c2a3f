"""The ABC that comes with pyosys, as a program of its own."""

import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path


@cache
def _program() -> Path:
    spec = find_spec("pyosys")
    assert spec is not None and spec.origin is not None, "pyosys is a dependency"
    return Path(spec.origin).with_name("yosys-abc")


def run_abc(commands: str, folder: Path, limit_s: float | None = None) -> str | None:
    """Return what ABC says of commands, or None if its time is up.

    Parameters
    ----------
    folder:
        Where it works: names of files are relative to it.
    limit_s:
        Seconds after which it is ended; commands that limit themselves need none.
    """
    try:
        done = subprocess.run(
            [_program(), "-c", commands], cwd=folder, capture_output=True, text=True, check=False,
            timeout=limit_s,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None
    return done.stdout + done.stderr

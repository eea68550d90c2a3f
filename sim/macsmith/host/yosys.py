"""Yosys, one child process a script.

A Yosys error ends the process that it happens in, and a failed assertion aborts it, so the library
is never loaded into the caller. The child costs 0.1 s and may run beside others.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_CHILD = """\
import sys
from pyosys import libyosys
libyosys.Pass.call(libyosys.Design(), f"tee -q -o {sys.argv[1]} script {sys.argv[2]}")
"""


class YosysError(RuntimeError):
    """A Yosys script failed; the message is the last line of its log and where the log is."""


def run_yosys(commands: Sequence[str], folder: Path, name: str = "yosys") -> str:
    """Run ``commands`` with ``folder`` as the working directory and return the log.

    The script and its log stay in ``folder`` as ``name.ys`` and ``name.log``. Paths in commands
    are relative to ``folder`` or absolute, and hold no white space.

    Raises
    ------
    YosysError
        If a command fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    script, log = folder / f"{name}.ys", folder / f"{name}.log"
    script.write_text("\n".join(commands) + "\n")
    child = subprocess.run(
        [sys.executable, "-c", _CHILD, log.name, script.name],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    text = log.read_text() if log.exists() else ""
    if child.returncode:
        lines = [line for line in (text + child.stderr).splitlines() if line.strip()]
        reason = lines[-1] if lines else f"it ended with status {child.returncode}"
        raise YosysError(f"Yosys failed: {reason} (log: {log})")
    return text

"""Yosys, one child process a script.

A Yosys error ends the process that it happens in, and a failed assertion aborts it, so the library
is never loaded into the caller. The child costs 0.1 s and may run beside others.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from macsmith.host.plain_folder import tool_environment
from macsmith.host.tool_error import ToolError

_CHILD = """\
import sys
from pyosys import libyosys
libyosys.Pass.call(libyosys.Design(), f"tee -q -o {sys.argv[1]} script {sys.argv[2]}")
"""


class YosysError(ToolError):
    """A Yosys script failed; the message is the last line of its log and where the log is kept."""


def run_yosys(commands: Sequence[str], folder: Path, name: str = "yosys") -> str:
    """Run ``commands`` with ``folder`` as the working directory and return the log.

    The script and its log stay in ``folder`` as ``name.ys`` and ``name.log``. Paths in commands
    are relative to ``folder``.

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
        env=tool_environment(),
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    text = log.read_text(errors="replace") if log.exists() else ""
    if child.returncode:
        raise YosysError.of("Yosys", text + child.stderr, child.returncode)
    return text

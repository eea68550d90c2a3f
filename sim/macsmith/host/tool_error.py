"""What a tool that failed comes to: one sentence with the last line that it said, and its log."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from macsmith.contract.errors import UserError
from macsmith.host.cache_folder import cache_folder
from macsmith.host.plain_folder import tool_environment

_LOGS = 100
"""Logs that are kept; the oldest go."""


class ToolError(UserError, RuntimeError):
    """A tool failed; the message is one sentence with its last line and where its log is."""

    @classmethod
    def of(
        cls, tool: str, said: str, status: int | None = None, log: Path | None = None
    ) -> "ToolError":
        """Return the error of a run that ended badly.

        Parameters
        ----------
        tool
            The tool's name, as a person knows it.
        said
            All that it wrote.
        status
            How its process ended, if it did.
        log
            A log of the user's own, which stays where it is; else one is kept in the cache.
        """
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        end = _ending(status)
        last = f"{lines[-1]}{f' ({end})' if (status or 0) < 0 else ''}" if lines else end
        return cls(f"{tool} failed: {last} (log: {log or keep_log(tool, said)})")


def run_tool(tool: str, command: Sequence[str], folder: Path, limit_s: float | None = None) -> str:
    """Run a tool with ``folder`` as its working directory, and return what it wrote.

    Raises
    ------
    ToolError
        If it fails, cannot be started, or does not end within its seconds.
    """
    try:
        done = subprocess.run(
            command, cwd=folder, env=tool_environment(), capture_output=True, text=True,
            errors="replace", check=False, timeout=limit_s,
        )  # fmt: skip
    except OSError as error:
        raise ToolError(f"{tool} could not be started: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise ToolError(f"{tool} must end within {limit_s:g} s, but did not") from None
    said = done.stdout + done.stderr
    if done.returncode:
        raise ToolError.of(tool, said, done.returncode)
    return said


def keep_log(tool: str, said: str) -> Path:
    """Keep what a tool said, in the cache or else among temporary files; return where."""
    name = f"{tool.lower().replace(' ', '-')}-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
    for number in range(_LOGS):
        try:
            folder = cache_folder("logs")
            path = folder / f"{name}-{number}.log"
            with path.open("x", errors="replace") as file:
                file.write(said)
        except FileExistsError:
            continue
        except OSError:
            break
        kept = sorted(folder.glob("*.log"), key=lambda one: one.name.split("-")[-4:])
        for old in kept[:-_LOGS]:
            old.unlink(missing_ok=True)
        return path
    descriptor, temporary = tempfile.mkstemp(".log", f"{name}-", text=True)
    with open(descriptor, "w", errors="replace") as log:  # noqa: PTH123, a descriptor is no path
        log.write(said)
    return Path(temporary)


def _ending(status: int | None) -> str:
    if status is None:
        return "it said nothing"
    if status < 0:
        return f"it was ended by {signal.Signals(-status).name}"
    return f"it ended with status {status}"

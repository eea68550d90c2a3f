"""The command ``macsmith`` in a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

_PROGRESS = re.compile(r"^[a-z][a-z ]*: \d+ of \d+ after \d+ s\b.*\n", re.M)
"""A line of `macsmith.cli.progress`."""


def run(*words: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """Run ``macsmith`` and return what it did; how far it was is left out of its errors."""
    command = [sys.executable, "-c", "from macsmith.cli.main import main; main()", *words]
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | env, capture_output=True, text=True, check=False
    )
    done.stderr = without_progress(done.stderr)
    return done


def without_progress(errors: str) -> str:
    """Return what a command has written to standard error besides how far it was."""
    return _PROGRESS.sub("", errors)

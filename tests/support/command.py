"""The command ``macsmith`` in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path


def run(*words: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """Run ``macsmith`` and return what it did."""
    command = [sys.executable, "-c", "from macsmith.cli.main import main; main()", *words]
    return subprocess.run(
        command, cwd=cwd, env=os.environ | env, capture_output=True, text=True, check=False
    )

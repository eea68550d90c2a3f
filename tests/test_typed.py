"""The types of macsmith as a user's mypy sees them: `py.typed` is in force in every room."""

import subprocess
import sys
from pathlib import Path

from tests.support.imports import rooms

RIGHT = """
from macsmith.catalog.catalog import make_spec
from macsmith.contract.modes import Mode

mode: Mode = Mode.parse("8x4")
bits: int = mode.act_bits
"""
WRONG = """
width: str = mode.act_bits
other: Mode = Mode.parse(84)
"""


def mypy(script: Path) -> tuple[int, str]:
    """Return status and report of mypy over a script, without any configuration of ours."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file=", "--cache-dir", "cache", script.name],
        cwd=script.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_errors_of_a_user_are_found(tmp_path: Path) -> None:
    script = tmp_path / "mine.py"
    script.write_text(RIGHT + "".join(f"import {room}\n" for room in rooms()), encoding="utf-8")
    status, said = mypy(script)
    assert status == 0, said
    script.write_text(RIGHT + WRONG, encoding="utf-8")
    status, said = mypy(script)
    line = len(RIGHT.splitlines()) + 2
    assert status == 1 and "Found 2 errors" in said, said
    assert f"mine.py:{line}: error: Incompatible types in assignment" in said
    assert f'mine.py:{line + 1}: error: Argument 1 to "parse" of "Mode"' in said

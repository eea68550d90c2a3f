"""What ``make`` says on a machine that lacks something."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.checkout import ROOT

TOOLS = ("python3", "perl", "c++", "sh", "make")


def _real(tool: str) -> Path:
    """Return the program itself: a shim for Python would need more than these tools."""
    found = sys.executable if tool == "python3" else shutil.which(tool)
    assert found, f"{tool} is needed for this test"
    return Path(found).resolve()


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("python3", "macsmith needs Python 3.11 or newer: python3 was not found"),
        ("perl", "macsmith needs perl, which starts Verilator: perl was not found"),
        ("c++", "macsmith needs a C++ compiler for its simulators: c++ was not found"),
    ],
)
def test_missing_tool_is_one_sentence(missing: str, sentence: str, tmp_path: Path) -> None:
    for tool in TOOLS:
        if tool != missing:
            (tmp_path / tool).symlink_to(_real(tool))
    done = subprocess.run(
        [tmp_path / "make", "--no-print-directory", "check-tools"],
        cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == sentence

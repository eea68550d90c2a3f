"""Standard output that cannot be written is a sentence and status 2, to the last byte of it."""

import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = f"'{sys.executable}' -m macsmith.cli"


def shell(words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command with redirections of a shell."""
    return subprocess.run(
        f"{COMMAND} {words}", shell=True, cwd=cwd, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("generate data-gated > /dev/full", "No space left on device"),
        ("list >&-", "Bad file descriptor"),
        ("--help > /dev/full", "No space left on device"),
    ],
)
def test_what_cannot_be_written_is_said(words: str, reason: str, tmp_path: Path) -> None:
    done = shell(words, tmp_path)
    assert done.returncode == 2
    assert done.stderr == f"macsmith: standard output could not be written: {reason}\n"


def test_a_device_is_written_as_it_is(tmp_path: Path) -> None:
    done = shell("generate data-gated -o /dev/full", tmp_path)
    assert done.returncode == 2
    assert (
        done.stderr == "macsmith: output /dev/full could not be written: No space left on device\n"
    )
    assert Path("/dev/full").is_char_device()


def test_a_reader_that_has_gone_and_closed_errors_are_no_traceback(tmp_path: Path) -> None:
    assert shell("list --json 2>&1 | head -c 1", tmp_path).stdout == "["
    done = shell("generate nothing 2>&-", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")

"""Random command lines: work, or one sentence and status 2, never a traceback."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil  # as on every system
import pytest

from tests.support.command_cases import Words, command_lines
from tests.support.fuzz_record import FuzzRecord, each_drawn

SEED = 14

PATIENCE_S = 5
"""Seconds of the processor after which a command is interrupted, as by a terminal."""

LOOK_S = 0.2
"""Seconds from one look at what it has used to the next."""

STUCK_S = 120
"""Seconds after which an interrupted command counts as stuck."""

COUNT = 500
"""Command lines."""

HOURS = 12 * 3600
"""Seconds after which a long run is given up."""

STATUSES = {
    0: "done",
    1: "done",
    2: "refused",
    130: "interrupted at work",
    -2: "interrupted at work",
}
"""What a command may end with; 1 tells of a mismatch or of a page out of date, and -2 of an interrupt
that came when Python had no more than to end, which shells tell as 130 too."""


def _interruptible() -> None:
    """Take interrupts in a child, also where a shell has the tests in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _told(process: subprocess.Popen[str], seconds: float) -> str | None:
    """Return a command's errors if it ends in so many seconds."""
    try:
        return process.communicate(timeout=seconds)[1]
    except subprocess.TimeoutExpired:
        return None


def _used(number: int) -> float:
    """Return the seconds of the processor that a command and its children have used."""
    command = psutil.Process(number)
    seconds = 0.0
    for one in (command, *command.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            seconds += sum(one.cpu_times()[:2])
    return seconds


def ended(words: Words, cache: Path) -> tuple[int, str, list[str]]:
    """Run a command; return its status, its errors, and the files that it left."""
    command = [sys.executable, "-m", "macsmith.cli", *words]
    with TemporaryDirectory() as folder:
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | {"MACSMITH_CACHE": str(cache)}, text=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
            preexec_fn=_interruptible,
        )  # fmt: skip
        errors = None
        while errors is None and _used(process.pid) < PATIENCE_S:
            errors = _told(process, LOOK_S)
        if errors is None:
            os.killpg(process.pid, signal.SIGINT)
            errors = _told(process, STUCK_S)
        if errors is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise AssertionError(f"{words} goes on after an interrupt")
        left = [path.name for path in Path(folder).iterdir() if path.is_file()]
    return process.returncode, errors, left


def check(words: Words, cache: Path) -> str:
    """Return how a command line ended, and fail if it may not end like that."""
    status, errors, left = ended(words, cache)
    assert "Traceback" not in errors, f"{words}: {errors[-2000:]}"
    assert status in STATUSES, f"{words}: status {status}, {errors[-500:]}"
    if status == 2:
        usage = errors.startswith("Usage: ")
        one = errors.startswith("macsmith: ") and len(errors.strip().splitlines()) == 1
        assert usage or one, f"{words}: {errors[-1000:]}"
    if status in (2, 130, -2):
        assert left == [], f"{words} leaves {left}"
    return STATUSES[status]


@pytest.mark.slow
@pytest.mark.timeout(HOURS)
def test_each_command_line_works_or_is_one_sentence(tmp_path: Path) -> None:
    record = FuzzRecord("commands", SEED)

    def run(words: Words) -> None:
        record.count(words[0], check(words, tmp_path / "cache"))

    each_drawn(command_lines(), COUNT, SEED, run)
    assert record.ends.total() == COUNT and record.ends["refused"] > COUNT // 6
    record.write()

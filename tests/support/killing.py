"""Sweeps in processes of their own, killed on the way: for the tests and for the benchmark."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.support.command import without_progress

Entry = dict[str, Any]

DEADLINE_S = 500
"""Seconds after which a wait ends that would never end; no test measures time."""


def start(words: Sequence[str], cache: Path) -> subprocess.Popen[str]:
    """Start ``macsmith`` with a cache of its own, and temporary files within it."""
    temporary = cache / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "macsmith.cli", *words]
    return subprocess.Popen(
        command, env=os.environ | {"MACSMITH_CACHE": str(cache), "TMPDIR": str(temporary)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_interruptible,
    )  # fmt: skip


def _interruptible() -> None:
    """Take interrupts in a child, also where a shell has the tests in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def finish(process: subprocess.Popen[str], timeout: float = DEADLINE_S) -> tuple[int, str, str]:
    """Return status, output and errors of a process at its end, but for how far it was."""
    out, err = process.communicate(timeout=timeout)
    return process.returncode, out, without_progress(err)


def made(cache: Path) -> list[Entry]:
    """Return the lines of the log of what was made."""
    journal = cache / "journal" / "made.jsonl"
    return (
        [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []
    )


def events(cache: Path, event: str) -> Counter[str]:
    """Return how often each netlist was begun, or kept."""
    lines = [line for line in made(cache) if line["kind"] == "measurements"]
    return Counter(line["key"] for line in lines if line["event"] == event)


def wait_for(what: Callable[[], bool], timeout: float = DEADLINE_S) -> bool:
    """Wait until something is so, and return whether it came to be."""
    end = time.monotonic() + timeout
    while not what() and time.monotonic() < end:
        time.sleep(0.02)
    return what()


def alive(groups: set[int]) -> list[psutil.Process]:
    """Return the processes of process groups, the dead that nobody has buried aside."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) in groups and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found


def workers(cache: Path) -> set[int]:
    """Return the processes that made something; each leads a group."""
    return {line["process"] for line in made(cache)}


@dataclass
class Killed:
    """A sweep that is killed and started again with one cache.

    Members
    -------
    seen
        Of each kill, how many lines the log had.
    """

    words: Sequence[str]
    cache: Path
    seen: list[int] = field(default_factory=list)

    def kill(self, kept: int, delay: float) -> bool:
        """Start it, kill it a delay after so many are kept; return whether it was at work."""
        process = start(self.words, self.cache)
        wait_for(lambda: events(self.cache, "kept").total() >= kept or process.poll() is not None)
        time.sleep(delay)
        ended = process.poll() is not None
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert wait_for(lambda: not alive(workers(self.cache))), "workers live on"
        self.seen.append(len(made(self.cache)))
        return not ended

    def kept(self) -> list[int]:
        """Return how many netlists had been kept at each kill."""
        kinds = [(line["kind"], line["event"]) for line in made(self.cache)]
        return [kinds[:count].count(("measurements", "kept")) for count in self.seen]

    def again(self) -> list[str]:
        """Return what was begun although an earlier run had kept it."""
        lines = made(self.cache)
        twice = []
        for count in self.seen:
            kept = {line["key"] for line in lines[:count] if line["event"] == "kept"}
            twice += [
                line["key"] for line in lines[count:]
                if line["event"] == "began" and line["key"] in kept
            ]  # fmt: skip
        return twice

"""Checks of a unit on RTL with one fault: in a process of their own, which ends with its deadline.

A fault may hang a simulation or end its process, and neither may end the command.
"""

import os
import signal
import time
import xml.etree.ElementTree as xml
from contextlib import suppress
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from macsmith.catalog.catalog import spec_of_parameters
from macsmith.rtlsim.subject import CHOSEN, Subject
from macsmith.verify.plan import Plan
from macsmith.verify.verify import verification

BULK, BENCH = "bulk", "bench"
LAYERS = (BULK, BENCH)
"""What faults go through, the quickest first: ``macsmith verify``'s two layers."""

SIMULATOR = "verilator"
"""What the bench runs on."""

LEAST_S, TIMES = 60.0, 10
"""A trial ends after so many seconds, or so many times what the unit without fault takes."""

MOST_S = 3600.0
"""What the unit without a fault may take, its compilation included."""


class FirstFinding(Exception):
    """One finding is enough; the message is what found it."""


class Trials:
    """Runs the checks of a unit on its RTL with one fault or none.

    Parameters
    ----------
    plan:
        How thoroughly; the subject in it has the faults.
    folder:
        Where the bench leaves its logs.
    """

    def __init__(self, name: str, spec: Any, plan: Plan, folder: Path) -> None:
        self._job = name, spec.parameters(), plan, folder
        self._limit_s = dict.fromkeys(LAYERS, MOST_S)
        self._child: Any = None
        self._pipe: Connection | None = None

    def __enter__(self) -> "Trials":
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def check_unit(self, layer: str) -> None:
        """Check that the unit without fault passes, and take deadlines from the time it needs.

        The first trial compiles the models.

        Raises
        ------
        RuntimeError
            If it does not pass.
        """
        for _ in range(2):
            self._time_unit(layer)

    def caught_by(self, layer: str, mutant: int) -> str | None:
        """Return the check of a layer that sees a fault, or None if all of it pass.

        A fault that misses the deadline on a machine that has become slower is tried once more.
        """
        limit = self._limit_s[layer]
        caught, late = self._trial(layer, mutant, limit)
        if late:
            self._time_unit(layer)
            if self._limit_s[layer] > limit:
                caught, _ = self._trial(layer, mutant, self._limit_s[layer])
        return caught

    def _time_unit(self, layer: str) -> None:
        """Take the deadline from the unit without a fault."""
        began = time.monotonic()
        caught, _ = self._trial(layer, 0, MOST_S)
        if caught:
            name = self._job[0]
            raise RuntimeError(f"{name} fails its own {layer} without a fault: {caught}")
        self._limit_s[layer] = max(LEAST_S, TIMES * (time.monotonic() - began))

    def _trial(self, layer: str, mutant: int, limit: float) -> tuple[str | None, bool]:
        """Return the check that sees a fault, and whether it was the deadline."""
        if self._pipe is None:
            self._pipe = self._start()
        self._pipe.send((layer, mutant))
        late = False
        try:
            if self._pipe.poll(limit):
                caught: str | None = self._pipe.recv()
                return caught, late
            reason, late = f"no end after {limit:.0f} s", True
        except (EOFError, ConnectionError):
            reason = "the simulation ended its process"
        self._end()
        return reason, late

    def _start(self) -> Connection:
        here, there = get_context("spawn").Pipe()
        self._child = get_context("spawn").Process(target=_work, args=(there, *self._job))
        self._child.start()
        there.close()
        return here

    def _end(self) -> None:
        """End the child and what it has started."""
        if self._child is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)
            self._child.join()
        if self._pipe is not None:
            self._pipe.close()
        self._child = self._pipe = None


def _work(
    pipe: Connection, name: str, parameters: dict[str, Any], plan: Plan, folder: Path
) -> None:
    """Answer which check sees a fault, until the other end of the pipe closes."""
    os.setsid()
    spec = spec_of_parameters(name, parameters)
    trials = {BULK: _bulk, BENCH: _bench}
    with suppress(EOFError):
        while True:
            layer, mutant = pipe.recv()
            os.environ[CHOSEN] = str(mutant)
            faulty = replace(plan, subject=replace(_subject(plan), mutant=mutant))
            pipe.send(trials[layer](name, spec, faulty, folder))


def _subject(plan: Plan) -> Subject:
    if plan.subject is None:
        raise ValueError("plan must have a subject")
    return plan.subject


def _bulk(name: str, spec: Any, plan: Plan, folder: Path) -> str | None:
    try:
        for run in verification(name).bulk(spec, replace(plan, told=_end)):
            if not run.right:
                return f"{run.mode}, {run.failure}"
    except (FirstFinding, RuntimeError) as found:
        return str(found)
    return None


def _end(finding: str) -> None:
    raise FirstFinding(finding)


def _bench(name: str, spec: Any, plan: Plan, folder: Path) -> str | None:
    try:
        runs = verification(name).protocol(spec, SIMULATOR, folder, plan)
    except RuntimeError as error:
        return _failed_test(folder) or str(error)
    if all(run.right for run in runs):
        return None
    return _failed_test(folder) or "mismatch"


def _failed_test(folder: Path) -> str | None:
    """Return the name of the test that failed, as cocotb wrote it."""
    path = folder / "results.xml"
    if not path.exists():
        return None
    for case in xml.parse(path).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            return case.get("name")
    return None

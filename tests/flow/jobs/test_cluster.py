"""A sweep on a Dask cluster of real processes: scheduler, workers, and what happens to them."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from macsmith.analysis.sweep import Sweep
from macsmith.catalog.catalog import make_spec
from macsmith.contract.errors import UserError
from macsmith.jobs import dask_cluster
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import Synthesis, jobs_for
from macsmith.jobs.source import Source
from macsmith.library import resolve
from macsmith.synthesis.yosys_abc import Recipe
from tests.support.killing import Entry, events, finish, made, start, wait_for

WORDS = (
    "sweep", "data-gated", "--set", "act_width=2..9", "--set", "weight_width=2,3",
    "--boundary", "core", "--recipe", "area", "--no-energy",
)  # fmt: skip
POINTS = 32


class Machines:
    """A scheduler and workers, each with a folder and a cache of its own."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack, self._folder = stack, folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        port = self.address.rpartition(":")[2]
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", port)

    def worker(self, name: str) -> subprocess.Popen[bytes]:
        """Start a worker process without a nanny, so that it stays dead when killed."""
        return self._start(name, self.address, "--nthreads", "1", "--no-nanny", "--name", name)

    def wait_for_workers(self, count: int) -> None:
        """Wait until so many have joined."""
        assert wait_for(lambda: asyncio.run(dask_cluster._workers(self.address)) == count)

    def cache(self, name: str) -> Path:
        return self._folder / name / "cache"

    def _start(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        folder = self._folder / name
        folder.mkdir()
        kind = "scheduler" if name == "scheduler" else "worker"
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", kind, *words, "--no-dashboard"],
                cwd=folder, env=os.environ | {"MACSMITH_CACHE": str(self.cache(name))},
                stdout=log, stderr=log,
            )  # fmt: skip
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return process


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    """A scheduler; tests add workers."""
    folder = tmp_path / "machines"
    folder.mkdir()
    with ExitStack() as stack:
        yield Machines(stack, folder)


def refused(address: str) -> str:
    """Return the sentence that a sweep on such a scheduler gets."""
    with pytest.raises(UserError) as raised, dask_cluster.Cluster(address, []):
        pass
    return str(raised.value)


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_cluster, "PATIENCE_S", 1)
    rule = "scheduler must be the address of a Dask scheduler that answers within 1 s, such as tcp://host:8786, not "
    assert refused("nowhere") == rule + "'nowhere': missing port number in address 'nowhere'"
    assert refused("carrier://pigeon").startswith(
        rule + "'carrier://pigeon': unknown address scheme"
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        assert refused(address) == f"{rule}{address!r}: no answer"
    assert refused(address).startswith(f"{rule}{address!r}: ")


def test_a_scheduler_without_workers(machines: Machines) -> None:
    def answers() -> bool:
        host, port = machines.address.removeprefix("tcp://").split(":")
        with socket.socket() as attempt:
            return attempt.connect_ex((host, int(port))) == 0

    assert wait_for(answers)
    assert refused(machines.address) == (
        f"scheduler {machines.address} must have a worker, but has none; start some with dask "
        f"worker {machines.address}"
    )


@pytest.mark.slow
def test_a_killed_worker_loses_nothing(machines: Machines, tmp_path: Path) -> None:
    first = machines.worker("first")
    machines.wait_for_workers(1)
    words = [*WORDS, "--json", str(tmp_path / "s.json")]
    process = start([*words, "--scheduler", machines.address], tmp_path / "cache")
    victim = machines.cache("first")
    assert wait_for(lambda: busy(victim))
    second = machines.worker("second")  # joins a sweep that runs, and takes work from the first
    assert wait_for(lambda: busy(machines.cache("second")))
    stop_at_work(first, victim)
    first.send_signal(signal.SIGKILL)
    first.wait()
    lost = events(victim, "began") - events(victim, "kept")
    status, out, err = finish(process)
    assert (status, err.strip()) == (0, "")
    assert f"{POINTS} points: 0 found, {POINTS} computed" in out

    generic = resolve.resolve()
    sweep = Sweep(units=["data-gated"], parameters={"act_width": ["2..9"], "weight_width": ["2,3"]})
    jobs = [
        job
        for name, spec in sweep.specs()[0]
        for job in jobs_for({name: spec}, ["core"], [Recipe.AREA], generic)
    ]
    assert json.loads((tmp_path / "s.json").read_text()) == measure(jobs, generic)

    # What the dead worker had begun was made by the other; the client has it all now.
    assert lost and lost <= events(machines.cache("second"), "kept")
    assert made(tmp_path / "cache") == []
    before = (tmp_path / "s.json").read_bytes()
    status, out, err = finish(start(words, tmp_path / "cache"))
    assert (status, err.strip()) == (0, "") and f"{POINTS} found, 0 computed" in out
    assert (tmp_path / "s.json").read_bytes() == before
    assert second.poll() is None


def stop_at_work(worker: subprocess.Popen[bytes], cache: Path) -> None:
    """Hold a worker while it has another netlist in the making, so that nothing is a race."""
    while True:
        assert wait_for(lambda: busy(cache))
        worker.send_signal(signal.SIGSTOP)
        if busy(cache):
            return
        worker.send_signal(signal.SIGCONT)


def busy(cache: Path) -> bool:
    """Return whether a worker has kept a netlist and has another in the making."""
    lines: list[Entry] = [line for line in made(cache) if line["kind"] == "measurements"]
    return len(lines) > 1 and lines[-1]["event"] == "began"


def test_workers_must_be_alike(
    machines: Machines, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MACSMITH_CACHE", str(tmp_path))
    machines.worker("other")
    machines.wait_for_workers(1)
    generic = resolve.resolve()
    spec = make_spec("data-gated", {"act_width": 2, "weight_width": 2})
    (job, *_) = jobs_for({"data-gated": spec}, ["core"], [Recipe.AREA], generic)
    mine = dask_cluster.identity() | {"yosys": "0.1"}
    monkeypatch.setattr(dask_cluster, "identity", lambda: mine)
    with (
        dask_cluster.Cluster(machines.address, [generic]) as running,
        pytest.raises(UserError) as raised,
    ):
        list(running.run([Synthesis(job, Source.of(generic))]))
    assert re.fullmatch(
        rf"sweep on {machines.address} cannot go on: workers must have the client's yosys 0.1, but "
        r"tcp://127.0.0.1:\d+ has \d.*", str(raised.value),
    )  # fmt: skip


@pytest.mark.slow
def test_a_lost_scheduler_is_one_sentence(machines: Machines, tmp_path: Path) -> None:
    worker = machines.worker("one")
    machines.wait_for_workers(1)
    words = [*WORDS, "--recipe", "speed", "--json", str(tmp_path / "s.json")]
    process = start([*words, "--scheduler", machines.address], tmp_path / "cache")
    stop_at_work(worker, machines.cache("one"))
    assert process.poll() is None, process.communicate()
    machines.scheduler.kill()
    worker.send_signal(signal.SIGCONT)
    status, out, err = finish(process)
    assert (status, out) == (2, "")
    assert err.strip() == (
        f"macsmith: scheduler {machines.address} must live to the end, but was lost; what is done "
        "is kept, and the same command goes on from there"
    )
    assert not (tmp_path / "s.json").exists()

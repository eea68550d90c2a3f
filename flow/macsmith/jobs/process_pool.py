"""Worker processes on this machine.

Each works in a temporary folder and a process group of its own, with Yosys and OpenSTA as members.
It holds the end of a pipe whose other end only the parent has. When that closes, because the parent
is done, interrupted or killed, the worker ends its group at once, so that nothing is kept of a tool
that was ended half way. A lock tells folders of the living from those of the dead.
"""

import fcntl
import os
import shutil
import signal
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Self

from macsmith.contract.errors import UserError
from macsmith.host.garbage import collect_seldom
from macsmith.host.plain_folder import work_root
from macsmith.jobs.result_store import Address, hold, take_held
from macsmith.jobs.task import Outcome, T, Task

PATIENCE = 3
"""How often in a row workers may die without finishing anything."""


def cpus() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Pool:
    """Worker processes, started when there is work; a context manager, at whose end they are gone.

    A worker that dies is replaced, and what it worked on is run again.

    Parameters
    ----------
    workers
        How many; else one for each processor.
    """

    def __init__(self, workers: int | None = None) -> None:
        self._workers = workers or cpus()
        # Forked children would hold the parent's end of the pipe, and its locks as they are; the
        # socket of a server that forks has a path of 107 bytes at most, which TMPDIR may exceed.
        self._context = get_context("spawn")
        self._ends, self._life = self._context.Pipe(duplex=False)
        self._executor: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._life.close()
        self._stop()
        self._ends.close()
        _clear()

    def run(self, tasks: Iterable[T]) -> Iterator[Outcome[T]]:
        """Run tasks and yield each as it ends.

        Raises
        ------
        UserError
            If workers keep dying.
        """
        left, deaths = list(tasks), 0
        while left:
            futures = self._submit(left)
            left = []
            for future in as_completed(futures):
                error = future.exception()
                if isinstance(error, BrokenProcessPool):
                    left.append(futures[future])
                    continue
                deaths = 0
                if error is None:
                    hold(future.result())
                yield futures[future], error
            if left:
                self._stop()
                deaths += 1
            if deaths >= PATIENCE:
                raise UserError(
                    f"worker processes must live, but were ended {deaths} times in a row while "
                    f"at {left[0].label}; if memory is short, take fewer --workers, and in a "
                    'script of your own measure below if __name__ == "__main__":'
                )

    def _submit(self, tasks: Iterable[T]) -> dict[Future[dict[Address, Any]], T]:
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                self._workers, self._context, _begin, (self._ends,)
            )
        # Workers inherit the mask: only the parent hears Ctrl-C, and ends them.
        with _deaf():
            return {self._executor.submit(_run, task): task for task in tasks}

    def _stop(self) -> None:
        if self._executor:
            self._executor.shutdown(cancel_futures=True)
        self._executor = None


@contextmanager
def _deaf() -> Iterator[None]:
    """Hold back interrupts until the end of the block."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _run(task: Task) -> dict[Address, Any]:
    """Run a task; return what it has made and could not keep."""
    task.run()
    return take_held()


def _begin(life: Connection) -> None:
    """Set up a worker."""
    collect_seldom()
    os.setpgid(0, 0)
    tempfile.tempdir = os.environ["TMPDIR"] = str(_folder())

    def end(*_: object) -> None:
        os.killpg(0, signal.SIGKILL)

    def watch() -> None:
        with suppress(EOFError, OSError):
            life.recv()
        end()

    signal.signal(signal.SIGTERM, end)
    Thread(target=watch, daemon=True).start()


_PREFIX = "macsmith-worker-"
_LOCK = "lock"


def _folder() -> Path:
    """Return a new folder, locked as long as this process lives."""
    folder = Path(tempfile.mkdtemp(prefix="macsmith-", dir=work_root()))
    lock = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR)  # never closed, and not inherited
    fcntl.flock(lock, fcntl.LOCK_EX)
    return folder.rename(folder.with_name(_PREFIX + folder.name.removeprefix("macsmith-")))


def _clear() -> None:
    """Remove the folders of workers that are dead."""
    for folder in work_root().glob(f"{_PREFIX}*"):
        with suppress(OSError), (folder / _LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)

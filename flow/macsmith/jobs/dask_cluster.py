"""Workers on other machines, by Dask distributed.

Nothing is shared but the network. Entries of the cache that a task needs travel with it, and those
that it gives come back to the client's cache; Liberty files go to each worker when it joins.
"""

import asyncio
import logging
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from hashlib import sha256
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from distributed import Client, Future, Security, Worker, as_completed, get_worker
from distributed.client import FutureCancelledError
from distributed.core import rpc
from distributed.diagnostics.plugin import WorkerPlugin
from distributed.scheduler import KilledWorker

import macsmith
from macsmith.contract.errors import UserError
from macsmith.host.cache_folder import cache_folder
from macsmith.jobs.energy_job import Energy
from macsmith.jobs.netlist_job import Synthesis, tool_versions
from macsmith.jobs.result_store import Address, find, holds, keep
from macsmith.jobs.task import Outcome, T, Task
from macsmith.library.technology import Technology
from macsmith.output.whole_file import write_whole

PATIENCE_S = 15
"""Seconds within which a scheduler must answer."""

AHEAD = 2
"""Tasks for each thread of the cluster that are with the scheduler; they carry their entries."""


class Cluster:
    """The workers of a scheduler that the user started; a context manager.

    A worker that dies loses nothing: what it worked on is run again by another.

    Raises
    ------
    UserError
        If the scheduler does not answer, has no workers or is lost, or a worker is not alike.
    """

    def __init__(self, address: str, technologies: Iterable[Technology]) -> None:
        self._address, self._technologies = address, list(technologies)

    def __enter__(self) -> Self:
        for name in logging.root.manager.loggerDict:
            if name.startswith("distributed"):
                logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters is raised
        if not asyncio.run(_workers(self._address)):
            raise UserError(
                f"scheduler {self._address} must have a worker, but has none; start some with "
                f"dask worker {self._address}"
            )
        self._client = Client(self._address, timeout=PATIENCE_S, set_as_default=False)
        self._libraries = f"macsmith-libraries-{uuid4()}"
        try:
            self._client.register_plugin(_Libraries(self._technologies), self._libraries)
        except Exception as error:
            self._client.close()
            raise UserError(
                f"workers must take Liberty files, but one could not: {error}"
            ) from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._client.unregister_worker_plugin(self._libraries)
        self._client.close()

    def run(self, tasks: Iterable[T]) -> Iterator[Outcome[T]]:
        """Run tasks and yield each as it ends, its entries kept here."""
        left, running = iter(tasks), dict[Future[Any], T]()
        ended = as_completed(loop=self._client.loop)

        def submit() -> None:
            threads = sum(self._client.nthreads().values())  # workers come and go
            for task in islice(left, max(AHEAD * threads - len(running), not running)):
                needs = {address: find(address) for address in task.needs() if holds(address)}
                future = self._client.submit(_remote, task, needs, identity(), pure=False)
                running[future] = task
                ended.add(future)

        with self._sentences():
            submit()
        for future in ended:
            task = running.pop(future)
            with self._sentences():
                try:
                    entries, error = future.result()
                except KilledWorker as killed:
                    entries, error = {}, killed
            for address, value in entries.items():
                keep(address, value)
            yield task, error
            with self._sentences():
                submit()

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        """Turn what goes wrong with the cluster itself into a sentence."""
        try:
            yield
        except (FutureCancelledError, OSError):
            raise UserError(
                f"scheduler {self._address} must live to the end, but was lost; what is done is "
                "kept, and the same command goes on from there"
            ) from None
        except Exception as error:
            reason = str(error).partition("\n")[0]
            raise UserError(f"sweep on {self._address} cannot go on: {reason}") from None


async def _workers(address: str) -> int:
    """Return how many workers a scheduler has.

    Asked before there is a client, which would try for longer and log its failure.
    """
    security = Security().get_connection_args("client")
    try:
        async with rpc(address, timeout=PATIENCE_S, connection_args=security) as scheduler:
            told = await asyncio.wait_for(scheduler.identity(), PATIENCE_S)
        return len(told["workers"])
    except Exception as error:  # whatever a stranger at this address answers
        reason = str(error) or "no answer"
        raise UserError(
            f"scheduler must be the address of a Dask scheduler that answers within {PATIENCE_S} s,"
            f" such as tcp://host:8786, not {address!r}: {reason}"
        ) from None


@cache
def identity() -> dict[str, str]:
    """Return what must be the same everywhere so that records are."""
    digest = sha256()
    sources = {p.relative_to(r): p for r in macsmith.__path__ for p in Path(r).rglob("*.py")}
    for name in sorted(sources):
        digest.update(f"{name.as_posix()}\n".encode() + sources[name].read_bytes())
    return tool_versions() | {"sources": digest.hexdigest()[:12]}


def _remote(
    task: Task, needs: Mapping[Address, Any], client: Mapping[str, str]
) -> tuple[dict[Address, Any], Exception | None]:
    """Run a task on a worker; return its entries, or what went wrong in it."""
    for name, here in identity().items():
        if here != client[name]:
            where = get_worker().address
            raise UserError(
                f"workers must have the client's {name} {client[name]}, but {where} has {here}"
            )
    for address, value in needs.items():
        if not holds(address):
            keep(address, value)
    if isinstance(task, Synthesis | Energy):
        files = tuple(_sent(task.tech.sha256) / path.name for path in task.tech.liberty)
        if missing := [path for path in files if not path.is_file()]:
            raise UserError(f"worker {get_worker().address} must keep {missing[0]}, but it is gone")
        task = replace(task, tech=replace(task.tech, liberty=files))
    try:
        task.run()
    except Exception as error:
        return {}, error
    return {address: find(address) for address in task.gives() if holds(address)}, None


def _sent(content: str) -> Path:
    return cache_folder("libraries") / f"sent-{content[:16]}"


class _Libraries(WorkerPlugin):
    """Liberty files, put into the cache of each worker that there is or that joins later."""

    def __init__(self, technologies: Iterable[Technology]) -> None:
        self._files = {
            (tech.sha256, path.name): zlib.compress(path.read_bytes())
            for tech in technologies
            for path in tech.liberty
        }

    def setup(self, worker: Worker) -> None:
        """Write the files that are not there yet."""
        for (content, name), packed in self._files.items():
            path = _sent(content) / name
            if not path.is_file():
                path.parent.mkdir(exist_ok=True)
                write_whole(path, zlib.decompress(packed))

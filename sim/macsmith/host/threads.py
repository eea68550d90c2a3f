"""Jobs in threads, some at a time: they wait for processes, or run outside Python's lock."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

WORKERS = 2
"""Jobs at a time."""

Result = TypeVar("Result")


def in_threads(jobs: Iterable[Callable[[], Result]]) -> list[Result]:
    """Return the results of all jobs, in their order.

    After an error, of a job or an interrupt here, those under way end and no other begins.
    """

    def one(job: Callable[[], Result]) -> Result:
        with _last_if_it_fails(pool):
            return job()

    with ThreadPoolExecutor(WORKERS) as pool, _last_if_it_fails(pool):
        return [result.result() for result in [pool.submit(one, job) for job in jobs]]


@contextmanager
def _last_if_it_fails(pool: Executor) -> Iterator[None]:
    """Let nothing begin in a pool after an error inside, be it in the caller or in a worker."""
    try:
        yield
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise

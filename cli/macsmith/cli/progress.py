"""How far a command is, on standard error: a bar in a terminal, else a line now and then."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Event, Thread
from typing import Protocol

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from macsmith.output.terminal import err

EVERY_S = 10.0
"""Seconds between lines in a file, if something was done meanwhile."""

SILENT = 6
"""Intervals after which there is a line though nothing was done."""


class Step(Protocol):
    """Called with what is done, and how many steps that is: none for a part of one."""

    def __call__(self, what: str, steps: int = 1, /) -> None: ...


def show_progress(title: str, total: int) -> AbstractContextManager[Step]:
    """Show on standard error how many of ``total`` steps are done."""
    return _bar(title, total) if err.is_terminal else lines(title, total)


@contextmanager
def _bar(title: str, total: int) -> Iterator[Step]:
    columns = [
        TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn("{task.description}"),
    ]  # fmt: skip
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("", total=total)

        def step(what: str, steps: int = 1, /) -> None:
            progress.update(task, advance=steps, description=what)

        yield step


@contextmanager
def lines(title: str, total: int, every_s: float = EVERY_S) -> Iterator[Step]:
    """Write a line every so many seconds; what takes no longer than that stays without a word."""
    start, done, ended = time.monotonic(), list[tuple[str, int]](), Event()

    def step(what: str, steps: int = 1, /) -> None:
        done.append((what, steps))

    def tell() -> None:
        told, silent = 0, 0
        while not ended.wait(every_s):
            silent += 1
            if len(done) == told and silent < SILENT:
                continue
            told, silent = len(done), 0
            last = f", last {done[-1][0]}" if done else ""
            spent = time.monotonic() - start
            steps = sum(number for _, number in done[:told])
            err.print(
                f"{title}: {steps} of {total} after {spent:.0f} s{last}",
                soft_wrap=True, markup=False, highlight=False,
            )  # fmt: skip

    teller = Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield step
    finally:
        ended.set()
        teller.join()

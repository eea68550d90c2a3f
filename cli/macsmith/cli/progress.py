"""A bar on standard error that shows how far a command is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from macsmith.output.terminal import err


@contextmanager
def show_progress(title: str, total: int) -> Iterator[Callable[[str], None]]:
    """Show a bar on standard error; the value is called with what is done, step by step."""
    columns = [
        TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn("{task.description}"),
    ]  # fmt: skip
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda what: progress.update(task, advance=1, description=what)

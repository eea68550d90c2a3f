"""Standard output for results and standard error for everything else."""

import os
from collections.abc import Iterable

from rich.console import Console

NARROWEST = 124
"""Columns that a table may take where the terminal is narrower."""

WIDEST = 160
"""Columns that it may take in a file or a pipe, unless COLUMNS says how many there are."""


def room() -> int:
    """Return the columns of text that standard output has for a table."""
    console = Console()
    return console.width if console.is_terminal or "COLUMNS" in os.environ else WIDEST


out = Console()
out.width = max(room(), NARROWEST)
err = Console(stderr=True)


def tell(sentences: Iterable[str]) -> None:
    """Write sentences on standard error, a line each."""
    for sentence in sentences:
        err.print(f"macsmith: {sentence}", soft_wrap=True, markup=False, highlight=False)

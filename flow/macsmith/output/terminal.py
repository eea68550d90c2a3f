"""Standard output for results and standard error for everything else."""

from rich.console import Console

NARROWEST = 124
"""Columns that a table may take where the terminal is narrower or there is none."""

out = Console()
out.width = max(out.width, NARROWEST)
err = Console(stderr=True)

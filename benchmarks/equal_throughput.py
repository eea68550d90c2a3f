"""Curves at equal throughput, from nothing: ``python -m benchmarks.equal_throughput``.

Nine styles in five modes at the unit boundary, one netlist a point: every recipe and form of
adders, and energies of the netlists that no other of the unit beats. Beside the time stand the
seconds of processors, which another load on the machine moves less.
"""

import json
import os
import resource
import subprocess
import sys
import time
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from macsmith.jobs.process_pool import cpus
from macsmith.jobs.result_store import journal

BOUND_S = 150
"""On two processors that do nothing else."""


def main(
    tech: Annotated[str, typer.Option(help="As of macsmith compare.")] = "nangate45",
    words: Annotated[list[str] | None, typer.Argument(help="Units, and further options.")] = None,
) -> None:
    """Print the times, and what was made."""
    made = ["--boundary", "unit", "--energy-boundary", "unit", "--tech", tech]
    command = [sys.executable, "-m", "macsmith.cli", "compare"]
    with TemporaryDirectory() as cache:
        begun = time.monotonic()
        subprocess.run(
            [*command, *made, *(words or [])], env=os.environ | {"MACSMITH_CACHE": cache},
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        taken = time.monotonic() - begun
        os.environ["MACSMITH_CACHE"] = cache
        kept = kept_seconds()
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    table = Table(title=f"equal throughput on {tech}, cold, {cpus()} processors", show_header=False)
    table.add_row("time", f"{taken:.0f} s (at most {BOUND_S} s on two quiet processors)")
    table.add_row("seconds of processors", f"{spent.ru_utime + spent.ru_stime:.0f} s")
    for kind, seconds in kept.items():
        table.add_row(kind, f"{len(seconds)} in {sum(seconds):.0f} s, {max(seconds):.1f} s at most")
    Console(width=100).print(table)


def kept_seconds() -> dict[str, list[float]]:
    """Return how long what was kept took, by kind."""
    found: dict[str, list[float]] = {}
    for line in journal().read_text().splitlines():
        entry = json.loads(line)
        if entry["event"] == "kept":
            found.setdefault(entry["kind"], []).append(entry["seconds"])
    return found


if __name__ == "__main__":
    typer.run(main)

"""A sweep of 500 points, undisturbed and killed ten times: ``python -m benchmarks.sweep``.

It asserts that both end with the same bytes and that nothing was made twice but what a kill
interrupted, and prints how fast a sweep is with one worker process and with two.
"""

import os
import random
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tests.support.killing import Killed, events, finish, start

WORDS = (
    "sweep", "data-gated", "serial-1d", "--set", "act_width=2..6", "--set", "weight_width=2..6",
    "--boundary", "core", "--recipe", "area",
)  # fmt: skip
"""100 points, on the generic library."""

ALL = (*WORDS, "--set", "headroom=0..4")
"""The same with five widths of the accumulator."""

POINTS = 500
SHORT = ("sweep", "data-gated", "--set", "act_width=4..8", "--set", "weight_width=4..8",
         "--boundary", "core", "--recipe", "area")  # fmt: skip
"""50 points."""


def seconds(words: Sequence[str], cache: Path) -> float:
    """Return how long a sweep takes."""
    begun = time.perf_counter()
    status, _, err = finish(start(words, cache), 7200)
    assert status == 0, err
    return time.perf_counter() - begun


def killed_and_not(folder: Path, kills: int, seed: int) -> dict[str, object]:
    """Run the sweep undisturbed and killed, compare, and return what happened."""
    calm, rough = folder / "calm.json", folder / "rough.json"
    alone = seconds([*ALL, "--json", str(calm)], folder / "calm")
    assert events(folder / "calm", "kept").total() == POINTS

    rng = random.Random(seed)
    killed = Killed([*ALL, "--json", str(rough)], folder / "rough")
    for _ in range(kills):  # on average they leave two fifths of the work for the end
        at_work = killed.kill(0, rng.uniform(0, 1.2 * alone / kills))
        assert at_work, "the sweep ended before all kills"
    last = seconds(killed.words, killed.cache)

    began, kept = events(killed.cache, "began"), events(killed.cache, "kept")
    in_flight = kills * len(os.sched_getaffinity(0))
    assert rough.read_bytes() == calm.read_bytes(), "the records differ"
    assert len(began) == POINTS, "a point is missing"
    assert killed.again() == [] and max(kept.values()) == 1, "a kept point was made again"
    assert began.total() - POINTS <= in_flight, "more was made twice than was in flight"
    return {
        "points": POINTS,
        "undisturbed, s": f"{alone:.0f}",
        "kills": kills,
        "points kept before each kill": " ".join(map(str, killed.kept())),
        "points begun again after a kill": f"{began.total() - POINTS} (at most {in_flight})",
        "last run, s": f"{last:.0f}",
        "records": f"{len(calm.read_bytes())} bytes, the same",
    }


def main(
    kills: Annotated[int, typer.Option(help="How often to kill.")] = 10,
    seed: Annotated[int, typer.Option(help="Seed of when.")] = 1,
) -> None:
    """Print what happened."""
    table = Table(show_header=False)
    with TemporaryDirectory() as name:
        folder = Path(name)
        one = seconds([*SHORT, "--workers", "1"], folder / "one")
        two = seconds([*SHORT, "--workers", "2"], folder / "two")
        table.add_row(
            "50 points, one worker over two", f"{one:.0f} s / {two:.0f} s = {one / two:.2f}"
        )
        for what, value in killed_and_not(folder, kills, seed).items():
            table.add_row(what, str(value))
    Console(width=100).print(table)


if __name__ == "__main__":
    typer.run(main)

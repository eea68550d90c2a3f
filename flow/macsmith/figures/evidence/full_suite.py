"""Evidence of ``make test-all``: how every file of tests, slow ones too, ended when it last ran."""

from collections.abc import Sequence

from macsmith.figures.docs_page import Records, Row
from macsmith.figures.evidence.kind import Kind

OUTCOMES = ("passed", "failed", "error", "skipped")

BAD = ("failed", "error")


def kept(records: Sequence[Row]) -> Records:
    """Return the rows of tests/full_run.json, one for a file."""
    return [dict(one) for one in records]


def faults(rows: Records) -> list[str]:
    """Return a sentence if tests failed."""
    return [
        f"{row['file']} at {row['commit']}: {row[outcome]} {outcome}"
        for row in rows
        for outcome in BAD
        if row[outcome]
    ]


def remains(rows: Records) -> list[str]:
    """Return a sentence if tests were skipped."""
    return [
        f"{row['file']} at {row['commit']}: {row['skipped']} skipped"
        for row in rows
        if row["skipped"]
    ]


def counted(rows: Records) -> str:
    """Return how all tests ended."""
    return ", ".join(f"{sum(row[what] for row in rows):,} {what}" for what in OUTCOMES)


FULL_SUITE = Kind(
    name="suite",
    commands=lambda: (),
    means="all tests of the repository, `make test-all`",
    kept=kept,
    faults=faults,
    remains=remains,
    counted=counted,
)

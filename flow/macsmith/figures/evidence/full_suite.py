"""Evidence of ``make test-all``: the counts of the last run of all tests, slow ones too."""

from collections.abc import Sequence

from macsmith.figures.docs_page import Records, Row
from macsmith.figures.evidence.kind import Kind

OUTCOMES = ("passed", "failed", "error", "skipped")

BAD = ("failed", "error")


def kept(records: Sequence[Row]) -> Records:
    """Return the record of the run as tests/full_run.json has it."""
    return [dict(one) for one in records]


def faults(rows: Records) -> list[str]:
    """Return a sentence if tests failed."""
    return [
        f"make test-all at {row['commit']}: {row[outcome]} {outcome}"
        for row in rows
        for outcome in BAD
        if row[outcome]
    ]


def remains(rows: Records) -> list[str]:
    """Return a sentence if tests were skipped."""
    return [
        f"make test-all at {row['commit']}: {row['skipped']} skipped"
        for row in rows
        if row["skipped"]
    ]


def counted(rows: Records) -> str:
    """Return how its tests ended."""
    return ", ".join(f"{row[what]:,} {what}" for row in rows for what in OUTCOMES)


FULL_SUITE = Kind(
    name="suite",
    commands=lambda: (),
    means="all tests of the repository, `make test-all`",
    kept=kept,
    faults=faults,
    remains=remains,
    counted=counted,
)

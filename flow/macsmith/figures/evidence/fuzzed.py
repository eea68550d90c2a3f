"""Evidence of fuzzing: random legal and illegal parameters of a unit, none with a traceback.

A row is a unit, with how many cases were tried. Cases draw specifications anew, so a row is of no
single design.
"""

from collections.abc import Sequence

from macsmith.contract.errors import UserError
from macsmith.figures.docs_page import Records, Row
from macsmith.figures.evidence.kind import Kind

KEYS = ("unit", "cases", "refused", "failures", "seed")


def kept(records: Sequence[Row]) -> Records:
    """Return a row for each unit.

    Raises
    ------
    UserError
        If a record lacks a key.
    """
    for one in records:
        if missing := [key for key in KEYS if key not in one]:
            raise UserError(f"a record of fuzzing must have {missing[0]}, but has {', '.join(one)}")
    return [{key: one[key] for key in KEYS} for one in records]


def faults(rows: Records) -> list[str]:
    """Return a sentence for each unit with a failure."""
    return [f"{row['unit']}: {row['failures']} cases failed" for row in rows if row["failures"]]


FUZZED = Kind(
    name="fuzz",
    commands=lambda: (),
    means="random parameters: each a unit that verifies, or one sentence",
    kept=kept,
    columns={"fuzzed": lambda rows: f"{sum(row['cases'] for row in rows):,} cases"},
    faults=faults,
)

"""Evidence of ``macsmith prove``: claims of a unit, decided by solvers on its RTL.

A row is a specification with all of its claims.
"""

from collections import Counter
from collections.abc import Sequence

from macsmith.figures.docs_page import Records, Row
from macsmith.figures.evidence.kind import Kind, gathered, title
from macsmith.formal.arithmetic import building_blocks
from macsmith.formal.arithmetic.building_blocks import BlockProver, Blocks

BOUNDED, FAILED = "bounded", "failed"
"""Verdicts that are no proof: no fault within a depth; a fault."""


def kept(records: Sequence[Row]) -> Records:
    """Return a row for each specification."""
    return [row | _found(claims) for row, claims in gathered(records)]


def _found(claims: Records) -> Row:
    """Return how many claims have each verdict, and all that are not proved."""
    unproved = [one for one in claims if one["verdict"] in (BOUNDED, FAILED)]
    return {
        "verdicts": dict(Counter(one["verdict"] for one in claims)),
        "unproved": [{key: one[key] for key in ("claim", "verdict", "depth")} for one in unproved],
        "solvers": sorted({one["solver"] for one in claims}),
    }


def faults(rows: Records) -> list[str]:
    """Return a sentence for each claim that does not hold."""
    return [
        f"{title(row)}: {one['claim']}: does not hold"
        for row in rows
        for one in row["unproved"]
        if one["verdict"] == FAILED
    ]


def remains(rows: Records) -> list[str]:
    """Return a sentence for each claim that holds to a depth alone."""
    return [
        f"{title(row)}: {one['claim']}: no fault within {one['depth']} cycles"
        for row in rows
        for one in row["unproved"]
        if one["verdict"] == BOUNDED
    ]


def _proved(rows: Records) -> str:
    counts = Counter[str]()
    for row in rows:
        counts.update(row["verdicts"])
    proved = sum(count for verdict, count in counts.items() if verdict not in (BOUNDED, FAILED))
    return f"{proved} of {counts.total()} claims"


def _bounded(rows: Records) -> str:
    depths = [one["depth"] for row in rows for one in row["unproved"] if one["verdict"] == BOUNDED]
    return f"{len(depths)}, {min(depths)} cycles or more" if depths else "none"


PROVED = Kind(
    name="prove",
    commands=lambda: (("prove", "--all"),),
    means="claims of arithmetic and of streams, decided for all inputs, or to a depth in cycles",
    kept=kept,
    columns={"proved": _proved, "bounded": _bounded},
    faults=faults,
    remains=remains,
    blocks={building_blocks.NAME: lambda: BlockProver().fingerprint(Blocks())},
)

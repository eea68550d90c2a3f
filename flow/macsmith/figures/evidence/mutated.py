"""Evidence of ``macsmith mutate``: the share of faults in a unit's RTL that its checks see.

A row is a specification with the fates of its mutants.
"""

from collections.abc import Sequence

from macsmith.figures.docs_page import Records, Row
from macsmith.figures.evidence.kind import Kind, of_unit, title

ALIVE = "alive"
"""The fate of a mutant that is neither killed nor proved equivalent."""


def kept(records: Sequence[Row]) -> Records:
    """Return a row for each specification."""
    return [
        of_unit(one)
        | {key: one[key] for key in ("seed", "drawn", "counts", "regions", "score")}
        | {"alive": [each["description"] for each in one["survivors"] if each["fate"] == ALIVE]}
        for one in records
    ]


def remains(rows: Records) -> list[str]:
    """Return a sentence for each mutant that no check sees and that is not proved equivalent."""
    return [f"{title(row)}: lives with {what}" for row in rows for what in row["alive"]]


def _score(rows: Records) -> str:
    shares = [(row["score"], row["drawn"]) for row in rows if row["score"] is not None]
    if not shares:
        return "nothing to kill"
    share, drawn = min(shares)
    return f"{share:.1%} of {drawn}"


MUTATED = Kind(
    name="mutate",
    commands=lambda: (("mutate", "--all"),),
    means="of faults drawn in RTL, the share that the unit's checks see, equivalent ones left out",
    kept=kept,
    columns={"mutation score": _score},
    remains=remains,
)

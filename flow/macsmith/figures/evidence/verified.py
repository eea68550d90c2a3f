"""Evidence of ``macsmith verify``: RTL against golden models, in bulk and in simulators.

A row is a specification with all of its runs.
"""

from collections.abc import Sequence

from macsmith.catalog.catalog import units
from macsmith.figures.docs_page import Records, Row
from macsmith.figures.evidence.kind import Kind, defaults, gathered, title

MIXED = "mixed"
"""The point of a run in which points alternate."""

BULK = "bulk"


def kept(records: Sequence[Row]) -> Records:
    """Return a row for each specification."""
    return [row | _found(runs) for row, runs in gathered(records)]


def _found(runs: Records) -> Row:
    """Return what the runs of one specification found together."""
    points = {run["mode"]: None for run in runs if run["mode"] not in (MIXED, "")}
    exhaustive = {run["mode"] for run in runs if run["exhaustive"]}
    return {
        "points": list(points),
        "exhaustive": [point for point in points if point in exhaustive],
        "random": sum(run["random"] for run in runs if run["layer"] == BULK),
        "simulated": sum(run["random"] for run in runs if run["layer"] != BULK),
        "vectors": sum(run["vectors"] for run in runs),
        "simulators": list(dict.fromkeys(run["simulator"] for run in runs if run["simulator"])),
        "seeds": sorted({run["seed"] for run in runs}),
        "wrong": sum(bool(run["mismatches"] or run["failure"]) for run in runs),
    }


def faults(rows: Records) -> list[str]:
    """Return a sentence for each specification with a wrong run."""
    return [f"{title(row)}: {row['wrong']} runs ended wrong" for row in rows if row["wrong"]]


def _exhaustive(rows: Records) -> str:
    points = [point for row in defaults(rows) for point in row["points"]]
    found = [point for row in defaults(rows) for point in row["exhaustive"]]
    return f"{len(found)} of {len(points)} points" if points else "no record"


def _random(rows: Records) -> str:
    return f"{sum(row['random'] + row['simulated'] for row in rows):,}"


def _simulators(rows: Records) -> str:
    found = (one for row in defaults(rows) for one in row["simulators"])
    return ", ".join(dict.fromkeys(found)) or "no record"


VERIFIED = Kind(
    name="verify",
    commands=lambda: (("verify", *units(), "--all"),),
    means="RTL against a golden model: exhaustive operand pairs of a point, random packets",
    kept=kept,
    columns={
        "specifications": lambda rows: str(len(rows)),
        "exhaustive": _exhaustive,
        "random packets": _random,
        "ran on": _simulators,
    },
    faults=faults,
)

"""Evidence of ``macsmith verify --tech``: mapped netlists of units against golden models.

A row is a specification on a library, with all of its runs.
"""

from collections.abc import Sequence

from macsmith.catalog.catalog import units
from macsmith.figures.docs_page import Records, Row
from macsmith.figures.evidence import verified
from macsmith.figures.evidence.kind import Kind, gathered

LIBRARIES = ("nangate45", "sky130hd", "ihp-sg13g2", "gf180", "asap7")
"""The libraries whose netlists are run; PDK_ROOT says where they are."""


def kept(records: Sequence[Row]) -> Records:
    """Return a row for each specification on each library."""
    return [
        row
        | {
            "vectors": sum(run["vectors"] for run in runs),
            "simulators": list(dict.fromkeys(run["simulator"] for run in runs)),
            "wrong": sum(bool(run["mismatches"] or run["failure"]) for run in runs),
        }
        for row, runs in gathered(records, "library", "library_sha256")
    ]


def _libraries(rows: Records) -> str:
    return ", ".join(dict.fromkeys(row["library"] for row in rows))


ON_NETLISTS = Kind(
    name="netlists",
    commands=lambda: (
        ("verify", *units(), *(word for one in LIBRARIES for word in ("--tech", one))),
    ),
    means="mapped netlists against a golden model, registers undefined before reset",
    kept=kept,
    columns={"netlists": _libraries},
    faults=verified.faults,
)

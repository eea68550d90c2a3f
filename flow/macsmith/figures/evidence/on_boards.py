"""Evidence of ``macsmith board``: bitstreams of units that test themselves, and what boards showed.

A row is a unit on a board. ``light`` is what someone saw on the board: green, red, or dark; without
it nobody has told of a run.
"""

from collections.abc import Sequence

from macsmith.catalog.catalog import units
from macsmith.figures.docs_page import Records, Row
from macsmith.figures.evidence.kind import Kind, of_unit

BOARD = "icebreaker"

KEPT = ("board", "device", "clock_mhz", "fmax_mhz", "results", "signature", "light")


def kept(records: Sequence[Row]) -> Records:
    """Return a row for each unit and board."""
    return [of_unit(one) | {key: one[key] for key in KEPT if key in one} for one in records]


def faults(rows: Records) -> list[str]:
    """Return a sentence for each board that did not show green."""
    return [
        f"{row['unit']}: {row['board']} showed {row['light']}"
        for row in rows
        if row.get("light", "green") != "green"
    ]


def _boards(rows: Records) -> str:
    return "; ".join(
        f"{row['board']}: {row.get('light', 'bitstream, no run told')}" for row in rows
    )


ON_BOARDS = Kind(
    name="boards",
    commands=lambda: tuple(
        ("board", BOARD, "--unit", name) for name, unit in units().items() if unit.selftest
    ),
    means="a unit that tests itself on a board: its bitstream, and the light that someone saw",
    kept=kept,
    columns={"boards": _boards},
    faults=faults,
)

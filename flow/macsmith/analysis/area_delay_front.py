"""The netlists of a unit that no other of its netlists beats in area and in clock period."""

from collections.abc import Sequence
from itertools import groupby

from macsmith.records.in_units import period
from macsmith.records.record import Record
from macsmith.records.selection import unbeaten, unit_of


def front(records: Sequence[Record]) -> list[Record]:
    """Return the records of least area at their period or any shorter one, fastest first.

    The records are of one unit, boundary and point.
    """
    return unbeaten(records, period, lambda record: record["area_ge"])


def fronts_of(records: Sequence[Record], boundary: str) -> list[tuple[str, list[Record]]]:
    """Return each unit with the front of its netlists, by records of its first point."""
    here = [record for record in records if record["boundary"] == boundary]
    made = []
    for (unit, _), group in groupby(here, key=unit_of):
        of_unit = list(group)
        point = of_unit[0]["point"]
        made.append((unit, front([record for record in of_unit if record["point"] == point])))
    return made

"""Whether published orderings hold in a list of records."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from macsmith.analysis.metrics import figures
from macsmith.analysis.published.camus_2019 import ORDERINGS, PARAMETERS, Ordering
from macsmith.analysis.ties import is_tie
from macsmith.catalog.catalog import REFERENCE
from macsmith.records.record import Record
from macsmith.records.selection import smallest_product

PUBLISHED, UNIT = "core", "unit"
"""The boundary of the published figures, and that at which a designer pays."""

HOLDS, TIED, FAILS, UNKNOWN = "holds", "tie", "does not hold", "no figure"


@dataclass(frozen=True)
class Verdict:
    """A published ordering beside ours.

    ``ours`` has each unit's figure over that of ``data-gated`` in the ordering's reference mode;
    ``remarks`` say what is missing, what contradicts, and which pairs are ties.
    """

    ordering: Ordering
    result: str
    ours: dict[str, float]
    remarks: tuple[str, ...] = ()

    @property
    def remark(self) -> str:
        """All remarks in a line."""
        return "; ".join(self.remarks)


def verdicts(records: Sequence[Record], boundary: str = PUBLISHED) -> list[Verdict]:
    """Judge every published ordering by each unit's netlist of least area x period."""
    comparable = [record for record in records if is_published(record, boundary)]
    return [judge(ordering, comparable) for ordering in ORDERINGS]


def at_both(
    judged: Callable[[Sequence[Record], str], list[Verdict]], records: Sequence[Record]
) -> list[tuple[Verdict, Verdict]]:
    """Return what is judged of records: of cores, as published, and of whole units."""
    return list(zip(judged(records, PUBLISHED), judged(records, UNIT), strict=True))


def is_published(record: Record, boundary: str = PUBLISHED) -> bool:
    """Say whether a record has the parameters of the published figures, and a boundary."""
    given = record["parameters"]
    same = all(given.get(name, value) == value for name, value in PARAMETERS.items())
    return same and record["boundary"] == boundary


def judge(ordering: Ordering, records: Sequence[Record]) -> Verdict:
    """Judge an ordering by the netlist of least area x period of each unit.

    It holds if all differences are as published, none of them a tie.
    """
    metric = ordering.metric
    known = [record for record in records if figures(record)[metric] is not None]
    found = {(record["unit"], record["point"]): record for record in smallest_product(known)}
    units = [unit for group in ordering.groups for unit in group]
    needed = [(unit, ordering.mode) for unit in units] + [(REFERENCE, ordering.reference_mode)]
    missing = dict.fromkeys(unit for unit, mode in needed if (unit, mode) not in found)
    if missing:
        which = ", ".join(missing) if found else "all of these units"
        return Verdict(ordering, UNKNOWN, {}, (f"not measured: {which}",))
    value = {key: float(figures(record)[metric] or 0) for key, record in found.items()}
    base = value[REFERENCE, ordering.reference_mode]
    ours = {unit: value[unit, ordering.mode] / base for unit in units}
    pairs = [
        pair for less, more in pairwise(ordering.groups) for pair in product(less, more)
    ]  # fmt: skip
    ties = [
        (less, more)
        for less, more in pairs
        if is_tie(found[less, ordering.mode], found[more, ordering.mode], metric)
    ]
    wrong = [pair for pair in pairs if pair not in ties and ours[pair[0]] >= ours[pair[1]]]
    said = [f"{less} is not below {more}" for less, more in wrong]
    said += [f"{less} and {more} are level" for less, more in ties]
    return Verdict(ordering, FAILS if wrong else TIED if ties else HOLDS, ours, tuple(said))

"""Whether published orderings hold in a list of records."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from macsmith.analysis.metrics import figures
from macsmith.analysis.published.camus_2019 import ORDERINGS, PARAMETERS, Ordering
from macsmith.catalog.catalog import REFERENCE
from macsmith.records.record import Record
from macsmith.records.selection import smallest_product

NOISE = 0.05
"""Differences below this share may be the mapper's noise (docs/measurement.md)."""

ENERGY_LIMIT = 0.15
"""Differences of energy below this share say nothing of two designs."""

HOLDS, FAILS, UNKNOWN = "holds", "does not hold", "no figure"


@dataclass(frozen=True)
class Verdict:
    """A published ordering beside ours.

    ``ours`` has each unit's figure over that of ``data-gated`` in the ordering's reference mode;
    ``remark`` says what is missing, what contradicts, or that a pair differs by noise only.
    """

    ordering: Ordering
    result: str
    ours: dict[str, float]
    remark: str


def verdicts(records: Sequence[Record]) -> list[Verdict]:
    """Judge every published ordering by the core of each unit of least area x period."""
    published = [record for record in records if is_published(record)]
    return [judge(ordering, published) for ordering in ORDERINGS]


def is_published(record: Record) -> bool:
    """Say whether a record has the boundary and the parameters of the published figures."""
    given = record["parameters"]
    same = all(given.get(name, value) == value for name, value in PARAMETERS.items())
    return same and record["boundary"] == "core"


def judge(ordering: Ordering, records: Sequence[Record]) -> Verdict:
    """Judge an ordering by the netlist of least area x period of each unit."""
    known = [record for record in records if figures(record)[ordering.metric] is not None]
    value = {
        (record["unit"], record["point"]): float(figures(record)[ordering.metric] or 0)
        for record in smallest_product(known)
    }
    units = [unit for group in ordering.groups for unit in group]
    needed = [(unit, ordering.mode) for unit in units] + [(REFERENCE, ordering.reference_mode)]
    missing = dict.fromkeys(unit for unit, mode in needed if (unit, mode) not in value)
    if missing:
        which = ", ".join(missing) if value else "all of these units"
        return Verdict(ordering, UNKNOWN, {}, f"not measured: {which}")
    base = value[REFERENCE, ordering.reference_mode]
    ours = {unit: value[unit, ordering.mode] / base for unit in units}
    pairs = [
        pair for less, more in pairwise(ordering.groups) for pair in product(less, more)
    ]  # fmt: skip
    wrong = [f"{less} is not below {more}" for less, more in pairs if ours[less] >= ours[more]]
    close = [
        f"{less} and {more} differ by less than {NOISE:.0%}"
        for less, more in pairs
        if abs(ours[less] - ours[more]) < NOISE * min(ours[less], ours[more])
    ]
    return Verdict(ordering, FAILS if wrong else HOLDS, ours, "; ".join([*wrong, *close]))

"""Records with the targets at which their netlists are the best of their units."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from macsmith.analysis.throughput.contest import comparisons
from macsmith.analysis.throughput.netlist_choice import Choice, View
from macsmith.contract.errors import UserError
from macsmith.records.record import Record, Target, ThroughputRecord


@dataclass(frozen=True)
class Range:
    """Throughputs at which to compare: between bounds, or between those that records reach.

    Raises
    ------
    UserError
        If the bounds are none.
    """

    bounds: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if self.bounds is not None and not 0 < self.bounds[0] < self.bounds[1] < math.inf:
            raise _no_range("{:g}..{:g}".format(*self.bounds))

    @classmethod
    def parse(cls, text: str) -> "Range | None":
        """Return what ``auto`` or ``LOW..HIGH`` asks for; None for ``none``.

        Raises
        ------
        UserError
            If it is neither.
        """
        if text in ("auto", "none"):
            return cls() if text == "auto" else None
        low, _, high = text.partition("..")
        try:
            return cls((float(low), float(high)))
        except ValueError:
            raise _no_range(text) from None


def _no_range(text: str) -> UserError:
    return UserError(
        "throughput must be auto, none or LOW..HIGH with 0 < LOW < HIGH, such as 0.1..10, not "
        f"{text!r}"
    )


def with_targets(
    records: Sequence[Record], bounds: tuple[float, float] | None = None
) -> list[ThroughputRecord]:
    """Return records with the targets at which their netlist is the best of its unit.

    Parameters
    ----------
    bounds
        Least and greatest throughput; None is what `decades` says, as always of throughput per
        area.
    """
    found: dict[int, list[Target]] = {}
    for contest, view, targets in comparisons(records, bounds):
        for target in targets:
            least = contest.least(view, target)
            for unit, choice in contest.choices(view, target).items():
                entry = _entry(view, target, choice, best=unit == least)
                found.setdefault(id(choice.record), []).append(entry)
    return [{**record, "equal_throughput": found.get(id(record), [])} for record in records]


def _entry(view: View, target: float, choice: Choice, *, best: bool) -> Target:
    return {
        "view": view.name,
        "target": target,
        "copies": choice.copies,
        "period": choice.period,
        "energy": choice.energy,
        "area": choice.area,
        "best": best,
    }

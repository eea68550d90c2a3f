"""Who takes least at which throughput, from where to where."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from macsmith.analysis.throughput.contest import Contest
from macsmith.analysis.throughput.netlist_choice import Choice, View
from macsmith.analysis.ties import is_as_good


@dataclass(frozen=True)
class Span:
    """Targets at which one unit takes least.

    Members
    -------
    low, high
        The least and the greatest target; where another unit takes less from, both say.
    first, last
        What it takes there.
    as_good
        Units that may take as little (`macsmith.analysis.ties`) at half of the targets or more, and
        at what share.
    """

    unit: str
    low: float
    high: float
    first: Choice
    last: Choice
    as_good: Mapping[str, float]

    @property
    def ties(self) -> list[str]:
        """Units that may take as little at all targets."""
        return [unit for unit, share in self.as_good.items() if share == 1]


def spans_of(contest: Contest, view: View, targets: Sequence[float]) -> list[Span]:
    """Return who takes least from where to where; crossovers are found between targets.

    A span in which the unit before or after it may take as little is no span.
    """
    best = [(target, contest.least(view, target)) for target in targets]
    found, low = list[Span](), targets[0]
    for (here, unit), (there, following) in pairwise([*best, (targets[-1], None)]):
        if unit is None or (unit == following and here != there):
            continue
        high = _crossover(contest, view, here, there, unit)
        found.append(_span(contest, view, unit, low, high, targets))
        low = high
    return _settled(contest, view, found, targets)


def _settled(
    contest: Contest, view: View, found: list[Span], targets: Sequence[float]
) -> list[Span]:
    """Return spans without those that are ties with one beside them, the shortest first."""
    for span in sorted(found, key=lambda one: one.high / one.low):
        place = found.index(span)
        for beside in (place - 1, place + 1):
            if not 0 <= beside < len(found) or found[beside].unit not in span.ties:
                continue
            first, last = min(place, beside), max(place, beside)
            unit = found[beside].unit
            # What stands on the other side may be the same unit's.
            while first and found[first - 1].unit == unit:
                first -= 1
            while last + 1 < len(found) and found[last + 1].unit == unit:
                last += 1
            whole = _span(contest, view, unit, found[first].low, found[last].high, targets)
            return _settled(contest, view, [*found[:first], whole, *found[last + 1 :]], targets)
    return found


def _span(
    contest: Contest, view: View, unit: str, low: float, high: float, targets: Sequence[float]
) -> Span:
    at = [low, *(target for target in targets if low < target < high), high]
    costs = [contest.costs(view, target) for target in at]
    mine = contest.of_spread(unit)
    close = {
        other: sum(
            other in one
            and is_as_good(contest.of_spread(other), one[other], mine, one[unit], view.least)
            for one in costs
        )
        for other in contest.units
        if other != unit
    }
    ends = contest.choices(view, low)[unit], contest.choices(view, high)[unit]
    as_good = {other: n / len(at) for other, n in close.items() if 2 * n >= len(at)}
    return Span(unit, low, high, *ends, as_good)


def _crossover(contest: Contest, view: View, low: float, high: float, unit: str) -> float:
    """Return the last target between two at which a unit takes least, to a thousandth."""
    while high / low > 1.001:
        middle = math.sqrt(low * high)
        if contest.least(view, middle) == unit:
            low = middle
        else:
            high = middle
    return low

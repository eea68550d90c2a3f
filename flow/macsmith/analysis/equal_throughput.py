"""Units at equal throughput: what each takes to reach a target, by the best of its netlists.

A netlist does so many operations a cycle, at its shortest period or a longer one. For a target of
R operations a time

    copies   n, the fewest that reach R at their shortest period
    clock    n operations a cycle / R
    energy   dynamic + leakage x clock / shortest period, of an operation
    area     n x area of the netlist

with the dynamic energy, the leakage of an operation, the area and the shortest period of its
record. What switches in a cycle does not depend on how long the cycle is, and more copies would
only leak more. All copies are of one netlist, and what shares the work between them is not counted.

A target of operations a time *and area* does not depend on copies: there a netlist goes up to its
own density, which is greatest for that of least area x period, and no further.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from macsmith.analysis.ties import NOISE
from macsmith.contract.errors import UserError
from macsmith.records import in_units
from macsmith.records.energies import energy, energy_parts
from macsmith.records.record import Record, Target, ThroughputRecord
from macsmith.records.selection import of_first_stimulus, unit_of, values

A_DECADE = 10
"""Targets a decade."""

_ROUNDING = 1e-9
"""A netlist at its own fastest rate is fast enough, whatever its last digit."""


@dataclass(frozen=True)
class Choice:
    """Copies of a netlist, at a clock at which they reach a target together.

    Members
    -------
    record
        Of the netlist, at the point that counts.
    stretch
        The clock period over the netlist's shortest.
    """

    record: Record
    copies: int
    stretch: float

    @property
    def energy(self) -> float | None:
        """Energy of an operation, in the unit of the library; None where it was not measured."""
        whole = energy(self.record)
        if whole is None:
            return None
        return whole + (self.stretch - 1) * energy_parts(self.record).get("leakage", 0.0)

    @property
    def area(self) -> float:
        """Area of all copies, in um2 or GE."""
        return self.copies * in_units.area(self.record)

    @property
    def period(self) -> float:
        """The clock period, in ns or tau."""
        return self.stretch * in_units.period(self.record)


def at_rate(record: Record, target: float) -> Choice:
    """Return as many copies as reach a throughput, in the unit of `in_units.rate`."""
    fastest = in_units.rate(record)
    copies = max(1, math.ceil(target / fastest - _ROUNDING))
    return Choice(record, copies, max(1.0, copies * fastest / target))


def at_density(record: Record, target: float) -> Choice | None:
    """Return a netlist at a throughput per area, or None if it reaches less."""
    most = in_units.density(record)
    if most is None or target > most * (1 + _ROUNDING):
        return None
    return Choice(record, 1, max(1.0, most / target))


@dataclass(frozen=True)
class View:
    """One way to compare: least of what, at equal what.

    Members
    -------
    least, across
        Names of figures of `macsmith.analysis.metrics`.
    reach
        What a netlist takes to reach a target, if it can.
    """

    least: str
    across: str
    reach: Callable[[Record, float], Choice | None]

    @property
    def name(self) -> str:
        """``energy-rate`` and so on."""
        return f"{self.least}-{self.across}"

    def cost(self, choice: Choice) -> float | None:
        """Return what there should be little of; None where it was not measured."""
        return choice.energy if self.least == "energy" else choice.area


VIEWS = (
    View("energy", "rate", at_rate),
    View("area", "rate", at_rate),
    View("energy", "density", at_density),
)
"""Energy and area at equal throughput, and energy at equal throughput per area."""


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
        Units that take within `NOISE` as little at half of the targets or more; at what share.
    """

    unit: str
    low: float
    high: float
    first: Choice
    last: Choice
    as_good: Mapping[str, float]

    @property
    def ties(self) -> list[str]:
        """Units that take within `NOISE` as little at all targets."""
        return [unit for unit, share in self.as_good.items() if share == 1]


@dataclass(frozen=True)
class Contest:
    """Units that are asked to do the same, cut at one boundary, on one library.

    Members
    -------
    units
        The records of each unit's netlists.
    """

    tech: str
    boundary: str
    point: str | None
    operation: str
    units: Mapping[str, Sequence[Record]]

    def choices(self, view: View, target: float) -> dict[str, Choice]:
        """Return the best choice of each unit that reaches a target."""
        found = {}
        for unit, records in self.units.items():
            able = filter(None, (view.reach(record, target) for record in records))
            costs = [(cost, one) for one in able if (cost := view.cost(one)) is not None]
            if costs:
                _, found[unit] = min(costs, key=lambda pair: pair[0])
        return found

    def least(self, view: View, target: float) -> str | None:
        """Return the unit that takes least, the first of several; None if none reaches it."""
        costs = self._costs(view, target)
        return min(costs, key=lambda unit: costs[unit]) if costs else None

    def spans(self, view: View, targets: Sequence[float]) -> list[Span]:
        """Return who takes least from where to where; crossovers are found between targets.

        A span in which the unit before or after it takes within `NOISE` as little is no span.
        """
        best = [(target, self.least(view, target)) for target in targets]
        found, low = list[Span](), targets[0]
        for (here, unit), (there, following) in pairwise([*best, (targets[-1], None)]):
            if unit is None or (unit == following and here != there):
                continue
            high = self._crossover(view, here, there, unit)
            found.append(self._span(view, unit, low, high, targets))
            low = high
        return self._settled(view, found, targets)

    def _settled(self, view: View, spans: list[Span], targets: Sequence[float]) -> list[Span]:
        """Return spans without those that are ties with one beside them, the shortest first."""
        for span in sorted(spans, key=lambda one: one.high / one.low):
            place = spans.index(span)
            for beside in (place - 1, place + 1):
                if not 0 <= beside < len(spans) or spans[beside].unit not in span.ties:
                    continue
                first, last = min(place, beside), max(place, beside)
                unit = spans[beside].unit
                # What stands on the other side may be the same unit's.
                while first and spans[first - 1].unit == unit:
                    first -= 1
                while last + 1 < len(spans) and spans[last + 1].unit == unit:
                    last += 1
                whole = self._span(view, unit, spans[first].low, spans[last].high, targets)
                return self._settled(view, [*spans[:first], whole, *spans[last + 1 :]], targets)
        return spans

    def _span(
        self, view: View, unit: str, low: float, high: float, targets: Sequence[float]
    ) -> Span:
        at = [low, *(target for target in targets if low < target < high), high]
        costs = [self._costs(view, target) for target in at]
        close = {
            other: sum(one.get(other, math.inf) < (1 + NOISE) * one[unit] for one in costs)
            for other in self.units
            if other != unit
        }
        ends = self.choices(view, low)[unit], self.choices(view, high)[unit]
        as_good = {other: n / len(at) for other, n in close.items() if 2 * n >= len(at)}
        return Span(unit, low, high, *ends, as_good)

    def _crossover(self, view: View, low: float, high: float, unit: str) -> float:
        """Return the last target between two at which a unit takes least, to a thousandth."""
        while high / low > 1.001:
            middle = math.sqrt(low * high)
            if self.least(view, middle) == unit:
                low = middle
            else:
                high = middle
        return low

    def _costs(self, view: View, target: float) -> dict[str, float]:
        costs = {unit: view.cost(one) for unit, one in self.choices(view, target).items()}
        return {unit: cost for unit, cost in costs.items() if cost is not None}


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


def contests(records: Sequence[Record]) -> list[Contest]:
    """Return what there is to compare, of the first stimulus, in the order of the records."""
    found: dict[tuple[str, str, str | None, str], dict[tuple[str, str], list[Record]]] = {}
    for record in of_first_stimulus(records):
        place = record["tech"], record["boundary"], record["point"], record["operation"]
        found.setdefault(place, {}).setdefault(unit_of(record), []).append(record)
    return [Contest(*place, _named(units)) for place, units in found.items()]


def _named(units: Mapping[tuple[str, str], Sequence[Record]]) -> dict[str, Sequence[Record]]:
    """Return units by their names, with their parameters where several have one name."""
    names = Counter(name for name, _ in units)
    return {
        name if names[name] == 1 else f"{name} {parameters}": records
        for (name, parameters), records in units.items()
    }


def leading(records: Sequence[Record]) -> str:
    """Return the boundary that a comparison leads with: where most netlists have energies."""
    places = values(records, "boundary")
    known = Counter(record["boundary"] for record in records if energy(record) is not None)
    return max(places, key=lambda place: known[place])


def decades(records: Sequence[Record], view: View) -> tuple[float, float]:
    """Return the powers of ten between which all netlists have their fastest rates or densities."""
    figure = {"rate": in_units.rate, "density": in_units.density}[view.across]
    known = [math.log10(found) for record in records if (found := figure(record))]
    return 10.0 ** math.floor(min(known)), 10.0 ** math.ceil(max(known))


def targets_in(low: float, high: float) -> list[float]:
    """Return targets at equal ratios, both ends among them."""
    steps = max(1, round(A_DECADE * math.log10(high / low)))
    return [*(low * (high / low) ** (step / steps) for step in range(steps)), high]


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


def comparisons(
    records: Sequence[Record], bounds: tuple[float, float] | None = None
) -> Iterator[tuple[Contest, View, list[float]]]:
    """Yield every contest by every view that its records have figures for, and its targets.

    Contests of the same operation at a boundary on a library have the same targets; to those per
    area come the greatest of each unit, where its netlist of least area x period stands.
    """
    of_place: dict[tuple[str, str, str], list[Contest]] = {}
    for contest in contests(records):
        place = contest.tech, contest.boundary, contest.operation
        of_place.setdefault(place, []).append(contest)
    for mine in of_place.values():
        netlists = [record for one in mine for unit in one.units.values() for record in unit]
        for view in VIEWS:
            given = bounds if view.across == "rate" else None
            targets = targets_in(*(given or decades(netlists, view)))
            for contest in mine:
                own = [] if view.across == "rate" else _greatest(contest)
                every = sorted({*targets, *own})
                if any(contest.choices(view, target) for target in every):
                    yield contest, view, every


def _greatest(contest: Contest) -> Iterator[float]:
    """Yield the greatest density of each unit, of its netlists with energies if some have them."""
    for records in contest.units.values():
        known = [record for record in records if energy(record) is not None] or records
        if found := [most for record in known if (most := in_units.density(record))]:
            yield max(found)


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

"""Coefficients of one segment: a polynomial in whole numbers that stays within bounds.

With ``u`` from 0 up to 1 within the segment, a polynomial of degree d is evaluated from the top
(Horner), each step cut to whole numbers of a unit of its own:

    r_d = C_d            r_(i-1) = C_(i-1) + floor(r_i u)

Coefficients are chosen from the highest down: those of least error, rounded, and their
neighbours. Of the last one, ``C_0``, all that keep the bounds are known, since it only adds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, pi

from macsmith.functions.fit.targets import Target

REACH = 3
"""Neighbours on either side that are tried of a rounded coefficient."""

_SAMPLES = 24
"""Arguments of a long segment that are looked at."""

_BETWEEN = 5
"""What a smooth error gains between them is less than this power of a half of a last place."""


@dataclass(frozen=True)
class Steps:
    """How a polynomial is evaluated.

    Members
    -------
    bits
        Of an argument within its segment.
    guard
        Bits of a value below a last place.
    units
        Of each coefficient, from ``C_0`` up, as powers of two of a value's own unit; rising.
    dropped
        Low bits of the argument that each step does without, from the one that gives ``r_0`` up.
    """

    bits: int
    guard: int
    units: tuple[int, ...]
    dropped: tuple[int, ...]

    @property
    def degree(self) -> int:
        """That of the polynomial."""
        return len(self.units) - 1

    def shift(self, step: int) -> int:
        """Return the bits that step ``step`` cuts, ``r_step`` times the argument."""
        into = self.units[step - 1] if step > 1 else 0
        return self.bits - self.dropped[step - 1] - self.units[step] + into

    def value(self, coefficients: Sequence[int], argument: int) -> int:
        """Return the value at an argument."""
        total = coefficients[-1]
        for step in range(self.degree, 0, -1):
            total = total * (argument >> self.dropped[step - 1]) >> self.shift(step)
            total += coefficients[step - 1] << (self.units[0] if step == 1 else 0)
        return total


@dataclass(frozen=True)
class Wanted:
    """What a segment must give: arguments, and the bounds of the values there.

    Members
    -------
    exact
        Whether these are all arguments.
    centre
        Values of least error.
    """

    arguments: Sequence[int]
    low: Sequence[int]
    high: Sequence[int]
    centre: Sequence[float]
    exact: bool

    @classmethod
    def of(cls, target: Target, segment: int, bits: int, guard: int, each: bool) -> "Wanted":
        """Return what a target asks of a segment; of each argument, or of some and all between."""
        most = (1 << bits) - 1
        arguments: Sequence[int] = range(most + 1)
        if not each:
            arguments = sorted(
                {round(most * (1 - cos(pi * at / (_SAMPLES - 1))) / 2) for at in range(_SAMPLES)}
            )
        first = segment << bits
        pairs = [target.bounds(first + one, guard, each) for one in arguments]
        inner = [target.bounds(first + one, guard, False) for one in arguments]
        centre = [(low + high) / 2 for low, high in inner]
        low, high = zip(*pairs, strict=True)
        return cls(arguments, low, high, centre, each)


def fitted_segment(wanted: Wanted, steps: Steps) -> tuple[int, ...] | None:
    """Return coefficients that keep the bounds, from ``C_0`` up, or None if none was found."""
    scale = 1 << steps.bits
    places = [one / scale for one in wanted.arguments]
    for chosen in _upper(steps, steps.degree, places, list(wanted.centre), ()):
        if (last := _last(wanted, steps, places, chosen)) is not None:
            return last, *chosen
    return None


def _upper(
    steps: Steps, index: int, places: Sequence[float], rest: list[float], chosen: tuple[int, ...]
) -> Iterator[tuple[int, ...]]:
    """Yield coefficients but the last, the likeliest first."""
    if index == 0:
        yield chosen
        return
    unit = 1 << steps.units[index]
    nearest = round(_leading(places, rest, index) / unit)
    for one in sorted(range(nearest - REACH, nearest + REACH + 1), key=lambda c: abs(c - nearest)):
        left = [value - one * unit * u**index for u, value in zip(places, rest, strict=True)]
        yield from _upper(steps, index - 1, places, left, (one, *chosen))


def _leading(places: Sequence[float], values: Sequence[float], degree: int) -> float:
    """Return the leading coefficient of a polynomial of nearly least error."""
    count, last = degree + 1, len(places) - 1
    if last < degree:
        return 0.0
    nodes = sorted({round(last * _place(at, count, places)) for at in range(count)})
    while len(nodes) < count:
        nodes = sorted({*nodes, next(at for at in range(last + 1) if at not in nodes)})
    at = [places[node] for node in nodes]
    differences = [values[node] for node in nodes]
    for order in range(1, count):
        differences = [
            (after - before) / (at[index + order] - at[index])
            for index, (before, after) in enumerate(pairwise(differences))
        ]
    return differences[0]


def _place(at: int, count: int, places: Sequence[float]) -> float:
    """Return how far into the list of places a node of Chebyshev's lies, from 0 to 1."""
    wanted = (1 - cos(pi * (at + 0.5) / count)) / 2
    if len(places) == _SAMPLES:
        # These are spread as Chebyshev's nodes are themselves.
        return (at + 0.5) / count
    return wanted


def _last(
    wanted: Wanted, steps: Steps, places: Sequence[float], chosen: tuple[int, ...]
) -> int | None:
    """Return the ``C_0`` of least error that keeps the bounds, or None if none does."""
    grown: list[float]
    below = above = 0.0
    if wanted.exact:
        if not _among_few(wanted, steps, chosen):
            return None
        grown = [steps.value((0, *chosen), one) for one in wanted.arguments]
    else:
        grown = [_real(steps, chosen, place) for place in places]
        below, above = _cut(steps, chosen)
    unit = 1 << steps.units[0]
    least = max(low - value for low, value in zip(wanted.low, grown, strict=True)) + below
    most = min(high - value for high, value in zip(wanted.high, grown, strict=True)) - above
    first, last = -(-least // unit), most // unit
    if first > last:
        return None
    offsets = sorted(one - value for one, value in zip(wanted.centre, grown, strict=True))
    middle = offsets[len(offsets) // 2] + (below - above) / 2
    return int(min(max(round(middle / unit), first), last))


def _among_few(wanted: Wanted, steps: Steps, chosen: tuple[int, ...]) -> bool:
    """Return whether some value keeps the bounds at a few arguments: most fail there already."""
    some = range(0, len(wanted.arguments), max(1, len(wanted.arguments) // _SAMPLES))
    values = [steps.value((0, *chosen), wanted.arguments[at]) for at in some]
    least = max(wanted.low[at] - value for at, value in zip(some, values, strict=True))
    return least <= min(wanted.high[at] - value for at, value in zip(some, values, strict=True))


def _real(steps: Steps, chosen: Sequence[int], place: float) -> float:
    """Return the polynomial without its last coefficient, nothing cut."""
    total = 0.0
    for coefficient, unit in zip(reversed(chosen), reversed(steps.units[1:]), strict=True):
        total = (total + coefficient * (1 << unit)) * place
    return total


def _cut(steps: Steps, chosen: Sequence[int]) -> tuple[float, float]:
    """Return by how much a value may be less and greater than the polynomial."""
    caution = (1 << steps.guard) / (1 << _BETWEEN)
    below = above = caution
    for step in range(steps.degree, 0, -1):
        below += 1 << (steps.units[step - 1] if step > 1 else 0)
        if steps.dropped[step - 1]:
            size = sum(abs(c) << steps.units[i + 1] for i, c in enumerate(chosen) if i + 1 >= step)
            lost = size / (1 << steps.bits - steps.dropped[step - 1])
            below, above = below + lost, above + lost
    return below, above

"""Tables of coefficients: one segment after the other, as they lie in a ROM."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from macsmith.functions.fit.segment import Steps, Wanted, fitted_segment
from macsmith.functions.fit.targets import Target

EACH = 14
"""Tables of at most so many bits of argument are fitted to every argument."""


@dataclass(frozen=True)
class Shape:
    """What a table is like, before it is filled.

    Members
    -------
    index_bits
        The table has ``2^index_bits`` segments.
    guard, units
        See `macsmith.functions.fit.segment.Steps`.
    """

    index_bits: int
    guard: int
    units: tuple[int, ...]


@dataclass(frozen=True)
class Column:
    """A coefficient of all segments.

    Members
    -------
    values
        As they are stored, less ``base``.
    bits
        Of each.
    signed
        Whether they are in two's complement, with the sign among their bits.
    inverted
        Whether all are negative: stored without the sign, which is a one.
    """

    values: tuple[int, ...]
    bits: int
    base: int = 0
    signed: bool = False
    inverted: bool = False


@dataclass(frozen=True)
class Table:
    """Coefficients of piecewise polynomials.

    Members
    -------
    index_bits, steps
        Segments, and how a polynomial is evaluated.
    coefficients
        Of each segment, from ``C_0`` up.
    """

    index_bits: int
    steps: Steps
    coefficients: tuple[tuple[int, ...], ...]

    def value(self, argument: int) -> int:
        """Return the value at an argument."""
        segment, within = divmod(argument, 1 << self.steps.bits)
        return self.steps.value(self.coefficients[segment], within)

    @property
    def argument_bits(self) -> int:
        """Bits of an argument."""
        return self.index_bits + self.steps.bits

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """What the ROM holds of each coefficient: all but the highest less the least of them."""
        *lower, top = zip(*self.coefficients, strict=True)
        found = []
        for values in lower:
            base = min(values)
            found.append(Column(values, (max(values) - base).bit_length(), base))
        both, negative = min(top) < 0 <= max(top), max(top) < 0
        bits = max((value if value >= 0 else ~value).bit_length() for value in top) + both
        return (*found, Column(top, bits, signed=both, inverted=negative))

    @property
    def rom_bits(self) -> int:
        """Bits that are stored."""
        return sum(column.bits for column in self.columns) << self.index_bits

    @cached_property
    def ranges(self) -> tuple[tuple[int, int], ...]:
        """Least and greatest of each ``r_i``, from the value up, as steps bound them."""
        found = [(min(self.columns[-1].values), max(self.columns[-1].values))]
        spans = [(segment[-1], segment[-1]) for segment in self.coefficients]
        for step in range(self.steps.degree, 0, -1):
            unit = self.steps.units[0] if step == 1 else 0
            most = (1 << self.steps.bits) - 1 >> self.steps.dropped[step - 1]
            shift = self.steps.shift(step)
            spans = [
                (
                    (segment[step - 1] << unit) + min(0, low * most >> shift),
                    (segment[step - 1] << unit) + max(0, high * most >> shift),
                )
                for segment, (low, high) in zip(self.coefficients, spans, strict=True)
            ]
            found.append((min(low for low, _ in spans), max(high for _, high in spans)))
        return tuple(reversed(found))


@cache
def filled(target: Target, shape: Shape) -> Table | None:
    """Return the table of a shape, or None if some segment has no coefficients within bounds."""
    bits = target.argument_bits - shape.index_bits
    each = target.argument_bits <= EACH
    steps: Steps | None = None
    found = []
    for segment in range(1 << shape.index_bits):
        wanted = Wanted.of(target, segment, bits, shape.guard, each)
        if steps is None:
            steps = _steps(target, shape, bits, each)
            if any(steps.shift(step) < 0 for step in range(1, steps.degree + 1)):
                return None
        coefficients = fitted_segment(wanted, steps)
        if coefficients is None:
            return None
        found.append(coefficients)
    assert steps is not None
    return Table(shape.index_bits, steps, tuple(found))


def _steps(target: Target, shape: Shape, bits: int, each: bool) -> Steps:
    """Return the steps of a shape: an argument is as long as its factor, and no longer."""
    degree = len(shape.units) - 1
    dropped = [0] * degree
    wanted = Wanted.of(target, target.steepest >> bits, bits, shape.guard, each)
    slope = max(wanted.centre) - min(wanted.centre)
    for step in range(2, degree + 1):
        # Of a smooth function each derivative is less than the one before over the segments.
        halvings = max(1, shape.index_bits - target.range_bits - 1)
        slope_bits = max(1, int(slope).bit_length() - (step - 1) * halvings)
        dropped[step - 1] = max(0, bits - slope_bits - 2)
    return Steps(bits, shape.guard, shape.units, tuple(dropped))


def shapes(target: Target, degree: int, index_bits: int) -> Iterator[Shape]:
    """Yield shapes of so many segments, all that are worth a try."""
    for guard in range(1, _MOST_GUARD + 1):
        for first, *rises in _RISES:
            units = [first]
            for rise in rises[:degree]:
                units.append(units[-1] + rise)
            if first <= guard:
                yield Shape(index_bits, guard, tuple(units))


_MOST_GUARD = 6

_RISES = (
    (2, 0, 3, 3), (1, 0, 3, 3), (1, 0, 2, 3), (1, 0, 2, 2), (0, 1, 2, 3), (0, 1, 2, 2),
    (0, 1, 1, 2), (0, 1, 0, 1), (0, 0, 1, 1), (0, 0, 0, 1), (0, 0, 0, 0),
)  # fmt: skip
"""Units of ``C_0``, and how those of higher coefficients rise, the leanest first."""


def leanest(target: Target, degree: int, index_bits: int | None = None) -> Shape | None:
    """Return the shape of least ROM bits, with the fewest segments or with so many."""
    if index_bits is not None:
        found = [
            (table.rom_bits, shape)
            for shape in dict.fromkeys(shapes(target, degree, index_bits))
            if (table := filled(target, shape)) is not None
        ]
        return min(found, key=lambda one: one[0])[1] if found else None
    for bits in range(target.least_index_bits, target.argument_bits):
        if shape := leanest(target, degree, bits):
            return shape
    return None

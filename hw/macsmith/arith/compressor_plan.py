"""A reduction of columns planned by delays of mapped cells, pin by pin, before anything is built.

All full adders begin in the fast form, with a majority gate for the carry; then those whose outputs
may come later than they do take the small one, which shares an XOR between sum and carry and may
become a cell of the library. Delays are in XOR delays.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

SHARED, MAJORITY, MIXED = FULL_ADDERS = ("shared", "majority", "mixed")
"""Forms of a full adder: ``co = ab | (a ^ b) c``, ``co = ab | (a | b) c``, or either by slack."""


class Delays(NamedTuple):
    """How long sum and carry of an adder take after the early inputs, and after the latest."""

    total: float
    total_late: float
    carry: float
    carry_late: float


DELAYS = {SHARED: Delays(2.0, 1.0, 1.7, 0.7), MAJORITY: Delays(2.0, 1.0, 0.9, 0.7)}
"""Of full adders as gates, by their form."""

_CELL = Delays(2.4, 2.0, 2.0, 1.7)
"""Of a full adder that may become a cell of a library, the slowest of these."""

_HALF = Delays(1.0, 1.0, 0.5, 0.5)
"""Of a half adder, and of a full adder with a constant input."""


class PlannedBit(NamedTuple):
    """A bit before the reduction: when it is known, and whether it is constant."""

    arrival: float
    constant: bool = False


class Step(NamedTuple):
    """An adder: the bits that it takes, the latest last, its sum and its carry, all by number."""

    inputs: tuple[int, ...]
    total: int
    carry: int


class CompressorPlan:
    """Reduction of every column to at most its height.

    Parameters
    ----------
    columns:
        The bits by column, lowest first; they are numbered in order.
    heights:
        Most bits to leave in each column, at least 1.
    stages:
        Whether all columns shrink together by Dadda's heights, rather than the lowest first.
    form:
        The form of full adders, of `FULL_ADDERS`.

    Members
    -------
    steps:
        The adders, in an order in which each finds its inputs.
    columns, over:
        The bits that are left, by number, and the carries out of the top column.
    arrival:
        When each bit is known.
    """

    def __init__(
        self,
        columns: Sequence[Sequence[PlannedBit]],
        heights: Sequence[int],
        *,
        stages: bool,
        form: str,
    ) -> None:
        self.form = form
        bits = [bit for column in columns for bit in column]
        self.arrival = [bit.arrival for bit in bits]
        self._live = [not bit.constant for bit in bits]
        numbers = iter(range(len(bits)))
        self.columns = [[next(numbers) for _ in column] for column in columns]
        self.over: list[int] = []
        self.steps: list[Step] = []
        if stages:
            for most in _dadda(max(map(len, self.columns), default=0)):
                self._reduce([max(most, height) for height in heights])
        self._reduce(heights)

    def small(self, required: Sequence[float], *, cells: bool) -> set[int]:
        """Return which full adders may be of the small form, by their place among the steps.

        Parameters
        ----------
        required:
            When the bits that are left in each column must be known.
        cells:
            Whether small ones may become cells of a library, which are slower than gates.
        """
        if self.form != MIXED:
            return set()
        late = [float("inf")] * len(self.arrival)
        for column, due in zip([*self.columns, self.over], [*required, required[-1]], strict=True):
            for bit in column:
                late[bit] = due
        for step in reversed(self.steps):
            fast = self._delays(step.inputs)
            for place, bit in enumerate(step.inputs):
                last = place == len(step.inputs) - 1
                due = min(
                    late[step.total] - (fast.total_late if last else fast.total),
                    late[step.carry] - (fast.carry_late if last else fast.carry),
                )
                late[bit] = min(late[bit], due)
        found = set()
        small = _CELL if cells else DELAYS[SHARED]
        arrival = list(self.arrival)
        for place, step in enumerate(self.steps):
            fast = self._delays(step.inputs)
            total, carry = _after(fast, [arrival[bit] for bit in step.inputs])
            if fast is not _HALF:
                slow = _after(small, [arrival[bit] for bit in step.inputs])
                if slow[0] <= late[step.total] and slow[1] <= late[step.carry]:
                    found.add(place)
                    total, carry = slow
            arrival[step.total], arrival[step.carry] = total, carry
        return found

    def _delays(self, inputs: Sequence[int]) -> Delays:
        if sum(self._live[bit] for bit in inputs) < 3:
            return _HALF
        return DELAYS[SHARED if self.form == SHARED else MAJORITY]

    def _reduce(self, heights: Sequence[int]) -> None:
        """Bring every column to at most its height, the lowest first, the earliest bits first."""
        above_all = [*self.columns, self.over]
        for place, height in enumerate(heights):
            column, above = above_all[place], above_all[place + 1]
            while (surplus := len(column) - height) > 0:
                column.sort(key=lambda bit: self.arrival[bit])
                count = 2 if surplus % 2 else 3
                taken, column[:count] = tuple(column[:count]), []
                total, carry = self._add(taken)
                column.append(total)
                above.append(carry)

    def _add(self, inputs: tuple[int, ...]) -> tuple[int, int]:
        total, carry = range(len(self.arrival), len(self.arrival) + 2)
        arrivals = [self.arrival[bit] for bit in inputs]
        self.arrival += _after(self._delays(inputs), arrivals)
        self._live += [True, True]
        self.steps.append(Step(inputs, total, carry))
        return total, carry


def _after(delays: Delays, arrivals: Sequence[float]) -> tuple[float, float]:
    """Return when sum and carry are known."""
    *early, late = arrivals
    return (
        max(max(early) + delays.total, late + delays.total_late),
        max(max(early) + delays.carry, late + delays.carry_late),
    )


def _dadda(tallest: int) -> Iterator[int]:
    """Yield Dadda's heights below that of the tallest column, down to 3."""
    heights = [2]
    while heights[-1] * 3 // 2 < tallest:
        heights.append(heights[-1] * 3 // 2)
    yield from reversed(heights[1:])

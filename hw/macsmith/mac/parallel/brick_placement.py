"""Where divide and conquer with sums together puts its bricks to work, mode by mode.

A brick is named by its digits (i, j) at full precision, where it counts ``i + j`` digits. In a
mode of narrow lanes the bricks do other jobs, at other weights. Bricks whose weight changes need
multiplexers behind them, so the jobs are dealt such that few do: a mode's sum is put in the middle
of the full product, where most bricks are that it needs. Of the sixteen bricks of two levels two
move for 8x4, four for 8x2, six for 4x4.
"""

from typing import NamedTuple

Cuts = tuple[int, int]
"""How often the activation and the weight are halved."""


class DigitProduct(NamedTuple):
    """A lane, and the digits of its activation and of its weight that are multiplied."""

    lane: int
    act: int
    weight: int


_JOBS = {
    (1, (0, 1)): """
        000 110
        010 100""",
    (2, (0, 1)): """
        101 000 001 111
        100 010 011 121
        110 020 021 131
        120 030 031 130""",
    (2, (0, 2)): """
        310 100 210 320
        000 110 220 330
        010 120 230 300
        020 130 200 030""",
    (2, (1, 1)): """
        100 201 200 101
        310 000 001 311
        300 010 011 301
        110 211 210 111""",
}
"""Jobs by levels and cuts, a row for each activation digit: lane, activation and weight digit."""

_BASES = {
    (1, (1, 1)): (1, 0),
    (2, (0, 1)): (0, 1),
    (2, (0, 2)): (0, 1),
    (2, (1, 1)): (1, 1),
    (2, (1, 2)): (1, 2),
    (2, (2, 2)): (2, 1),
}
"""Digits below a mode's sum, by levels and cuts; none where nothing is said."""


def base(levels: int, cuts: Cuts) -> tuple[int, int]:
    """Return how many activation and weight digits below its sum a mode leaves idle."""
    act, weight = cuts
    if act > weight:
        return base(levels, (weight, act))[::-1]
    return _BASES.get((levels, cuts), (0, 0))


def job(levels: int, cuts: Cuts, i: int, j: int) -> DigitProduct:
    """Return the job of brick (i, j) in modes that halve the operands so often."""
    act, weight = cuts
    if act > weight:
        mirrored = job(levels, (weight, act), j, i)
        return DigitProduct(mirrored.lane, mirrored.weight, mirrored.act)
    if (table := _JOBS.get((levels, cuts))) is not None:
        lane, act_digit, weight_digit = map(int, table.split()[(i << levels) + j])
        return DigitProduct(lane, act_digit, weight_digit)
    acts, weights = 1 << (levels - act), 1 << (levels - weight)
    return DigitProduct((i // acts << weight) + j // weights, i % acts, j % weights)


def row_job(levels: int, cuts: int, j: int) -> DigitProduct:
    """Return the job of brick j where only the weight is cut."""
    return DigitProduct(j % (1 << cuts), 0, j >> cuts)


def row_base(levels: int, cuts: int) -> int:
    """Return how many weight digits below its sum such a mode leaves idle."""
    return 1 if levels == 2 and cuts else 0

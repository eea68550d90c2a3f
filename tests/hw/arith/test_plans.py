"""Plans of reductions and of prefix networks: what they promise of arrivals, they keep."""

import random

import pytest

from macsmith.arith import prefix_plan
from macsmith.arith.compressor_plan import CompressorPlan, PlannedBit
from macsmith.arith.prefix_adder import columns_required

STAIRCASE = tuple(min(k, 20 - k) / 2 for k in range(20))
"""Columns as a multiplier's tree leaves them, the middle ones last."""


def spans(plan: prefix_plan.PrefixPlan, columns: int) -> list[tuple[int, int]]:
    """Return the lowest and the highest column of each node; merged spans must be neighbours."""
    found = [(column, column) for column in range(columns)]
    for high, low in plan.merges:
        assert found[low][1] + 1 == found[high][0]
        found.append((found[low][0], found[high][1]))
    return found


@pytest.mark.parametrize("ready", [(0.0,), (0.0,) * 2, (0.0,) * 16, STAIRCASE, STAIRCASE[::-1]])
def test_every_prefix_is_there_in_time(ready: tuple[float, ...]) -> None:
    plan = prefix_plan.plan(ready)
    assert [spans(plan, len(ready))[node] for node in plan.carries] == [
        (0, top) for top in range(len(ready))
    ]
    known = list(ready)
    for high, low in plan.merges:
        known.append(max(known[high], known[low]) + prefix_plan.MERGE)
    assert max(known[node] for node in plan.carries) <= plan.due + 1e-9


def test_columns_at_once_take_no_more_merges_than_sklansky() -> None:
    plan = prefix_plan.plan((0.0,) * 16)
    assert plan.due <= 5 * prefix_plan.MERGE
    assert len(plan.merges) <= 32


def test_columns_that_come_one_after_the_other_ripple() -> None:
    plan = prefix_plan.plan(tuple(float(k) for k in range(12)))
    assert len(plan.merges) == 11
    assert plan.due == pytest.approx(11 + prefix_plan.MERGE)


def test_late_columns_may_not_be_waited_for_by_what_is_required() -> None:
    plan = prefix_plan.plan(STAIRCASE)
    required = prefix_plan.required(plan, len(STAIRCASE))
    assert all(due >= ready - 1e-9 for due, ready in zip(required, STAIRCASE, strict=True))
    with_carry = columns_required([[one] for one in STAIRCASE], 0.0)
    assert len(with_carry) == len(STAIRCASE)


@pytest.mark.parametrize("stages", [False, True])
def test_small_adders_are_those_that_nobody_waits_for(stages: bool) -> None:
    columns = [[PlannedBit(0.0)] * min(k + 1, 15 - k) for k in range(15)]
    heights = [2] * len(columns)
    mixed = CompressorPlan(columns, heights, stages=stages, form="mixed")
    fast = CompressorPlan(columns, heights, stages=stages, form="majority")
    shared = CompressorPlan(columns, heights, stages=stages, form="shared")
    last = max(mixed.arrival)
    assert last == max(fast.arrival) < max(shared.arrival)
    small = mixed.small([last] * len(columns), cells=False)
    assert 0 < len(small) < len(mixed.steps)
    assert fast.small([last] * len(columns), cells=False) == set()
    assert mixed.small([last] * len(columns), cells=True) < small
    assert all(len(column) <= 2 for column in mixed.columns)


def test_a_reduction_keeps_the_count_of_ones() -> None:
    draw = random.Random(3)
    columns = [[PlannedBit(0.0, constant=draw.random() < 0.2)] * draw.randrange(6)
               for _ in range(7)]  # fmt: skip
    plan = CompressorPlan(columns, [1] * 7, stages=True, form="mixed")
    values = [draw.randrange(2) for column in columns for _ in column]
    weights = [k for k, column in enumerate(columns) for _ in column]
    expected = sum(value << weight for value, weight in zip(values, weights, strict=True))
    values += [0] * (len(plan.arrival) - len(values))
    for step in plan.steps:
        ones = sum(values[bit] for bit in step.inputs)
        values[step.total], values[step.carry] = ones & 1, ones >> 1
    found = sum(values[bit] << k for k, column in enumerate(plan.columns) for bit in column)
    assert found + (sum(values[bit] for bit in plan.over) << 7) == expected

"""A search of netlists that spends syntheses where they pay: successive halving.

A unit may be built in several forms that do the same, and a netlist of each be made in several
ways. Every arm, a form with a kind of adders and an order of cells, gets the first recipes, one
fast and one small; the better half gets the next two, and so on (Jamieson and Talwalkar, AISTATS
2016). Better in turn is who has the shortest period, the least area, the least of their product, so
what wins one of the three stays. Everybody gets the same number of arms: where forms are few, there
are more orders of cells.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count, islice
from typing import Any

from macsmith.contract.checks import check_int
from macsmith.contract.unit import UnitSpec
from macsmith.jobs.area_delay_jobs import MAPPINGS, UNSIZED
from macsmith.jobs.netlist_job import Job, Result, jobs_for
from macsmith.library.technology import Technology
from macsmith.synthesis.yosys_abc import CurveRecipe, Recipe

ARMS = {1: 2, 2: 6, 3: 12, 4: 24, 5: 48}
"""Arms of the first round by effort."""

_UNSIZED = {str(recipe): recipe for recipe in UNSIZED}

ROUNDS: Sequence[Sequence[Recipe | CurveRecipe]] = (
    (Recipe.SPEED, _UNSIZED["lean unsized"]),
    (CurveRecipe("fast", MAPPINGS["fast"]), _UNSIZED["area unsized"]),
    (Recipe.BALANCED, Recipe.AREA),
)
"""Recipes of each round."""

Measure = Callable[[Sequence[Job]], Sequence[Result]]


def check_effort(effort: int | None) -> None:
    """Refuse an effort that there is not.

    Raises
    ------
    UserError
        If it is none of `ARMS`.
    """
    if effort is not None:
        check_int("effort", effort, tuple(ARMS))


def runs(effort: int) -> int:
    """Return the netlists that a search of a unit at a boundary makes at most."""
    arms, made = ARMS[effort], 0
    for recipes in ROUNDS:
        made += arms * len(recipes)
        arms = _half(arms)
    return made


def search(
    units: Mapping[str, UnitSpec],
    boundaries: Sequence[str] | None,
    tech: Technology,
    effort: int,
    measure: Measure,
) -> list[Job]:
    """Return, of each unit and boundary, the netlists that no other beats in area and period.

    Parameters
    ----------
    effort:
        How many netlists are tried, of `ARMS`.
    measure:
        Returns area and timing of jobs.
    """
    found = []
    for name, spec in units.items():
        arms = list(_forms(name, spec, boundaries, tech))
        for boundary in dict.fromkeys(arm.boundary for arm in arms):
            here = [arm for arm in arms if arm.boundary == boundary]
            found += _unbeaten(_halved(here, ARMS[effort], measure))
    return found


def _forms(
    name: str, spec: UnitSpec, boundaries: Sequence[str] | None, tech: Technology
) -> Iterator[Job]:
    for form in spec.forms():
        yield from jobs_for({name: form}, boundaries, [Recipe.SPEED], tech)


def _halved(forms: Sequence[Job], arms: int, measure: Measure) -> dict[Job, Result]:
    """Return all netlists of a search among forms."""
    orders = (replace(form, seed=seed) for seed in count() for form in forms)
    left = list(islice(orders, arms))
    results: dict[Job, Result] = {}
    for recipes in ROUNDS:
        jobs = [replace(arm, recipe=recipe) for arm in left for recipe in recipes]
        results |= zip(jobs, measure(jobs), strict=True)
        left = _best(left, results, _half(len(left)))
    return results


def _best(arms: Sequence[Job], results: Mapping[Job, Result], count: int) -> list[Job]:
    """Return the best arms, in turn by each goal, so that no goal is crowded out."""
    of_arm: dict[Job, list[Result]] = {}
    for job, result in results.items():
        of_arm.setdefault(replace(job, recipe=Recipe.SPEED), []).append(result)
    ranked = [sorted(arms, key=lambda arm: min(map(goal, of_arm[arm]))) for goal in _GOALS]
    in_turn = (arm for rank in zip(*ranked, strict=True) for arm in rank)
    return list(islice(dict.fromkeys(in_turn), count))


def _half(arms: int) -> int:
    return (arms + 1) // 2


def _area(result: Result) -> float:
    return float(result["area"])


def _period(result: Result) -> float:
    return float(result["period"])


_GOALS: Sequence[Callable[[Result], float]] = (
    _period,
    _area,
    lambda result: _area(result) * _period(result),
)


def _unbeaten(results: Mapping[Job, Result]) -> list[Job]:
    """Return the jobs of least area at their period or any shorter one, fastest first."""
    front: list[Job] = []
    least: Any = float("inf")
    for job, result in sorted(results.items(), key=lambda one: (_period(one[1]), _area(one[1]))):
        if _area(result) < least:
            front.append(job)
            least = _area(result)
    return front

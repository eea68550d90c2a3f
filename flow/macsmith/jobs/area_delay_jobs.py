"""The trade of area against clock period: more netlists of a unit, between fastest and smallest.

Two things move ABC along the curve. The mapping does most: where choices (``dch``) are kept as they
are, and what the mapper is after. Sizing does the rest: ``upsize`` runs to the fastest, then
``dnsize -D`` takes back what area the target leaves. So every mapping is made once as fast as it
gets, which anchors it, and then relaxed to the next targets above its own period.

A target is a multiple of the fastest period of the unit, T = k Tmin. ABC knows only the logic
between registers, and not that in adder cells, so its own target is

    D = Dmapping + T - Tmapping

from the delay that it told of the mapping's anchor and the period that timing analysis found.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from macsmith.contract.unit import UnitSpec
from macsmith.jobs.netlist_job import Job, Result, jobs_for
from macsmith.library.technology import Technology
from macsmith.synthesis.yosys_abc import CurveRecipe, Recipe

TARGETS = (1.1, 1.3, 1.6, 2.0, 2.6)
"""Periods to relax netlists to, over the fastest of the unit."""

STEPS = 2
"""Targets for each mapping: a netlist relaxed further keeps its area."""

_SLACK = 1.02
"""A target must leave at least this share of a mapping's own period."""

MAPPINGS = {
    "fast": "strash; dch -f; map -B 0.5",
    Recipe.SPEED: Recipe.SPEED.mapping,
    "compact": "strash; map -a",
    Recipe.BALANCED: Recipe.BALANCED.mapping,
    "lean": "strash; dch; amap -m",
    Recipe.AREA: Recipe.AREA.mapping,
}
"""Mappings by name, from the fastest to the smallest; three are those of `Recipe`."""

UNSIZED = [
    CurveRecipe(f"{name} unsized", MAPPINGS[name], sized=False)
    for name in ("compact", "lean", "area")
]
"""Mappings for area without buffers and larger gates, the smallest of all."""

Measure = Callable[[Sequence[Job]], Sequence[Result]]


def curve_jobs(
    units: Mapping[str, UnitSpec],
    boundaries: Sequence[str] | None,
    tech: Technology,
    measure: Measure,
) -> list[Job]:
    """Return the jobs of a curve: those of a comparison, further mappings, relaxed netlists.

    Parameters
    ----------
    measure
        Returns area and timing of jobs, which say how far each netlist may be relaxed.
    """
    recipes = [CurveRecipe(str(name), mapping) for name, mapping in MAPPINGS.items()]
    anchors = jobs_for(units, boundaries, recipes, tech)
    relaxed = _relaxed(anchors, measure(anchors))
    known = set(map(str, Recipe))
    return [
        *jobs_for(units, boundaries, list(Recipe), tech),
        # The anchor of a recipe is its netlist.
        *(job for job in anchors if str(job.recipe) not in known),
        *relaxed,
        *jobs_for(units, boundaries, UNSIZED, tech),
    ]


def _relaxed(anchors: Sequence[Job], results: Sequence[Result]) -> Iterator[Job]:
    """Yield each anchor with the next targets that are longer than its own period."""
    made = zip(anchors, results, strict=True)
    for _, group in groupby(made, key=lambda pair: (pair[0].name, pair[0].spec, pair[0].boundary)):
        unit = list(group)
        fastest = min(result["period"] for _, result in unit)
        for job, result in unit:
            longer = [k for k in TARGETS if k * fastest > _SLACK * result["period"]]
            # Where adder cells are all there is, ABC has no logic to relax.
            for k in longer[:STEPS] if result["abc_delay_ps"] else []:
                yield _relaxed_job(job, result, k, fastest)


def _relaxed_job(job: Job, result: Result, k: float, fastest: float) -> Job:
    assert isinstance(job.recipe, CurveRecipe)
    room_ps = 1e3 * (k * fastest - result["period"])
    target = round(result["abc_delay_ps"] + room_ps)
    recipe = CurveRecipe(f"{job.recipe} {k:g}x", job.recipe.mapping, target)
    return replace(job, recipe=recipe)

"""Which netlists have energies."""

import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.netlist_job import Job, Result
from macsmith.synthesis.yosys_abc import Recipe

SIZES = [(10, 1), (10, 2), (12, 1), (6, 2), (4, 2.5), (5, 3)]
"""Area and period of each recipe with gates and with cells; 10 x 1 and 4 x 2.5 are the least."""


def jobs(*boundaries: str) -> list[Job]:
    """Return a job for each size at each boundary."""
    spec = make_spec("data-gated")
    forms = [(recipe, cells) for recipe in Recipe for cells in (False, True)]
    return [Job("data-gated", spec, place, *form) for place in boundaries for form in forms]


def results(count: int) -> list[Result]:
    """Return the sizes over and over."""
    return [{"area": area, "period": period} for area, period in SIZES] * count


@pytest.mark.parametrize(
    ("netlists", "chosen", "steps"),
    [("best", [0], 1), ("front", [0, 3, 4], 6), ("all", [0, 1, 2, 3, 4, 5], 6)],
)
def test_netlists_are_chosen_by_area_and_period(
    netlists: str, chosen: list[int], steps: int
) -> None:
    plan = EnergyPlan(boundaries=("unit",), netlists=netlists)
    both = jobs("core", "unit")
    assert plan.choose(both, results(2)) == [6 + k for k in chosen]
    assert plan.steps(both) == steps
    for places in (("core", "unit"), ("unit", "core")):
        whole = EnergyPlan(boundaries=places, netlists=netlists)
        # A front costs more, so there is one where a comparison leads.
        first, other = chosen, [0] if netlists == "front" else chosen
        at_core, at_unit = (first, other) if places[0] == "core" else (other, first)
        assert whole.choose(both, results(2)) == at_core + [6 + k for k in at_unit]


def test_of_equal_netlists_the_first_is_on_the_front() -> None:
    plan = EnergyPlan(boundaries=("core",), netlists="front")
    same = [{"area": 1, "period": 1}] * 6
    assert plan.choose(jobs("core"), same) == [0]
    assert plan.choose([], []) == []

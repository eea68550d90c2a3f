"""The search of netlists by successive halving, on figures that are made up."""

from collections.abc import Sequence

import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.contract.errors import UserError
from macsmith.jobs.netlist_job import Job, Result
from macsmith.jobs.portfolio import ARMS, ROUNDS, check_effort, runs, search
from macsmith.library.resolve import resolve


def made_up(job: Job) -> Result:
    """Return figures of which ripples are smallest and majority gates fastest."""
    spec = job.spec.parameters()
    small, fast = spec["adder"] == "ripple", spec.get("full_adder") == "majority"
    sized = str(job.recipe) in ("speed", "fast", "balanced")
    return {
        "area": 100.0 - 30 * small + 40 * fast + 50 * sized + job.seed,
        "period": 1.0 + 1.0 * small - 0.3 * fast + 0.5 * (not sized) + job.seed / 100,
    }


@pytest.mark.parametrize("effort", ARMS)
def test_a_search_makes_as_many_netlists_as_it_says_and_finds_both_ends(effort: int) -> None:
    tried: list[Job] = []

    def measure(jobs: Sequence[Job]) -> list[Result]:
        tried.extend(jobs)
        return [made_up(job) for job in jobs]

    units = {"data-gated": make_spec("data-gated")}
    front = search(units, ["core"], resolve(), effort, measure)
    assert len(tried) == len(set(tried)) == runs(effort)
    found = [made_up(job) for job in front]
    periods, areas = ([one[key] for one in found] for key in ("period", "area"))
    assert periods == sorted(periods) and areas == sorted(areas, reverse=True)
    assert periods[0] == min(made_up(job)["period"] for job in tried)
    assert areas[-1] == min(made_up(job)["area"] for job in tried)


def test_the_better_half_goes_on() -> None:
    rounds: list[set[Job]] = []

    def measure(jobs: Sequence[Job]) -> list[Result]:
        rounds.append(set(jobs))
        return [made_up(job) for job in jobs]

    search({"data-gated": make_spec("data-gated")}, ["core"], resolve(), 3, measure)
    assert [len(jobs) for jobs in rounds] == [24, 12, 6]
    forms = {str(job.spec.parameters()) for job in rounds[-1]}
    assert any("majority" in form for form in forms) and any("ripple" in form for form in forms)
    assert len(rounds) == len(ROUNDS)


def test_what_a_user_sets_stays() -> None:
    forms = make_spec("data-gated", {"adder": "ripple", "recoding": "booth"}).forms()
    assert len(forms) > 1
    assert {form.parameters()["adder"] for form in forms} == {"ripple"}
    assert {form.parameters()["recoding"] for form in forms} == {"booth"}
    assert make_spec("data-gated", {"arith": "operators", "recoding": "booth"}).forms()[1:] == []
    assert len(make_spec("dap").forms()) == 1


def test_an_effort_that_there_is_not() -> None:
    with pytest.raises(UserError, match=r"^effort must be from 1 to 5, not 6; the nearest is 5$"):
        check_effort(6)

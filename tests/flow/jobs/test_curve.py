"""The trade of area against period: targets, fronts, and a real curve."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from macsmith.analysis.area_delay_front import front, fronts_of
from macsmith.catalog.catalog import make_spec
from macsmith.jobs.area_delay_jobs import MAPPINGS, STEPS, TARGETS, curve_jobs
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import Job, Result, jobs_for, measured
from macsmith.library import resolve
from macsmith.library.technology import Technology
from macsmith.report.terminal.fronts import fronts
from macsmith.synthesis.yosys_abc import CurveRecipe, Recipe
from tests.support.cells import NANGATE
from tests.support.command import run


def test_scripts() -> None:
    for recipe in Recipe:
        anchor = CurveRecipe(str(recipe), recipe.mapping)
        assert anchor.script == f"{recipe.script}; stime"  # the same netlist, and its delay
    relaxed = CurveRecipe("speed 1.3x", Recipe.SPEED.mapping, 480)
    assert str(relaxed) == "speed 1.3x"
    assert relaxed.script.endswith("upsize -c; dnsize -D 480; stime")


PERIODS = {"fast": 1.0, "speed": 1.05, "compact": 1.4, "balanced": 1.25, "lean": 1.59, "area": 2.7}


def invented(jobs: Sequence[Job]) -> list[Result]:
    """Return periods in ns by mapping, 0.1 ns more with adder cells; ABC knows 0.2 ns less."""
    made = []
    for job in jobs:
        period = PERIODS[str(job.recipe)] + 0.1 * job.adder_cells
        delay = None if job.recipe == CurveRecipe("lean", MAPPINGS["lean"]) else period - 0.2
        made.append({"period": period, "abc_delay_ps": delay and 1e3 * delay})
    return made


def test_targets_follow_from_the_fastest(generic: Technology) -> None:
    units = {"data-gated": make_spec("data-gated"), "serial-1d": make_spec("serial-1d")}
    jobs = curve_jobs(units, ["core", "unit"], generic, invented)
    assert jobs[: 2 * 2 * 3 * 2] == jobs_for(units, ["core", "unit"], list(Recipe), generic)
    assert len(set(jobs)) == len(jobs)
    mine = [j for j in jobs if (j.name, j.boundary, j.adder_cells) == ("serial-1d", "unit", False)]
    labels = [str(job.recipe) for job in mine]
    assert labels == [
        "speed", "balanced", "area", "fast", "compact", "lean",
        "fast 1.1x", "fast 1.3x", "speed 1.1x", "speed 1.3x", "compact 1.6x", "compact 2x",
        "balanced 1.3x", "balanced 1.6x", "compact unsized", "lean unsized", "area unsized",
    ]  # fmt: skip
    targets = {str(j.recipe): j.recipe.target_ps for j in mine if isinstance(j.recipe, CurveRecipe)}
    assert targets["fast"] is None
    assert targets["fast 1.1x"] == 800 + 100
    assert targets["balanced 1.6x"] == 1050 + 350
    assert targets["compact 2x"] == 1200 + 600


def point(period: float, area: float, **keys: Any) -> Any:
    return {"period_ns": period, "area_ge": area, **keys}


def test_front_by_hand() -> None:
    good = [point(1, 9), point(2, 5), point(4, 4)]
    bad = [point(1, 10), point(2, 9), point(2, 6), point(3, 5), point(5, 4), point(2, 5)]
    assert front([*bad, *reversed(good)]) == good
    assert front([]) == []


@pytest.mark.slow
def test_real_curve() -> None:
    """Netlists between fastest and smallest; five of them no other beats."""
    library = resolve.resolve(NANGATE)
    units = {"data-gated": make_spec("data-gated")}

    def results(jobs: Sequence[Job]) -> list[Result]:
        measure(jobs, library)
        return [measured(job, library) for job in jobs]

    jobs = curve_jobs(units, ["core"], library, results)
    records = measure(jobs, library)
    kept = fronts_of(records, "core")[0][1]
    assert len({(r["area_um2"], r["period_ns"]) for r in kept}) >= 5
    assert kept[-1]["period_ns"] > 1.5 * kept[0]["period_ns"]
    assert kept[-1]["area_um2"] < 0.8 * kept[0]["area_um2"]
    area = {(r["recipe"], r["adders"]): r["area_um2"] for r in records}
    relaxed = [key for key in area if key[0].endswith("x")]
    assert len(relaxed) <= len(MAPPINGS) * 2 * STEPS and len(TARGETS) > STEPS
    for recipe, adders in relaxed:
        assert area[recipe, adders] <= area[recipe.rsplit(maxsplit=1)[0], adders]
    assert fronts(records, "core").row_count == len(kept)


def test_command(tmp_path: Path) -> None:
    words = ("--set", "act_width=2", "--set", "weight_width=2", "--set", "modes=2x2", "--no-energy")
    done = run("measure", "data-gated", "--curve", "--boundary", "core", *words, "--json", "c.json", cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    records = json.loads((tmp_path / "c.json").read_text())
    recipes = {record["recipe"] for record in records}
    assert set(map(str, Recipe)) | {"fast", "lean", "compact"} <= recipes
    assert any(recipe.endswith("x") for recipe in recipes)
    assert all(record["measured"] for record in records)
    ((_, kept),) = fronts_of(records, "core")
    assert "no other netlist of the unit is smaller and as fast" in done.stdout
    assert all(f"{record['area_ge']:.1f}" in done.stdout for record in kept)
    plain = run("measure", "data-gated", "--boundary", "core", *words, "--json", "p.json", cwd=tmp_path)  # fmt: skip
    assert plain.returncode == 0
    usual = [record for record in records if record["recipe"] in set(map(str, Recipe))]
    assert json.loads((tmp_path / "p.json").read_text()) == usual

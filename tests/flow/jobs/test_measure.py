"""Records of real syntheses: their keys, their orderings, their cache."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from macsmith.catalog.catalog import compared, make_spec
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import jobs_for
from macsmith.library import resolve
from macsmith.library.technology import Technology
from macsmith.records.selection import smallest_product
from macsmith.synthesis.yosys_abc import Recipe
from tests.support.cells import NANGATE
from tests.support.sample import every

KEYS = {
    "unit", "parameters", "boundary", "tech", "recipe", "adders", "mode", "point", "operation", "area_um2", "area_ge", "cells",
    "flip_flops", "memories", "memory_bits", "period_ns", "period_tau", "mode_period_ns", "mode_period_tau", "timing_engine", "wires", "library_left_out", "macs_per_cycle", "operations_per_cycle",
    "cycles_per_result", "gmacs_per_s_per_mm2", "gops_per_s_per_mm2", "energy_pj_per_mac", "energy_zero_delay_pj_per_mac",
    "energy_pj_per_operation", "energy_c0v2_per_operation", "energy_c0v2_per_mac", "energy_zero_delay_c0v2_per_mac",
    "energy_pj_per_issued_mac", "energy_c0v2_per_issued_mac", "energy_parts_c0v2", "energy_places_c0v2", "energy_method", "stimulus",
    "energy_parts", "energy_places", "cross_check", "spread", "input_bits_per_mac", "output_bits_per_mac", "versions", "measured",
}  # fmt: skip


@pytest.fixture(scope="module")
def library() -> Technology:
    """Nangate45, real cells with power data."""
    return resolve.resolve(NANGATE)


RECIPES = every(3, [[Recipe.BALANCED], [Recipe.SPEED], [Recipe.AREA]])


@pytest.fixture(scope="module", params=RECIPES, ids=lambda recipes: str(recipes[0]))
def recipes(request: pytest.FixtureRequest) -> list[Recipe]:
    found: list[Recipe] = request.param
    return found


@pytest.fixture(scope="module")
def records(library: Technology, recipes: list[Recipe]) -> list[Any]:
    units = {name: make_spec(name) for name in compared()}
    return measure(jobs_for(units, ["core"], recipes, library), library)


def test_one_record_for_each_netlist_and_mode(records: list[Any], recipes: list[Recipe]) -> None:
    got = [(r["unit"], r["recipe"], r["adders"], r["mode"]) for r in records]
    assert got == [
        (name, str(recipe), adders, str(mode))
        for name in compared()
        for recipe in recipes
        for adders in ("gates", "cells")
        for mode in make_spec(name).modes
    ]
    assert all(set(record) == KEYS and record["measured"] is True for record in records)


def test_areas_are_ordered_as_published(records: list[Any], recipes: list[Recipe]) -> None:
    """Serial smallest, then data gating, then subword, then divide and conquer."""
    for recipe, adders in product(map(str, recipes), ("gates", "cells")):
        form = recipe, adders
        area = {r["unit"]: r["area_ge"] for r in records if (r["recipe"], r["adders"]) == form}
        assert max(area["serial-1d"], area["serial-2d"]) < area["data-gated"]
        assert area["data-gated"] < area["subword-sa"] < area["dnc-2d-st"]


def test_derived_figures_follow_from_the_measured(records: list[Any], library: Technology) -> None:
    for record in records:
        if library.embedded:
            assert record["area_um2"] is None and record["period_ns"] is None
            continue
        seconds, mm2 = record["period_ns"] * 1e-9, record["area_um2"] * 1e-6
        rate = record["macs_per_cycle"] / seconds / mm2 / 1e9
        assert record["gmacs_per_s_per_mm2"] == pytest.approx(rate)
        assert record["area_ge"] == pytest.approx(record["area_um2"] / library.nand2_area)


def test_bits_per_mac_are_the_published(records: list[Any]) -> None:
    bits = {(r["unit"], r["mode"]): r["input_bits_per_mac"] for r in records}
    assert [bits["dnc-2d-st", mode] for mode in ("8x8", "4x4", "2x2")] == [16, 8, 4]
    assert [bits["subword-sa", mode] for mode in ("8x8", "4x4", "2x2")] == [16, 8, 4]


def test_no_mode_needs_a_longer_period_than_all(records: list[Any]) -> None:
    shorter = 0
    for record in records:
        kind = "tau" if record["period_ns"] is None else "ns"
        assert 0 < record[f"mode_period_{kind}"] <= record[f"period_{kind}"]
        shorter += record[f"mode_period_{kind}"] < 0.9 * record[f"period_{kind}"]
    assert shorter > 20


def test_least_product_is_least(records: list[Any]) -> None:
    best = smallest_product(records)
    assert len(best) == sum(len(make_spec(name).modes) for name in compared())
    for chosen in best:
        for other in records:
            if (other["unit"], other["mode"]) == (chosen["unit"], chosen["mode"]):
                key = "period_tau" if chosen["period_ns"] is None else "period_ns"
                assert chosen["area_ge"] * chosen[key] <= other["area_ge"] * other[key]


def test_the_conventional_core_is_near_its_textbook_sum(library: Technology) -> None:
    """64 AND2, 35 + 14 + 20 FA, 7 HA, 36 flip-flops, 20 AND2 for the clear; by area."""
    area = {name: cell.area for name, cell in library.library.cells.items()}
    adders = 69 * area["FA_X1"] + 7 * area["HA_X1"]
    textbook = 84 * area["AND2_X1"] + adders + 36 * area["DFF_X1"]
    spec = make_spec("data-gated", {"adder": "ripple"})
    jobs = jobs_for({"data-gated": spec}, ["core"], [Recipe.AREA], library)
    best = library.nand2_area * min(record["area_ge"] for record in measure(jobs, library))
    assert best <= 1.15 * textbook


def test_second_time_comes_from_the_cache(
    library: Technology, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MACSMITH_CACHE", str(tmp_path))
    jobs = jobs_for({"serial-1d": make_spec("serial-1d")}, ["core"], [Recipe.AREA], library)
    first = measure(jobs, library)
    monkeypatch.setattr("macsmith.jobs.netlist_job.synthesise", None)  # a synthesis would now fail
    assert measure(jobs, library) == first

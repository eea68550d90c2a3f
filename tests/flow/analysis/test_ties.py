"""What differences say: stated noise, spreads of netlists, conclusions that depend on a model."""

from typing import Any

import pytest

from macsmith.analysis.netlist_spread import check_spread, remade, with_spread
from macsmith.analysis.precision_mix import blend
from macsmith.analysis.sensitivity import flips, variants
from macsmith.analysis.ties import is_tie, noise_said
from macsmith.catalog.catalog import make_spec
from macsmith.contract.errors import UserError
from macsmith.jobs.netlist_job import Job
from macsmith.library.resolve import resolve
from macsmith.library.technology import Technology
from macsmith.report.terminal.changed_places import sensitivity
from macsmith.synthesis.yosys_abc import Recipe
from tests.support.cells import NANGATE, under
from tests.support.invented_records import of_macs


def record(
    unit: str, area: float = 100.0, period: float = 1.0, energy: float | None = 2.0, **more: Any
) -> Any:
    """Return a record of a unit at 8x8."""
    return of_macs(
        {
            "unit": unit, "parameters": {}, "tech": "cells", "boundary": "unit", "mode": "8x8",
            "recipe": "speed", "adders": "gates", "area_um2": area, "area_ge": area,
            "period_ns": period, "period_tau": None, "mode_period_ns": None,
            "mode_period_tau": None, "macs_per_cycle": 1.0, "stimulus": "uniform",
            "gmacs_per_s_per_mm2": 1e6 / period / area, "energy_pj_per_mac": energy,
            "energy_zero_delay_pj_per_mac": energy, "input_bits_per_mac": 16.0,
            "output_bits_per_mac": 1.0, "timing_engine": "macsmith",
        }
        | more
    )  # fmt: skip


@pytest.mark.parametrize(
    ("metric", "one", "other", "tie"),
    [
        ("area", {"area": 100.0}, {"area": 104.9}, True),
        ("area", {"area": 100.0}, {"area": 105.1}, False),
        ("period", {"period": 1.0}, {"period": 1.06}, False),
        # 4 % more area and 3 % more time are 7 % less throughput per area.
        ("density", {}, {"area": 104.0, "period": 1.03}, False),
        ("energy", {"energy": 2.0}, {"energy": 2.29}, True),
        ("energy", {"energy": 2.0}, {"energy": 2.31}, False),
    ],
)
def test_the_stated_noise(
    metric: str, one: dict[str, float], other: dict[str, float], tie: bool
) -> None:
    first, second = record("a", **one), record("b", **other)
    assert is_tie(first, second, metric) is tie
    assert is_tie(second, first, metric) is tie
    assert noise_said([first, second]) == "less than 5% apart, of energies 15%"


def spread(unit: str, *figures: tuple[float, float, float]) -> Any:
    """Return the record of a unit with netlists of so much area, period and energy."""
    made = [record(unit, *one) for one in figures]
    (found,) = with_spread(made[:1], made[1:])
    return found


def test_spreads_decide_where_both_have_one() -> None:
    near = spread("a", (100, 1.0, 2.0), (102, 0.98, 2.1), (99, 1.01, 1.95))
    far = spread("b", (103, 1.0, 2.2), (104, 1.02, 2.3), (102.5, 0.99, 2.15))
    assert near["spread"] == {
        "netlists": [3], "area": [99, 102], "period": [0.98, 1.01],
        "product": [pytest.approx(99.96), 100.0], "energy": [1.95, 2.1],
    }  # fmt: skip
    assert not is_tie(near, far, "area")  # 3 % apart, but no netlist of one reaches the other's
    assert is_tie(near, far, "period") and is_tie(near, far, "rate")
    assert not is_tie(near, far, "density")  # products 99.96 to 100 and 101.475 to 106.08
    assert not is_tie(near, far, "energy")
    assert is_tie(near, record("c", 103), "area")  # of one of them there is but one netlist
    assert noise_said([near, far]) == "the spreads of 3 netlists overlap"


def test_other_netlists_leave_their_mark_on_their_own_alone() -> None:
    fast, small = record("a"), record("a", 90, recipe="area")
    again = record("a", 110)
    marked, other = with_spread([fast, small], [again])
    assert marked["spread"]["area"] == [100.0, 110]
    assert other["spread"] == {}


def test_a_mix_has_the_spread_of_its_modes() -> None:
    wide = spread("a", (100, 1.0, 4.0), (100, 1.0, 5.0))
    narrow = spread("a", (100, 1.0, 1.0), (100, 1.0, 1.5))
    mixed = blend([(0.25, wide), (0.75, narrow)], "mix")
    assert mixed["spread"]["energy"] == [1.75, 2.375]
    assert mixed["spread"]["area"] == [100, 100]


def test_the_netlist_of_least_area_x_period_is_made_again() -> None:
    spec = make_spec("data-gated")
    jobs = [Job("data-gated", spec, place, recipe, False)
            for place in ("unit", "core") for recipe in (Recipe.SPEED, Recipe.AREA)]  # fmt: skip
    results = [{"area": area, "period": 1.0} for area in (5.0, 4.0, 2.0, 3.0)]
    made = [(job.boundary, job.recipe, job.seed) for job in remade(jobs, results, 3)]
    assert made == [
        ("unit", Recipe.AREA, 1), ("unit", Recipe.AREA, 2),
        ("core", Recipe.SPEED, 1), ("core", Recipe.SPEED, 2),
    ]  # fmt: skip
    with pytest.raises(UserError, match=r"^spread must be of at least 2 netlists, not 1$"):
        check_spread(1)


def test_pairs_that_change_places() -> None:
    # "a" takes less energy without wires, "b" with them; "c" is level with both.
    none = [record("a", energy=1.0), record("b", energy=1.3), record("c", energy=1.14)]
    wired = [record("a", energy=2.0), record("b", energy=1.6), record("c", energy=1.7)]
    (flip,) = flips({"none": none, "library": wired})
    assert (flip.units, flip.metric, flip.point, flip.ties) == (("a", "b"), "energy", "8x8", ())
    assert flip.ratios == {"none": pytest.approx(1 / 1.3), "library": 1.25}
    table = sensitivity({"none": none, "library": wired}, "cells")
    assert "under 2 conditions 1 pairs of units change places" in str(table.title)
    assert table.row_count == 1
    assert "no two units change places" in str(sensitivity({"none": none}, "cells").title)


def test_conditions_that_come_out_the_same_are_tried_once(generic: Technology) -> None:
    assert list(variants(generic)) == ["wires: none", "wires: none, clock tree"]
    library = variants(under(resolve(NANGATE), wires="fanout"))
    assert list(library)[:2] == [
        "wires: fanout, 0.2 fF/um", "wires: fanout, 0.2 fF/um, clock tree",
    ]  # fmt: skip
    assert len(library) == 6

"""Units at equal throughput, on records whose figures are worked out by hand."""

import pytest
from rich.console import Console

from macsmith import api
from macsmith.analysis.throughput.contest import (
    Contest,
    comparisons,
    contests,
    decades,
    leading,
    targets_in,
)
from macsmith.analysis.throughput.crossovers import Span, spans_of
from macsmith.analysis.throughput.equal_throughput import Range, with_targets
from macsmith.analysis.throughput.netlist_choice import VIEWS, View, at_density, at_rate
from macsmith.contract.errors import UserError
from macsmith.records.record import Record
from macsmith.report.terminal.equal_throughput import shown_targets, throughput_tables
from tests.support.invented_records import of_macs

ENERGY, AREA, PER_AREA = VIEWS


def record(
    unit: str, recipe: str, area: float, period: float, pj: float | None, leakage: float = 0.0,
    *, macs: float = 1.0, mode: str = "8x8", boundary: str = "unit",
) -> Record:  # fmt: skip
    """Return a record of a netlist; its area in um2 is its area in GE, leakage a part of its pJ."""
    return of_macs({
        "unit": unit, "parameters": {}, "boundary": boundary, "tech": "mine", "recipe": recipe,
        "adders": "gates", "mode": mode, "area_um2": area, "area_ge": area, "period_ns": period,
        "period_tau": None, "macs_per_cycle": macs,
        "gmacs_per_s_per_mm2": macs / period / area * 1e6, "energy_pj_per_mac": pj,
        "energy_parts": {} if pj is None else {"logic": pj - leakage, "leakage": leakage},
        "stimulus": None if pj is None else "uniform",
    })  # fmt: skip


SLOW = record("a", "area", 10, 2, 1.0, 0.1)
"""At 0.5 GMAC/s 0.9 pJ and 0.1 pJ of leakage, on 10 um2."""

FAST = record("a", "speed", 16, 1, 1.5, 0.08)
"""At 1 GMAC/s 1.42 pJ and 0.08 pJ of leakage, on 16 um2."""


@pytest.mark.parametrize(
    ("target", "copies", "period", "energy", "area"),
    [
        (0.25, 1, 4, 0.9 + 0.2, 10),
        (0.5, 1, 2, 0.9 + 0.1, 10),
        (0.6, 2, 2 / 0.6, 0.9 + 0.1 / 0.6, 20),  # each at 0.3 GMAC/s
        (1.0, 2, 2, 0.9 + 0.1, 20),
        (100.0, 200, 2, 0.9 + 0.1, 2000),
    ],
)
def test_a_netlist_is_slowed_down_or_copied(
    target: float, copies: int, period: float, energy: float, area: float
) -> None:
    choice = at_rate(SLOW, target)
    assert (choice.copies, choice.area) == (copies, area)
    assert (choice.period, choice.energy) == pytest.approx((period, energy))
    assert choice.copies * 1 / choice.period == pytest.approx(target)


def test_per_area_a_netlist_is_slowed_down_and_ends() -> None:
    most = 0.5 / 10e-6  # 50,000 GMAC/s/mm2
    at_most, below = at_density(SLOW, most), at_density(SLOW, most / 4)
    assert at_most is not None and below is not None
    assert at_most.energy == pytest.approx(1.0)
    assert (below.copies, below.period) == (1, pytest.approx(8))
    assert below.energy == pytest.approx(0.9 + 0.4)
    assert at_density(SLOW, 1.01 * most) is None


def test_each_criterion_takes_its_own_netlist() -> None:
    (contest,) = contests([SLOW, FAST])
    at = {target: contest.choices(ENERGY, target)["a"] for target in (0.25, 0.6, 1.0)}
    assert [one.record["recipe"] for one in at.values()] == ["area", "area", "area"]
    assert [one.copies for one in at.values()] == [1, 2, 2]
    at = {target: contest.choices(AREA, target)["a"] for target in (0.25, 0.6, 1.0)}
    assert [(one.record["recipe"], one.area) for one in at.values()] == [
        ("area", 10), ("speed", 16), ("speed", 16),
    ]  # fmt: skip
    # 0.5 / 10 um2 and 1 / 16 um2: the netlist of least area x period goes furthest.
    per_area = [contest.choices(PER_AREA, target).get("a") for target in (5e4, 6.25e4, 7e4)]
    assert [one and one.record["recipe"] for one in per_area] == ["area", "speed", None]


def crossing() -> list[Record]:
    """Return two units of 10 GMAC/s: 1.0 pJ + 0.1 mW / R and 0.8 pJ + 0.3 mW / R, equal at 1."""
    return [
        record("a", "area", 10, 1, 1.01, 0.01, macs=10),
        record("b", "area", 20, 1, 0.83, 0.03, macs=10),
    ]


def test_crossovers_are_found_between_targets() -> None:
    (contest,) = contests(crossing())
    for targets in (targets_in(0.13, 7.9), [0.1, 10.0]):
        first, second = spans_of(contest, ENERGY, targets)
        assert (first.unit, second.unit) == ("a", "b")
        assert (first.low, second.high) == (targets[0], targets[-1])
        assert first.high == second.low == pytest.approx(1, rel=2e-3)
    assert first.first.energy == pytest.approx(2.0)
    assert second.last.energy == pytest.approx(0.83)
    (only,) = spans_of(contest, AREA, [0.1, 10.0])
    assert only.unit == "a" and only.as_good == {}


def test_who_is_as_good_is_told() -> None:
    near = [
        record("a", "area", 10, 1, 1.0), record("b", "area", 10.4, 1, 1.14),
        record("c", "area", 10.6, 1, 1.16),
    ]  # fmt: skip
    (contest,) = contests(near)
    for view in (ENERGY, AREA):
        (span,) = contest_spans(contest, view)
        assert span.unit == "a" and span.as_good == {"b": 1.0}


def test_spreads_decide_where_there_are_some() -> None:
    """Energies of 1.14 pJ, from 1.12, and of 1.0 pJ up to 1.1 differ, though they are close."""
    near = [record("a", "area", 10, 1, 1.0), record("b", "area", 10, 1, 1.14)]
    near[0]["spread"] = {"netlists": [5], "energy": [0.98, 1.1]}
    near[1]["spread"] = {"netlists": [5], "energy": [1.12, 1.2]}
    (contest,) = contests(near)
    (apart,) = contest_spans(contest, ENERGY)
    near[1]["spread"]["energy"][0] = 1.09
    (level,) = contest_spans(contest, ENERGY)
    assert apart.as_good == {} and level.as_good == {"b": 1.0}


def contest_spans(contest: Contest, view: View) -> list[Span]:
    """Return the spans from 0.1 to 10 GMAC/s."""
    return spans_of(contest, view, [0.1, 1.0, 10.0])


def test_targets_are_of_useful_macs() -> None:
    """Of four products three are useful: 1 pJ each, 0.75 pJ for each that is issued."""
    padded = record("a", "area", 10, 2, 1.0, 0.1)
    padded["energy_pj_per_issued_mac"] = 0.75
    choice = at_rate(padded, 0.5)
    assert (choice.copies, choice.area) == (2, 20)
    assert choice.energy == pytest.approx(0.9 + 0.1 * 2 * 0.375 / 0.5)
    assert at_rate(padded, 0.375).energy == pytest.approx(1.0)
    assert at_density(padded, 0.376 / 10e-6) is None


def test_a_difference_within_noise_is_no_crossover() -> None:
    """Above 0.48 GMAC/s b is up to 2 % better than a, above 1.94 c far better than both."""
    near = [
        record("a", "area", 10, 1, 1.01, 0.01, macs=10),
        record("b", "area", 10, 1, 0.99, 0.011, macs=10),
        record("c", "area", 10, 1, 0.62, 0.1, macs=10),
    ]  # fmt: skip
    (contest,) = contests(near)
    exact = [contest.least(ENERGY, target) for target in (0.1, 1.0, 10.0)]
    assert exact == ["a", "b", "c"]
    first, second = spans_of(contest, ENERGY, targets_in(0.1, 10))
    assert (first.unit, second.unit) == ("a", "c")
    assert first.as_good == {"b": 1.0}
    assert first.high == second.low == pytest.approx(0.89 / 0.459, rel=2e-3)


def test_targets_are_the_decades_of_all_rates() -> None:
    records = [SLOW, FAST, record("b", "area", 10, 1, 1.0, macs=1 / 64)]
    assert decades(records, ENERGY) == (0.01, 1.0)
    found = targets_in(0.01, 1.0)
    assert len(found) == 21 and found[0] == 0.01 and found[-1] == 1.0
    assert found[10] == pytest.approx(0.1)
    assert targets_in(2, 4) == pytest.approx([2, 2 * 2 ** (1 / 3), 2 * 2 ** (2 / 3), 4])
    assert shown_targets(targets_in(0.2, 30)) == pytest.approx([0.2, 1, 10, 30])


def test_what_differs_is_not_compared() -> None:
    other = record("b", "area", 10, 1, 1.0)
    other["operation"] = "word"
    of_core = record("a", "area", 9, 2, None, boundary="core")
    of_two_bits = record("a", "area", 10, 2, 0.5, mode="2x2")
    records = [SLOW, of_core, of_two_bits, other]
    found = [(c.boundary, c.point, c.operation, list(c.units)) for c in contests(records)]
    assert found == [
        ("unit", "8x8", "MAC", ["a"]), ("core", "8x8", "MAC", ["a"]),
        ("unit", "2x2", "MAC", ["a"]), ("unit", "8x8", "word", ["b"]),
    ]  # fmt: skip
    views = [view.name for contest, view, _ in comparisons(records) if contest.boundary == "core"]
    assert views == ["area-rate"]
    assert leading(records) == leading(records[::-1]) == "unit" and leading([of_core]) == "core"
    assert contests([]) == [] == list(comparisons([]))


def test_a_second_stimulus_does_not_count() -> None:
    again = record("a", "area", 10, 2, 9.0)
    again["stimulus"] = "network"
    (contest,) = contests([SLOW, again])
    assert contest.choices(ENERGY, 0.5)["a"].energy == 1.0


def test_records_have_the_targets_at_which_they_are_best() -> None:
    slow, fast = with_targets([SLOW, FAST], (0.5, 1.0))
    rows = [one for one in slow["equal_throughput"] if one["view"] == "area-rate"]
    assert rows == [
        {"view": "area-rate", "target": 0.5, "copies": 1, "period": 2, "energy": 1.0, "area": 10,
         "best": True},
    ]  # fmt: skip
    of_fast = [(one["view"], one["target"]) for one in fast["equal_throughput"]]
    assert ("area-rate", 1.0) in of_fast and ("energy-rate", 1.0) not in of_fast
    assert slow == SLOW | {"equal_throughput": slow["equal_throughput"]}
    assert api.equal_throughput([SLOW, FAST], 0.5, 1.0) == [slow, fast]
    assert api.equal_throughput([SLOW, FAST], 0.5) == with_targets([SLOW, FAST], (0.5, 1.0))
    core = record("a", "area", 9, 2, None, boundary="core")
    (alone,) = with_targets([core])
    assert {one["view"] for one in alone["equal_throughput"]} == {"area-rate"}


@pytest.mark.parametrize("text", ["", "1", "1..", "0..1", "2..1", "1..inf", "nan..1", "1..2..3"])
def test_a_range_that_is_none(text: str) -> None:
    with pytest.raises(UserError, match=r"^throughput must be auto, none or LOW\.\.HIGH with 0"):
        Range.parse(text)


def test_a_range() -> None:
    assert Range.parse("0.5..20") == Range((0.5, 20.0))
    assert Range.parse("auto") == Range() and Range.parse("none") is None
    with pytest.raises(UserError, match=r", not '2\.\.1'$"):
        Range((2.0, 1.0))


def shown(records: list[Record], room: int = 160) -> list[list[str]]:
    """Return of each table its title, its heading and its rows, each line as words."""
    made = []
    for table in throughput_tables(records, "unit", room, (0.1, 10.0)):
        console = Console(width=160)
        with console.capture() as capture:
            console.print(table)
        lines = [" ".join(line.split()) for line in capture.get().splitlines() if line.strip()]
        head = next(number for number, line in enumerate(lines) if line.startswith("mode unit"))
        made.append([" ".join(lines[:head]), lines[head], *lines[head + 2 :]])
    return made


def test_the_tables_say_who_takes_least_and_what_each_takes() -> None:
    energy, area, per_area, each, sizes = shown(crossing())
    assert energy[0] == "unit on mine: least energy at equal throughput, 0.1 to 10 GMAC/s"
    assert energy[1] == "mode unit from GMAC/s to copies pJ/MAC netlist as good"
    first, second, caption = energy[2:]
    assert caption == "as good: less than 5% apart, of energies 15%"
    assert first.startswith("8x8 a 0.1 1 1 2.000 to 1.100 area")
    assert second.startswith("b 1 10 1 1.100 to 0.830 area")
    assert area[2:] == ["8x8 a 0.1 10 1 10 area", caption]
    assert per_area[0].endswith("at equal throughput per area, 100,000 to 1,000,000 GMAC/s/mm2")
    assert each[1] == "mode unit 0.1 GMAC/s 1 10 area x period at GMAC/s"
    assert each[0] == "unit on mine: energy per MAC, pJ at equal throughput; x copies, * least"
    assert each[2:] == ["8x8 a *2.000 *1.100 1.010 1.010 10", "b 3.800 1.100 *0.830 0.830 10"]
    assert sizes[2:] == ["8x8 a *10 *10 *10 10 10", "b 20 20 20 20 10"]


def test_copies_stand_behind_the_figure() -> None:
    each, sizes = shown([SLOW, FAST])  # one unit alone: nobody to compare it with
    assert each[2] == "8x8 a *1.400 *1.000 x2 *1.000 x20 1.500 1"
    assert sizes[2] == "8x8 a *10 *16 *160 x10 16 1"


def test_without_energies_there_is_the_area() -> None:
    plain = [record("a", "area", 10, 1, None), record("b", "area", 20, 1, None)]
    titles = [table[0] for table in shown(plain)]
    assert titles == [
        "unit on mine: least area at equal throughput, 0.1 to 10 GMAC/s",
        "unit on mine: area, um2 at equal throughput; x copies, * least",
    ]


def test_a_narrow_table_leaves_targets_out() -> None:
    wide, narrow = shown([SLOW, FAST])[-1], shown([SLOW, FAST], 60)[-1]
    assert wide[1] == "mode unit 0.1 GMAC/s 1 10 area x period at GMAC/s"
    assert narrow[1] == "mode unit 0.1 GMAC/s 10 area x period at GMAC/s"


def test_units_of_one_name_are_told_apart_by_their_parameters() -> None:
    both: list[Record] = [SLOW, FAST | {"parameters": {"digit": 2}}]
    (contest,) = contests(both)
    assert list(contest.units) == ["a {}", "a {'digit': 2}"]

"""The section that a page begins with: units at equal throughput, all from the records."""

import math
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from macsmith.analysis.throughput.contest import comparisons
from macsmith.analysis.throughput.crossovers import spans_of
from macsmith.analysis.throughput.netlist_choice import VIEWS
from macsmith.records.record import Record
from macsmith.report.page.all_sections import sections_of
from macsmith.report.page.equal_throughput import (
    HEIGHT,
    curve_rows,
    spread,
    throughput_section,
    write_throughput_plots,
)
from macsmith.report.page.page import page as page_of
from tests.support.browsing import Opened
from tests.support.report_records import UNITS, measured, with_energy


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """Records of three units by two recipes, all with energies."""
    return with_energy(measured(), "all")


def test_names_stand_a_line_apart_and_near_their_ends() -> None:
    ends = {"a": 1.0, "b": 100.0, "c": 1.001, "d": 1.002}
    heights = spread(ends, 1, 100)
    line = math.log(100) * 15 / HEIGHT
    assert heights["b"] == pytest.approx(100)
    logs = [math.log(heights[unit]) for unit in ("a", "c", "d")]
    assert [b - a for a, b in pairwise(logs)] == pytest.approx([line, line])
    assert sum(logs) / 3 == pytest.approx(math.log(1.001), abs=1e-5)
    assert spread({"a": 3.0}, 3, 3) == pytest.approx({"a": 3.0})


def test_a_page_begins_with_it(records: list[Record]) -> None:
    first, *others = sections_of(records, [])
    assert first.name == "equal_throughput" and first.leads
    assert not any(section.leads for section in others)
    text = page_of(records, [first, *others])
    assert text.index('id="throughput-title"') < text.index('id="answer-title"')
    assert list(first.data["views"]) == [view.name for view in VIEWS]


def test_no_section_where_units_stand_alone(records: list[Record]) -> None:
    alone = [record for record in records if record["unit"] == UNITS[0]]
    assert throughput_section(alone) is None


def test_without_energies_there_is_area_alone() -> None:
    section = throughput_section(measured())
    assert section is not None and list(section.data["views"]) == ["area-rate"]


def test_curves_and_spans_are_those_of_the_records(
    browser: Browser, records: list[Record], tmp_path: Path, subtests: pytest.Subtests
) -> None:
    path = tmp_path / "page.html"
    path.write_text(page_of(records, sections_of(records, [])), encoding="utf-8")
    opened = Opened(browser, path)
    for contest, view, targets in comparisons(records):
        if contest.point not in ("8x8", "2x2"):
            continue
        with subtests.test(view=view.name, boundary=contest.boundary, point=contest.point):
            opened.choose(boundary=contest.boundary, mode=contest.point or "", throughput=view.name)
            title = opened.page.locator("#throughput-title").inner_text()
            what = "throughput per area" if view.across == "density" else "throughput"
            assert (
                title
                == f"Least {view.least} at equal {what}, at {contest.point}, {contest.boundary} boundary"
            )
            rows = list(curve_rows(contest, view, targets))
            fills = opened.page.locator("#throughput .mark-symbol path[aria-label]").evaluate_all(
                "marks => marks.map(mark => mark.getAttribute('fill'))"
            )
            assert len(fills) == len(rows)
            assert sum("best" in fill for fill in fills) == sum(row["best"] for row in rows)
            names = opened.page.locator("#throughput-spans tbody th").all_inner_texts()
            assert names == [span.unit for span in spans_of(contest, view, targets)]
    opened.page.locator("summary", has_text="Units").click()
    for unit in UNITS:
        opened.page.locator(f"[name=unit][value={unit}]").uncheck()
    opened.choose()
    assert "No record" in opened.page.locator("#throughput-note").inner_text()
    assert opened.complaints == [] and opened.requests == [path.as_uri()]


def test_plots_are_whole(records: list[Record], tmp_path: Path) -> None:
    some = [r for r in records if r["mode"] == "2x2" and r["boundary"] == "unit"]
    written = write_throughput_plots(some, tmp_path)
    names = {f"unit-equal-{view.name}-2x2" for view in VIEWS}
    assert {path.stem for path in written} == names and len(written) == 2 * len(names)
    drawn = (tmp_path / "unit-equal-energy-rate-2x2.svg").read_text()
    assert all(unit in drawn for unit in UNITS) and "energy per MAC, pJ" in drawn

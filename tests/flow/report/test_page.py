"""The report in a real browser: what it shows, filters, sorts and saves, all from its records."""

import csv
import io
import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from macsmith.analysis.metrics import figures, known
from macsmith.analysis.published.verdicts import verdicts
from macsmith.records.record import Record
from macsmith.records.selection import smallest_product
from macsmith.report.page.columns import columns
from macsmith.report.page.page import page as page_of
from macsmith.report.terminal.units import to_csv
from tests.support.browsing import Opened
from tests.support.contrast import LEAST_CONTRAST
from tests.support.report_records import UNITS, cross_checked, measured, two_libraries, with_energy

ENERGIES = ("none", "some", "all")


@pytest.fixture(scope="module")
def records() -> dict[str, list[Record]]:
    """Records by how many of them have an energy, and those of the generic library."""
    base = measured()
    made = {which: with_energy(base, which) for which in ENERGIES}
    made |= {"generic": measured(generic=True), "libraries": two_libraries(base)}
    return made | ({"checked": cross_checked()} if cross_checked() else {})


@pytest.fixture(scope="module")
def files(
    records: dict[str, list[Record]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    for which, some in records.items():
        (folder / f"{which}.html").write_text(page_of(some), encoding="utf-8")
    return {which: folder / f"{which}.html" for which in records}


def best(records: list[Record], boundary: str, mode: str) -> list[Record]:
    """Return each unit's record of least area x period at a boundary and in a mode."""
    here = [r for r in records if (r["boundary"], r["mode"]) == (boundary, mode)]
    return smallest_product(here)


def test_opens_quietly_and_alone(
    browser: Browser, files: dict[str, Path], subtests: pytest.Subtests
) -> None:
    for which in (*ENERGIES, "generic", "libraries"):
        with subtests.test(which=which):
            opened = Opened(browser, files[which])
            for boundary in ("unit", "core"):
                opened.choose(mode="2x2", boundary=boundary, bars="density")
            opened.page.locator("summary", has_text="Units").click()
            for unit in UNITS:
                opened.page.locator(f"[name=unit][value={unit}]").uncheck()
            opened.choose()
            assert (
                opened.table() == []
                and "No record" in opened.page.locator("#bars-note").inner_text()
            )
            opened.page.locator(f"[name=unit][value={UNITS[0]}]").check()
            opened.everything()
            assert opened.complaints == []
            assert opened.requests == [files[which].as_uri()]


def test_data_are_the_records(
    browser: Browser,
    files: dict[str, Path],
    records: dict[str, list[Record]],
    subtests: pytest.Subtests,
) -> None:
    for which in (*ENERGIES, "libraries"):
        with subtests.test(which=which):
            opened = Opened(browser, files[which])
            assert opened.page.evaluate("data.records") == records[which]
            assert opened.page.evaluate("data.figures") == [
                figures(record) for record in records[which]
            ]


def test_every_figure_in_the_table_is_its_record_s(
    browser: Browser,
    files: dict[str, Path],
    records: dict[str, list[Record]],
    subtests: pytest.Subtests,
) -> None:
    for which in (*ENERGIES, "generic"):
        with subtests.test(which=which):
            opened = Opened(browser, files[which])
            names = ("unit", "mode", "boundary", "recipe", "adders")
            for boundary in ("core", "unit"):
                opened.choose(boundary=boundary)
                opened.everything()
                shown = {tuple(row[name] for name in names): row for row in opened.table()}
                some: list[Any] = [r for r in records[which] if r["boundary"] == boundary]
                assert set(shown) == {tuple(record[name] for name in names) for record in some}
                for record in some:
                    row = shown[tuple(record[name] for name in names)]
                    for metric in known(records[which]):
                        figure, text = (
                            figures(record)[metric.key],
                            row[metric.title].replace(",", ""),
                        )
                        assert (
                            text == ""
                            if figure is None
                            else float(text) == pytest.approx(figure, 1e-3)
                        )
                    assert row["timing by"] == record["timing_engine"]
                    assert float(row["cells"].replace(",", "")) == pytest.approx(
                        record["cells"], 1e-3
                    )


def test_answers_are_the_best_of_the_records(
    browser: Browser,
    files: dict[str, Path],
    records: dict[str, list[Record]],
    subtests: pytest.Subtests,
) -> None:
    for which in ENERGIES:
        with subtests.test(which=which):
            opened = Opened(browser, files[which])
            for boundary, mode in (("core", "8x8"), ("unit", "2x2")):
                opened.choose(boundary=boundary, mode=mode)
                expected = {}
                for metric in known(records[which]):
                    some = {
                        r["unit"]: figures(r)[metric.key]
                        for r in best(records[which], boundary, mode)
                    }
                    found = {unit: value for unit, value in some.items() if value is not None}
                    choose = max if metric.more else min
                    expected[metric.aim] = (
                        choose(found, key=lambda u: found[u]) if found else "no figure"
                    )
                cards = opened.page.locator(".answer").evaluate_all(
                    "cards => cards.map(card => ['h3', 'b'].map(tag => card.querySelector(tag).textContent))"
                )
                assert dict(cards) == expected


def test_filters_change_marks_and_rows(
    browser: Browser, files: dict[str, Path], records: dict[str, list[Record]]
) -> None:
    opened = Opened(browser, files["some"])

    def check(some: list[Record], boundary: str, mode: str, metric: str) -> None:
        expected = {r["unit"]: figures(r)[metric] for r in best(some, boundary, mode)}
        drawn = {unit: value for unit, value in expected.items() if value is not None}
        assert opened.bars() == {unit: pytest.approx(drawn[unit], 1e-5) for unit in drawn}
        assert {row["unit"] for row in opened.table()} == set(expected)
        assert {(row["boundary"], row["mode"]) for row in opened.table()} == {(boundary, mode)}

    some = records["some"]
    check(some, "unit", "8x8", "area")
    opened.choose(mode="4x4")
    check(some, "unit", "4x4", "area")
    opened.choose(bars="density", boundary="core")
    check(some, "core", "4x4", "density")
    opened.choose(recipe="area")
    some = [r for r in some if r["recipe"] == "area"]
    check(some, "core", "4x4", "density")
    opened.choose(adders="cells")
    some = [r for r in some if r["adders"] == "cells"]
    check(some, "core", "4x4", "density")
    opened.page.locator("summary", has_text="Units").click()
    opened.page.locator(f"[name=unit][value={UNITS[1]}]").uncheck()
    opened.choose()
    check([r for r in some if r["unit"] != UNITS[1]], "core", "4x4", "density")
    opened.choose(recipe="", adders="", boundary="unit", bars="energy")
    some = [r for r in records["some"] if r["unit"] != UNITS[1]]
    check(some, "unit", "4x4", "energy")
    assert opened.complaints == []


def test_netlists_can_be_chosen_by_another_metric(
    browser: Browser, files: dict[str, Path], records: dict[str, list[Record]]
) -> None:
    opened = Opened(browser, files["all"])
    opened.choose(pick="area", mode="8x8")
    here = [r for r in records["all"] if (r["boundary"], r["mode"]) == ("unit", "8x8")]
    for unit, area in opened.bars().items():
        smallest = min(figures(r)["area"] or 0 for r in here if r["unit"] == unit)
        assert area == pytest.approx(smallest, 1e-5)


def test_points_without_energy_are_named(browser: Browser, files: dict[str, Path]) -> None:
    opened = Opened(browser, files["some"])
    assert opened.page.locator("#scatter .mark-symbol path").count() == len(UNITS)
    opened.choose(recipe="area")
    assert opened.page.locator("#scatter .mark-symbol path").count() == 0
    note = opened.page.locator("#scatter-note").text_content() or ""
    assert all(unit in note for unit in UNITS)


def test_libraries_are_apart(
    browser: Browser, files: dict[str, Path], records: dict[str, list[Record]]
) -> None:
    opened = Opened(browser, files["libraries"])
    of_tech = {
        name: [r for r in records["libraries"] if r["tech"] == name]
        for name in dict.fromkeys(r["tech"] for r in records["libraries"])
    }
    assert list(of_tech)[1] == "elsewhere"
    smallest = set()
    for name, some in of_tech.items():
        opened.choose(tech=name, mode="2x2", bars="area", boundary="core")
        expected = {r["unit"]: figures(r)["area"] for r in best(some, "core", "2x2")}
        assert opened.bars() == {unit: pytest.approx(expected[unit], 1e-5) for unit in expected}
        assert opened.page.locator("h1").inner_text() == f"Which MAC unit is best on {name}?"
        smallest.add(min(expected, key=lambda unit: expected[unit] or 0))
        lines = opened.page.locator("#published tbody:visible tr")
        judged = zip(verdicts(some), verdicts(some, "unit"), strict=True)
        shown = [verdict.result for pair in judged for verdict in pair]
        told = lines.locator(".verdict").evaluate_all("all => all.map(e => e.firstChild.data)")
        assert told == shown
        with opened.page.expect_download() as download:
            opened.page.locator("#export").click()
        assert download.value.suggested_filename == f"macsmith-{name}.csv"
        saved = list(csv.DictReader(download.value.path().read_text("utf-8").splitlines()))
        assert {row["tech"] for row in saved} == {name} and len(saved) == len(expected)
    assert len(smallest) == 2
    assert opened.complaints == []


def test_stimuli_are_apart(
    browser: Browser, files: dict[str, Path], records: dict[str, list[Record]]
) -> None:
    opened = Opened(browser, files["libraries"])
    opened.choose(bars="energy", mode="4x4")
    for stimulus in ("network", "uniform"):
        opened.choose(stimulus=stimulus)
        first = records["libraries"][0]["tech"]
        some = [r for r in records["libraries"] if (r["tech"], r["stimulus"]) == (first, stimulus)]
        expected = {r["unit"]: r["energy_pj_per_mac"] for r in best(some, "unit", "4x4")}
        assert opened.bars() == {unit: pytest.approx(expected[unit], 1e-5) for unit in expected}
        assert stimulus in opened.page.locator("#spent-note").inner_text()


def test_what_energy_is_spent_on(
    browser: Browser, files: dict[str, Path], records: dict[str, list[Record]]
) -> None:
    opened = Opened(browser, files["libraries"])
    some = [r for r in records["libraries"] if r["tech"] != "elsewhere"]
    for boundary, key in (("core", "energy_parts"), ("unit", "energy_places")):
        opened.choose(boundary=boundary, stimulus="uniform")
        heads, *lines = opened.page.locator("#spent tr").evaluate_all(
            "lines => lines.map(line => [...line.cells].map(cell => cell.textContent))"
        )
        chosen: dict[str, Any] = {r["unit"]: r for r in best(some, boundary, "8x8")}
        assert heads == ["unit", "energy per MAC, pJ", *chosen["data-gated"][key]]
        assert {line[0] for line in lines} == set(chosen)
        for unit, *pj in lines:
            expected = [chosen[unit]["energy_pj_per_mac"], *chosen[unit][key].values()]
            assert [float(text) for text in pj] == pytest.approx(expected, 1e-3)


@pytest.mark.needs("icarus")
def test_cross_checks_are_the_records(
    browser: Browser, files: dict[str, Path], records: dict[str, list[Record]]
) -> None:
    without = Opened(browser, files["some"]).page
    assert without.locator("#cross-check").count() == 0
    assert "--cross-check" in without.locator("#cross-check-note").inner_text()
    opened = Opened(browser, files["checked"])
    (line,) = opened.page.locator("#cross-check tbody tr").evaluate_all(
        "lines => lines.map(line => [...line.cells].map(cell => cell.textContent))"
    )
    checks = [record["cross_check"] for record in records["checked"]]
    assert len(checks) == 5 and all(check["icarus"] > check["settled"] > 0 for check in checks)
    nets, wrong, ours, icarus = (
        sum(check[key] for check in checks) for key in ("nets", "wrong", "ours", "icarus")
    )
    within = 100 * max(check["percentile_95"] for check in checks)
    assert line[2:6] == ["5", str(nets), str(wrong), str(icarus)] and wrong == 0
    assert line[6:8] == [f"{100 * (ours / icarus - 1):+.2f} %", "10 %"]
    assert abs(ours / icarus - 1) < 0.02
    assert line[9] == f"{within:.1f} %"
    note = opened.page.locator("#cross-check-note").inner_text()
    assert checks[0]["simulator"] in note and checks[0]["stimulus"] in note


def test_records_stand_once(records: dict[str, list[Record]]) -> None:
    """Parameters and versions are not repeated for every netlist and mode."""
    some = records["libraries"]
    packed = columns(some)
    assert len(json.dumps(packed)) < 0.3 * len(json.dumps(some))
    for number, record in enumerate(some):
        assert record == {key: one["values"][one["at"][number]] for key, one in packed.items()}


def test_sorting(browser: Browser, files: dict[str, Path]) -> None:
    opened = Opened(browser, files["some"])
    opened.page.locator("[name=netlists]").check()
    for number in range(opened.page.locator("#records th button").count()):
        orders = []
        for _ in range(2):
            button = opened.page.locator("#records th button").nth(number)
            button.focus()
            opened.page.keyboard.press("Enter")
            head = opened.page.locator("#records th[aria-sort]")
            name = (head.text_content() or "").rstrip(" ↓↑")
            down = head.get_attribute("aria-sort") == "descending"
            column = [row[name] for row in opened.table()]
            filled = [text for text in column if text]
            assert column == filled + [""] * (len(column) - len(filled))  # the unknown come last
            numeric = head.get_attribute("class") == "number"
            keys = [float(text.replace(",", "")) for text in filled] if numeric else filled
            assert keys == sorted(keys, reverse=down)
            orders.append(down)
        assert sorted(orders) == [False, True]


def test_export_is_the_records(
    browser: Browser, files: dict[str, Path], records: dict[str, list[Record]]
) -> None:
    opened = Opened(browser, files["some"])

    def saved() -> list[dict[str, str]]:
        with opened.page.expect_download() as download:
            opened.page.locator("#export").click()
        assert download.value.suggested_filename.endswith(".csv")
        return list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8"))))

    def rows(some: list[Record]) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(to_csv(some))))

    def plain(row: dict[str, str]) -> dict[str, object]:
        return {name: _number(text) for name, text in row.items()}

    def key(row: dict[str, str]) -> str:
        return " ".join(row[n] for n in ("unit", "mode", "boundary", "recipe", "adders"))

    chosen = rows(best(records["some"], "unit", "8x8"))
    assert sorted(map(key, saved())) == sorted(map(key, chosen))
    opened.everything()
    found, expected = saved(), rows([r for r in records["some"] if r["boundary"] == "unit"])
    assert [key(row) for row in found] == [
        " ".join(row[n] for n in ("unit", "mode", "boundary", "recipe", "adders"))
        for row in opened.table()
    ]
    assert set(found[0]) == set(expected[0])
    ordered = sorted(found, key=key), sorted(expected, key=key)
    assert [plain(row) for row in ordered[0]] == [plain(row) for row in ordered[1]]


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def test_whole_record_and_hover_details(
    browser: Browser, files: dict[str, Path], records: dict[str, list[Record]]
) -> None:
    opened = Opened(browser, files["all"])
    unit = opened.table()[0]["unit"]
    opened.page.locator("#records summary").first.click()
    told = json.loads(opened.page.locator("#records pre").first.text_content() or "")
    record = next(r for r in best(records["all"], "unit", "8x8") if r["unit"] == unit)
    assert told == record
    opened.page.locator(f"#bars [aria-label*='unit: {unit};']").first.hover()
    opened.page.wait_for_selector("#hint:not([hidden])")
    details = opened.page.locator("#hint").text_content() or ""
    assert unit in details and record["versions"]["timing_engine"] in details
    assert record["energy_method"] in details and record["recipe"] in details


def test_published_orderings_are_the_verdicts(
    browser: Browser, files: dict[str, Path], records: dict[str, list[Record]]
) -> None:
    opened = Opened(browser, files["all"])
    lines = opened.page.locator("#published tbody tr").all_inner_texts()
    both = [verdicts(records["all"], place) for place in ("core", "unit")]
    assert len(lines) == len(both[0]) == len(both[1])
    for line, *found in zip(lines, *both, strict=True):
        for verdict in found:
            assert verdict.ordering.claim in line and verdict.ordering.published in line
            assert verdict.result in line and verdict.remark in line
            ratios = (ratio for unit, ratio in verdict.ours.items() if unit != "data-gated")
            assert all(f"{ratio:.2f}" in line for ratio in ratios)


def test_no_sideways_scroll(
    browser: Browser, files: dict[str, Path], subtests: pytest.Subtests
) -> None:
    for width, which in product((390, 1440), ("none", "some", "generic", "libraries")):
        with subtests.test(width=width, which=which):
            opened = Opened(browser, files[which], viewport={"width": width, "height": 844})
            opened.everything()
            opened.page.evaluate(
                "document.querySelectorAll('details').forEach(e => { e.open = true; })"
            )
            opened.choose(mode="2x2")
            assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


def test_contrast(browser: Browser, files: dict[str, Path], subtests: pytest.Subtests) -> None:
    for media, which in product(("light", "dark", "print"), ("some", "libraries")):
        with subtests.test(media=media, which=which):
            opened = Opened(
                browser, files[which], color_scheme="light" if media == "light" else "dark"
            )
            if media == "print":
                opened.page.emulate_media(media="print")
            opened.page.evaluate(
                "document.querySelectorAll('details').forEach(e => { e.open = true; })"
            )
            poorest = opened.page.evaluate(LEAST_CONTRAST)
            assert poorest["texts"] > 100 and poorest["drawn"] > 10
            assert poorest["least"] >= 4.5, poorest
            paper = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert (paper == "rgb(255, 255, 255)") == (media != "dark")


def test_every_control_is_reached_by_keyboard(browser: Browser, files: dict[str, Path]) -> None:
    opened = Opened(browser, files["some"])
    opened.page.locator("summary", has_text="Units").click()
    opened.page.locator("body").press("Home")
    opened.page.evaluate("document.activeElement.blur()")
    wanted = set(
        opened.page.locator("select, button, summary, input:checked, .scroll").evaluate_all(
            "all => all.map((e, number) => (e.dataset.stop = String(number)))"
        )
    )
    reached: set[str] = set()
    for _ in range(2 * len(wanted)):
        if wanted <= reached:
            break
        opened.page.keyboard.press("Tab")
        reached.add(opened.page.evaluate("document.activeElement.dataset.stop ?? ''"))
    assert wanted <= reached
    opened.page.locator("[name=mode]").first.focus()
    opened.page.keyboard.press("ArrowRight")
    assert {row["mode"] for row in opened.table()} == {"8x4"}

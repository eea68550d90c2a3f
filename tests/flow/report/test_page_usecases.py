"""Use cases on the report's page, in a real browser: charts, winners and statements of its records."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from macsmith.analysis.precision_mix import PUBLISHED_MIXES, mix_records
from macsmith.records.record import Record
from macsmith.report.page.page import page as page_of
from macsmith.report.page.precision_mixes import (
    usecase_section,
    verdicts,
    winners,
    write_usecase_plots,
)
from tests.support.browsing import Opened
from tests.support.invented_records import of_macs
from tests.support.report_records import UNITS, measured, with_energy


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return with_energy(measured(), "some")


def page(records: list[Record]) -> str:
    """Return a page with the use cases of its records."""
    section = usecase_section(records)
    return page_of(records, [section] if section else [])


@pytest.fixture(scope="module")
def opened(
    browser: Browser, records: list[Record], tmp_path_factory: pytest.TempPathFactory
) -> Opened:
    path = tmp_path_factory.mktemp("page") / "r.html"
    path.write_text(page(records), encoding="utf-8")
    return Opened(browser, path)


def drawn(opened: Opened) -> dict[str, float]:
    """Return the bars of the use case by unit."""
    labels = opened.page.locator("#usecases .mark-rect path").evaluate_all(
        "marks => marks.map(mark => mark.getAttribute('aria-label'))"
    )
    found = [re.match(r".*?: ([^;]+); unit: ([^;]+);", label) for label in labels]
    return {match[2]: float(match[1].replace(",", "")) for match in found if match}


def test_bars_are_the_mixes_of_the_records(opened: Opened, records: list[Record]) -> None:
    found = {(r["mode"], r["unit"]): r for r in mix_records(records, PUBLISHED_MIXES)}
    for mix in PUBLISHED_MIXES:
        opened.choose(usecase=mix.name)
        energies = {u: found[mix.name, u]["energy_pj_per_mac"] for u in UNITS}
        assert drawn(opened) == {u: pytest.approx(e, 1e-5) for u, e in energies.items()}
        ratio = energies["subword-st"] / energies["data-gated"]
        texts = opened.page.locator("#usecases .mark-text text").all_text_contents()
        assert any(text.endswith(f"{ratio:.2f}×") for text in texts)
    for metric, key in (("time", "ns_per_mac"), ("density", "gmacs_per_s_per_mm2")):
        opened.choose(**{"usecase-bars": metric})
        last: dict[str, Any] = {u: found[PUBLISHED_MIXES[-1].name, u] for u in UNITS}
        if last["data-gated"]["ns_per_mac"] is not None:
            assert drawn(opened) == {u: pytest.approx(r[key], 1e-5) for u, r in last.items()}
    assert opened.complaints == []


def test_choices_above_change_nothing(opened: Opened) -> None:
    before = drawn(opened)
    opened.choose(mode="2x2", boundary="core", recipe="area")
    assert drawn(opened) == before
    opened.choose(mode="8x8", boundary="unit", recipe="")


def test_winners_and_statements_are_those_of_the_records(
    opened: Opened, records: list[Record]
) -> None:
    rows = opened.page.locator(".winners tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.firstChild.textContent))"
    )
    expected = winners(records)
    assert rows == [[mix, *(one.unit for one in best)] for mix, best in expected.items()]
    assert {row[1] for row in rows} == {"subword-st"}  # half the energy of data-gated
    lines = opened.page.locator(".statements li").all_inner_texts()
    both = zip(verdicts(records, "core"), verdicts(records, "unit"), strict=True)
    for line, judged in zip(lines, both, strict=True):
        for what, verdict in zip(
            ("Of cores, as published,", "Of whole units"), judged, strict=True
        ):
            assert verdict.ordering.claim in line and verdict.ordering.published in line
            assert f"page {verdict.ordering.page}" in line
            told = f"it {verdict.result} here" if verdict.ours else "no figure here"
            # What is measured of cores alone says nothing of units.
            shown = bool(verdict.ours) or what != "Of whole units"
            assert (f"{what} {told}." in line) is shown


def test_winners_name_those_as_good(records: list[Record]) -> None:
    close = [
        of_macs(r | {"energy_pj_per_mac": r["energy_pj_per_mac"] * (0.52 if r["unit"] == "data-gated" else 1)})
        for r in with_energy(records, "all")
        if r["mode"] != "2x2"
    ]  # fmt: skip
    best = winners(close)["weight-only:5"][0]
    assert (best.unit, best.as_good) == ("subword-st", ("data-gated",))


def test_a_page_of_narrow_units_has_no_use_cases(
    browser: Browser, records: list[Record], tmp_path: Path
) -> None:
    narrow = [record for record in records if record["mode"] in ("4x4", "2x2")]
    assert usecase_section(narrow) is None and winners(narrow) == {}
    path = tmp_path / "narrow.html"
    path.write_text(page(narrow), encoding="utf-8")
    opened = Opened(browser, path)
    opened.choose(mode="2x2")
    assert opened.page.locator("#usecases").count() == 0 and opened.complaints == []


def test_libraries_have_use_cases_of_their_own(
    browser: Browser, records: list[Record], tmp_path: Path
) -> None:
    doubled = [
        of_macs(r | {"tech": "elsewhere", "energy_pj_per_mac": e and 2 * e})
        for r in records
        for e in [r["energy_pj_per_mac"]]
    ]
    path = tmp_path / "both.html"
    path.write_text(page([*records, *doubled]), encoding="utf-8")
    opened = Opened(browser, path)
    once = drawn(opened)
    opened.choose(tech="elsewhere")
    assert drawn(opened) == {unit: pytest.approx(2 * e, 1e-5) for unit, e in once.items()}
    assert opened.page.locator(".winners:visible").count() == 1 and opened.complaints == []


def test_plots_have_the_mixes(records: list[Record], tmp_path: Path) -> None:
    written = {path.name for path in write_usecase_plots(records, tmp_path)}
    stems = [f"mix-energy-{mix.name.replace(':', '-')}" for mix in PUBLISHED_MIXES]
    assert written == {f"{stem}{ending}" for stem in stems for ending in (".svg", ".png")}

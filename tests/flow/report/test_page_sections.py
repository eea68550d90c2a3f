"""The page's further sections in a real browser: scaling and the curve, all from their records."""

import copy
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from macsmith.analysis.alpha_power import AlphaPower
from macsmith.analysis.area_delay_front import front
from macsmith.analysis.metrics import figures
from macsmith.analysis.voltage_scaling import METHODS, scaled
from macsmith.catalog.catalog import make_spec
from macsmith.library import resolve
from macsmith.records.record import Record
from macsmith.report.page.all_sections import sections_of
from macsmith.report.page.area_delay import curve_section, write_curve_plots
from macsmith.report.page.format_errors import format_section, write_format_plots
from macsmith.report.page.page import page as page_of
from macsmith.report.page.scaling import scaling_section, write_scaling_plots
from tests.support.browsing import Opened
from tests.support.contrast import LEAST_CONTRAST
from tests.support.invented_records import all_of_macs, of_macs
from tests.support.report_records import UNITS, measured

MODEL = AlphaPower(nominal_v=1.1, vth_v=0.3, alpha=1.3, vmin_v=0.6, source="set by a test")
MODES = ("8x8", "8x4", "8x2", "4x4", "2x2")


def invented() -> list[Record]:
    """Return records of real netlists, in ns and um2 whatever the library, with more besides.

    Cores, which come first, have energies by the recipe ``speed``; of every netlist there is a
    relaxed one.
    """
    made: list[Any] = sorted(copy.deepcopy(measured()), key=lambda one: one["boundary"] != "core")
    for record in made:
        if record["period_ns"] is None:
            record["area_um2"], record["period_ns"] = record["area_ge"], record["period_tau"]
            record["mode_period_ns"] = record["mode_period_tau"]
            record["gmacs_per_s_per_mm2"] = 1.0
        if (record["boundary"], record["recipe"]) == ("core", "speed"):
            share = 1 + UNITS.index(record["unit"]) - MODES.index(record["mode"]) / 10
            parts = {"logic": 1.2345678 * share, "clock": 0.5, "glitches": 0.25, "leakage": 0.0625}
            record |= {"energy_parts": parts, "energy_pj_per_mac": sum(parts.values())}
            record |= {"stimulus": "uniform", "energy_method": "set by a test"}
    relaxed = copy.deepcopy(made)
    for record in relaxed:
        record["recipe"] += " 1.3x"
        for name in ("area_um2", "area_ge"):
            record[name] *= 0.9
        for name in ("period_ns", "mode_period_ns"):
            record[name] = record[name] and 1.2 * record[name]
        record |= {"energy_parts": {}, "energy_pj_per_mac": None, "stimulus": None}
    return all_of_macs(made + relaxed)


def models(records: list[Record]) -> dict[str, AlphaPower]:
    """Return a delay model for each library."""
    return {record["tech"]: MODEL for record in records}


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return invented()


@pytest.fixture(scope="module")
def file(records: list[Record], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sections") / "page.html"
    sections = [curve_section(records), scaling_section(records, models(records))]
    path.write_text(page_of(records, [one for one in sections if one]), encoding="utf-8")
    return path


class TestPage:
    def test_operating_points_are_the_modelled_records(
        self, browser: Browser, file: Path, records: list[Record]
    ) -> None:
        opened = Opened(browser, file)
        rows = {(r["unit"], r["mode"], r["method"]): r for r in scaled(records, MODEL)}
        assert opened.page.locator("[name=scaling]").input_value() == MODES[-1]
        for mode in MODES:
            opened.choose(scaling=mode)
            lines = opened.page.locator("#scaling-points tbody tr").evaluate_all(
                "lines => lines.map(line => [...line.cells].map(cell => cell.textContent))"
            )
            assert [line[0] for line in lines] == list(UNITS)
            for unit, *cells in lines:
                das, dvas, dvafs = (rows[unit, mode, method] for method in METHODS)
                expected = [
                    das["clock_mhz"], das["energy_pj_per_mac"], das["energy_relative"],
                    dvas["voltage_v"], dvas["energy_pj_per_mac"], dvas["energy_relative"],
                    dvafs["voltage_v"], dvafs["clock_mhz"], dvafs["energy_pj_per_mac"],
                    dvafs["energy_relative"],
                ]  # fmt: skip
                found = [float(cell.replace(",", "").rstrip(" *")) for cell in cells]
                assert found == pytest.approx(expected, rel=1e-3)
                assert ("*" in cells[6]) == (dvafs["limit"] == "vmin")
            labels = opened.page.locator("#scaling .mark-symbol path[aria-label]").evaluate_all(
                "marks => marks.map(mark => mark.getAttribute('aria-label'))"
            )
            drawn = sorted(float(_told(label, "pJ per MAC")) for label in labels)
            mine = [r["energy_pj_per_mac"] for key, r in rows.items() if key[1] == mode]
            assert drawn == pytest.approx(sorted(mine), rel=1e-3)
        assert opened.complaints == [] and opened.requests == [file.as_uri()]

    def test_units_are_filtered(self, browser: Browser, file: Path) -> None:
        opened = Opened(browser, file)
        opened.page.locator("summary", has_text="Units").click()
        for unit in UNITS:
            opened.page.locator(f"[name=unit][value={unit}]").uncheck()
        opened.choose()
        assert opened.page.locator("#scaling-points tbody tr").count() == 0
        for note in ("#scaling-note", "#curve-note"):
            assert "passes these choices" in opened.page.locator(note).inner_text()
        opened.page.locator(f"[name=unit][value={UNITS[1]}]").check()
        opened.choose()
        assert opened.page.locator("#scaling-points tbody th").all_inner_texts() == [UNITS[1]]
        assert opened.complaints == []

    def test_the_curve_shows_every_netlist_and_the_fronts(
        self, browser: Browser, file: Path, records: list[Record], subtests: pytest.Subtests
    ) -> None:
        for across in ("period", "rate"):
            with subtests.test(across=across):
                opened = Opened(browser, file)
                for boundary, mode in (("core", "8x8"), ("unit", "2x2")):
                    opened.choose(boundary=boundary, mode=mode, curve=across)
                    here = [r for r in records if (r["boundary"], r["mode"]) == (boundary, mode)]
                    marks = opened.page.locator(
                        "#curve .mark-symbol path[aria-label]"
                    ).evaluate_all(
                        "marks => marks.map(m => [m.getAttribute('aria-label'), m.getAttribute('fill')])"
                    )
                    assert len(marks) == len(here)
                    kept = [
                        r for unit in UNITS for r in front([r for r in here if r["unit"] == unit])
                    ]
                    points = {(r["unit"], r["recipe"], r["adders"]) for r in kept}
                    green = {
                        tuple(_told(label, name) for name in ("unit", "recipe", "adders"))
                        for label, fill in marks
                        if "best" in fill
                    }
                    assert points <= green  # and whoever has the same area at a longer period
                    for label, _ in marks:
                        names = {name: _told(label, name) for name in ("unit", "recipe", "adders")}
                        record = next(r for r in here if names.items() <= r.items())
                        shown = float(_told(label, "area, um2"))
                        assert shown == pytest.approx(figures(record)["area"], rel=1e-3)
                opened.choose(recipe="speed 1.3x")
                assert opened.page.locator(
                    "#curve .mark-symbol path[aria-label]"
                ).count() == 2 * len(UNITS)
                assert opened.complaints == []

    def test_no_sideways_scroll(
        self, browser: Browser, file: Path, subtests: pytest.Subtests
    ) -> None:
        for width in (390, 1440):
            with subtests.test(width=width):
                opened = Opened(browser, file, viewport={"width": width, "height": 844})
                opened.choose(curve="rate", scaling="4x4")
                assert opened.page.evaluate("document.documentElement.scrollWidth") <= width

    def test_contrast(self, browser: Browser, file: Path, subtests: pytest.Subtests) -> None:
        for scheme in ("light", "dark"):
            with subtests.test(scheme=scheme):
                opened = Opened(browser, file, color_scheme=scheme)
                opened.page.wait_for_selector("#scaling svg")
                poorest = opened.page.evaluate(LEAST_CONTRAST)
                assert poorest["least"] >= 4.5, poorest


def _told(label: str, name: str) -> str:
    """Return what a mark's label says of a field."""
    found = re.search(rf"(?:^|; ){re.escape(name)}: ([^;]+)", label)
    assert found, (name, label)
    return found[1].replace(",", "")


def test_no_section_without_its_records(records: list[Record]) -> None:
    usual = [r for r in records if not r["recipe"].endswith("x")]
    assert curve_section(usual) is None
    bare = [r | {"energy_parts": {}} for r in records]
    assert scaling_section(bare, models(bare)) is None and scaling_section(records, {}) is None
    generic = sections_of(measured(generic=True), [resolve.resolve()])
    assert [section.name for section in generic] == ["equal_throughput", "usecases"]
    assert "scaling-title" not in page_of(usual) and "curve-title" not in page_of(usual)


def of_formats(records: list[Record]) -> list[Record]:
    """Return cores of whole numbers beside units of other formats, their energies set."""
    whole = [r for r in records if r["boundary"] == "core" and r["energy_parts"]]
    made: list[Any] = [r | {"energy_pj_per_mac": 1.0} for r in whole if r["unit"] == UNITS[0]]
    for unit, pj in (("xnor", 0.1), ("fpec", 2.0), ("reciprocal", 1.0)):
        parameters = make_spec(unit).parameters()
        named = {"unit": unit, "mode": None, "parameters": parameters, "energy_pj_per_mac": pj}
        made.append(made[0] | named)
    return [r | {"point": r["mode"]} for r in all_of_macs(made)]


def test_formats_stand_by_error_and_energy(
    browser: Browser, records: list[Record], tmp_path: Path
) -> None:
    """A function is no format, and what fpec takes more it does not lose less than 8 bits."""
    mine = of_formats(records)
    assert format_section([r for r in mine if r["mode"]]) is None
    section = format_section(mine)
    assert section is not None
    error = {row["format"]: row["error"] for row in section.data["rows"]}
    assert error.keys() == {"xnor", "fpec", *(f"{UNITS[0]} {mode}" for mode in MODES)}
    assert error["data-gated 8x8"] < error["data-gated 4x4"] < error["data-gated 2x2"]
    path = tmp_path / "page.html"
    path.write_text(page_of(mine, [section]), encoding="utf-8")
    opened = Opened(browser, path)
    opened.choose()
    marks = opened.page.locator("#formats .mark-symbol path[aria-label]").evaluate_all(
        "marks => marks.map(m => [m.getAttribute('aria-label'), m.getAttribute('fill')])"
    )
    assert len(marks) == len(error)
    green = {_told(label, "format") for label, fill in marks if "best" in fill}
    assert green == {"xnor", "data-gated 8x8"}
    assert opened.complaints == []
    names = {path.name for path in write_format_plots(mine, tmp_path)}
    assert names == {"core-format-errors.svg", "core-format-errors.png"}


def test_the_published_comparison_is_shown_where_it_can_be() -> None:
    one = next(r for r in invented() if r["energy_parts"])
    wide = [
        of_macs(one | {"unit": unit, "mode": mode, "macs_per_cycle": macs})
        for unit, macs_4 in (("data-gated", 1), ("subword-sa", 4))
        for mode, macs in (("16x16", 1), ("4x4", macs_4))
    ]
    wide = [r | {"energy_parts": {**r["energy_parts"], "registers": 0.125}} for r in wide]
    section = scaling_section(wide, models(wide))
    assert section is not None
    text = page_of(wide, [section])
    assert "multiplier study, 40 nm LP" in text and "12.5 x" in text


def test_libraries_have_points_of_their_own(
    browser: Browser, records: list[Record], tmp_path: Path
) -> None:
    elsewhere = [record | {"tech": "elsewhere"} for record in records]
    both = [*records, *elsewhere]
    slower = replace(MODEL, vth_v=0.5, source="set for elsewhere")
    section = scaling_section(both, {records[0]["tech"]: MODEL, "elsewhere": slower})
    assert section is not None
    path = tmp_path / "page.html"
    path.write_text(page_of(both, [section]), encoding="utf-8")
    opened = Opened(browser, path)
    shown = []
    for library in (records[0]["tech"], "elsewhere"):
        opened.choose(tech=library)
        shown.append(opened.page.locator("#scaling-points tbody").inner_text())
        notes = opened.page.locator("[data-tech]:visible", has_text="Delays follow")
        assert notes.count() == 1 and ("set for" in notes.inner_text()) == (library == "elsewhere")
    assert shown[0] != shown[1] and opened.complaints == []


def test_plots_are_whole(records: list[Record], tmp_path: Path) -> None:
    some = [r for r in records if r["mode"] in ("8x8", "2x2")]
    curves = write_curve_plots(some, tmp_path)
    names = {"curve-period", "curve-rate-8x8", "curve-rate-2x2"}
    assert {path.stem for path in curves} == {f"{b}-{n}" for b in ("core", "unit") for n in names}
    points = write_scaling_plots(scaled(some, MODEL), tmp_path)
    assert {path.stem for path in points} == {"core-scaling-8x8", "core-scaling-2x2"}
    for path in [*curves, *points]:
        start = path.read_bytes()[:8]
        assert start == b"\x89PNG\r\n\x1a\n" if path.suffix == ".png" else start[:4] == b"<svg"
    drawn = next(path for path in points if path.name == "core-scaling-2x2.svg").read_text()
    assert all(unit in drawn for unit in UNITS) and "energy per MAC, pJ, modelled" in drawn

"""What a report says, without a browser: orderings, charts as files, the page's bytes."""

import copy
import re
from pathlib import Path

import pytest

from macsmith.analysis.metrics import figures, known
from macsmith.analysis.published.camus_2019 import ORDERINGS
from macsmith.analysis.published.verdicts import FAILS, HOLDS, TIED, UNKNOWN, verdicts
from macsmith.catalog.catalog import compared
from macsmith.records.record import Record
from macsmith.records.selection import smallest_product
from macsmith.report.page.page import page
from macsmith.report.page.plots import write_plots
from tests.support.report_records import measured, with_energy

PUBLISHED_AREA = {
    "data-gated": 1.0, "subword-sa": 1.3, "subword-st": 1.18, "dnc-1d-sa": 2.4, "dnc-1d-st": 1.4,
    "dnc-2d-sa": 4.4, "dnc-2d-st": 1.9, "serial-1d": 0.7, "serial-2d": 0.6,
}  # fmt: skip


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return measured()


def invented(records: list[Record]) -> list[Record]:
    """Return records of all units whose areas are near the published ones, by renaming."""
    model = [r for r in records if r["unit"] == "data-gated" and r["recipe"] == "speed"]
    made = [copy.deepcopy(r) | {"unit": name} for name in PUBLISHED_AREA for r in model]
    for record in made:
        record["area_ge"] *= PUBLISHED_AREA[record["unit"]]
        if record["area_um2"] is not None:
            record["area_um2"] *= PUBLISHED_AREA[record["unit"]]
    return made


def test_orderings_hold_if_figures_are_as_published(records: list[Record]) -> None:
    found = [
        verdict for verdict in verdicts(invented(records)) if verdict.ordering.metric == "area"
    ]
    assert [verdict.result for verdict in found] == [HOLDS] * 3
    assert found[0].ours["serial-2d"] == pytest.approx(0.6)
    assert found[2].remark == ""


def test_an_ordering_that_is_broken_names_the_pair(records: list[Record]) -> None:
    made = invented(records)
    for record in made:
        if record["unit"] == "serial-1d":
            record["area_ge"], record["area_um2"] = 1e6, record["area_um2"] and 1e6
    serial = verdicts(made)[0]
    assert serial.result == FAILS
    assert serial.remark == "serial-1d is not below data-gated"


def test_differences_within_noise_are_ties(records: list[Record]) -> None:
    made = invented(records)
    for record in made:
        if record["unit"] == "subword-st":
            record["area_ge"] /= 1.15
            record["area_um2"] = record["area_um2"] and record["area_um2"] / 1.15
    subword = verdicts(made)[1]
    assert subword.result == TIED
    assert subword.remark == "data-gated and subword-st are level"


def test_orderings_without_figures_are_not_judged(records: list[Record]) -> None:
    for verdict in verdicts(records):
        units = {unit for group in verdict.ordering.groups for unit in group}
        if verdict.ordering.metric == "energy" or not units <= {r["unit"] for r in records}:
            assert verdict.result == UNKNOWN and verdict.remark.startswith("not measured: ")
    other = [copy.deepcopy(record) for record in records]
    for record in other:
        record["parameters"]["headroom"] = 8
    assert {verdict.result for verdict in verdicts(other)} == {UNKNOWN}


def test_energy_orderings_are_judged(records: list[Record]) -> None:
    found = [v for v in verdicts(with_energy(records, "all")) if v.ordering.mode == "2x2"]
    saved = next(verdict for verdict in found if verdict.ordering.groups[0] == ("subword-st",))
    assert saved.result == HOLDS
    assert saved.ours["subword-st"] == pytest.approx(0.25)  # see with_energy


def test_every_ordering_has_units_of_the_catalogue_and_a_page() -> None:
    for ordering in ORDERINGS:
        assert {unit for group in ordering.groups for unit in group} <= set(compared())
        assert 697 <= int(ordering.page) <= 711


def test_figures_follow_from_records(records: list[Record]) -> None:
    for record in records:
        found = figures(record)
        area, period = found["area"], found["period"]
        assert area and period and found["rate"] and found["density"]
        scale = 1e3 if record["area_um2"] is None else 1e6  # area in kGE or in mm2
        assert found["density"] == pytest.approx(found["rate"] / area * scale)
        assert found["energy"] is None


def test_the_page_is_the_same_for_the_same_records(records: list[Record]) -> None:
    text = page(records)
    assert text == page(copy.deepcopy(records))
    assert "</script" not in text.split('id="data">')[1].split("</script>")[0]
    markup = text.split('<script type="application/json"')[0]
    assert "src=" not in markup and "href=" not in markup


def test_markup_in_a_record_stays_text(records: list[Record]) -> None:
    name = "<img src=x onerror=alert(1)></script>"
    text = page([record | {"tech": name} for record in records])
    assert name not in text


@pytest.mark.parametrize("energy", ["none", "all"])
def test_plots_are_whole_files(records: list[Record], energy: str, tmp_path: Path) -> None:
    few = [r for r in with_energy(records, energy) if r["mode"] in ("8x8", "2x2")]
    folder = tmp_path / "new" / "plots"
    written = write_plots(few, folder)
    assert sorted(folder.iterdir()) == sorted(written)
    names = {path.stem for path in written}
    assert {"core-area", "unit-period", "core-density-2x2", "unit-area-rate-8x8"} <= names
    assert ("core-energy-density-2x2" in names) == (energy == "all")
    for path in written:
        if path.suffix == ".png":
            assert path.read_bytes().startswith(b"\x89PNG")
        else:
            drawing = path.read_text()
            assert drawing.startswith("<svg") and "var(" not in drawing
    area = (folder / "core-area.svg").read_text()
    metric = known(few)[0]
    best = [r for r in smallest_product(few) if (r["boundary"], r["mode"]) == ("core", "8x8")]
    drawn = dict(re.findall(rf'"{metric.title}: ([^;]+); unit: ([^;]+);', area))
    assert {unit: float(value.replace(",", "")) for value, unit in drawn.items()} == {
        record["unit"]: pytest.approx(figures(record)["area"], rel=1e-5) for record in best
    }

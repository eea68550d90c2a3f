"""A family that is no MAC in every table, file and chart, by the operations that it counts."""

import copy
import csv
import io
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from rich.console import Console
from rich.table import Table

from macsmith.analysis.metrics import figures, known
from macsmith.analysis.published.verdicts import UNKNOWN, verdicts
from macsmith.catalog.catalog import make_spec
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import Job
from macsmith.library import resolve
from macsmith.records.record import Record
from macsmith.records.selection import smallest_product
from macsmith.report.page.all_sections import sections_of
from macsmith.report.page.page import page
from macsmith.report.page.plots import write_plots
from macsmith.report.terminal.energies import energies, without_energy
from macsmith.report.terminal.fronts import fronts, sweep_fronts
from macsmith.report.terminal.units import comparison, to_csv
from macsmith.synthesis.yosys_abc import Recipe
from tests.support.browsing import Opened

SMALL = {"act_width": 4, "block": 4, "nonzeros": 2}
POINTS = ["keep-0", "keep-1", "keep-2"]


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """Two forms of a pruning unit on the embedded library, by two recipes."""
    jobs = [
        Job("dap", make_spec("dap", SMALL | {"form": form}), "unit", recipe, False)
        for form in ("bitmask", "index")
        for recipe in (Recipe.SPEED, Recipe.AREA)
    ]
    return measure(jobs, resolve.resolve())


def with_energies(records: list[Record]) -> list[Record]:
    """Return records with an energy of a block each, at some points none."""
    made = copy.deepcopy(records)
    for record in made:
        if record["point"] != "keep-2":
            record["energy_c0v2_per_operation"] = 100.0 + record["flip_flops"]
            record["energy_parts_c0v2"] = {"clock": float(record["flip_flops"]), "glitches": 100.0}
            record["stimulus"] = record["energy_method"] = "set by a test"
    return made


def lines(table: Table | None) -> list[str]:
    assert table is not None
    console = Console(width=200)
    with console.capture() as capture:
        console.print(table)
    return [line.strip() for line in capture.get().splitlines() if line.strip()]


def test_a_record_counts_blocks(records: list[Record]) -> None:
    assert [one["point"] for one in records] == 4 * POINTS
    for record in records:
        assert (record["operation"], record["operations_per_cycle"]) == ("block", 1)
        assert record["mode"] is None and record["macs_per_cycle"] is None
        found = figures(record)
        assert found["rate"] == pytest.approx(1e3 / (record["period_tau"] or 0))
        assert found["density"] == pytest.approx(1e3 * found["rate"] / record["area_ge"])
    assert [one.key for one in known(records)] == ["area", "period", "rate", "density"]
    assert known(with_energies(records))[-1].title == "energy per block, C0V2"


def test_the_comparison_has_their_columns(records: list[Record]) -> None:
    _, head, _, first, second, *_ = lines(comparison(with_energies(records), "unit"))
    for words in ("point", "area GE", "period tau", "block/cycle", "C0V2/block", "block/s/area"):
        assert words in head
    assert not {"MAC", "mode", "um2", "pJ"} & set(re.split(r"[\W]+", head))
    (best, *_) = smallest_product(records)
    assert first.split()[:5] == [
        "dap", best["recipe"], "keep-0", f"{best['area_ge']:.0f}", str(best["cells"]),
    ]  # fmt: skip
    assert second.split() == ["keep-1", "1", f"{100 + best['flip_flops']:.1f}"]


def test_units_that_count_different_things_are_told_by_op(records: list[Record]) -> None:
    mixed = [*records, *(one | {"unit": "codec", "operation": "symbol"} for one in records)]
    shown = lines(comparison(mixed, "unit"))
    (head,) = (line for line in shown if line.split()[:2] == ["unit", "recipe"])
    assert "op/cycle" in head and "op/s/area" in head
    assert [line.split()[0] for line in shown if line.startswith(("dap", "codec"))] == [
        "dap", "dap", "codec", "codec",
    ]  # fmt: skip
    assert [one.unit for one in known(mixed)] == ["GE", "tau", "op/ktau", "op/ktau/kGE"]


def test_energies_are_those_of_blocks(records: list[Record]) -> None:
    made = with_energies(records)
    title, head, _, first, *_ = lines(energies(made, "unit"))
    assert title == "unit on generic: energy per block, C0V2; set by a test, wires: none"
    assert head.split() == [
        "unit", "point", "stimulus", "C0V2/block", "no", "glitches", "clock", "glitches",
    ]  # fmt: skip
    flip_flops = float(smallest_product(records)[0]["flip_flops"])
    assert first.split()[:5] == [
        "dap", "keep-0", "1", f"{100 + flip_flops:.1f}", f"{flip_flops:.1f}",
    ]  # fmt: skip
    assert list(without_energy(made)) == [
        "no energy in keep-2 of dap: set by a test, has no operands for it"
    ]


def test_fronts_and_sweeps_are_by_blocks(records: list[Record]) -> None:
    shown = lines(fronts(records, "unit"))
    assert "block/ktau by point" in " ".join(shown)
    assert any(line.split()[-3:] == POINTS for line in shown)
    title, head, _, first, *_ = lines(sweep_fronts(records, "generic", "unit"))
    assert (
        title == "unit on generic, first point: best points of 4; timing by macsmith, wires: none"
    )
    assert "block/ktau" in head and first.startswith("keep-0 ") and "form=" in first


def test_the_csv_has_every_key(records: list[Record]) -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(records))))
    assert [row["point"] for row in rows] == 4 * POINTS
    assert {(row["operation"], row["mode"], row["macs_per_cycle"]) for row in rows} == {
        ("block", "", "")
    }
    assert rows[0]["parameters.block"] == "4" and rows[0]["operations_per_cycle"] == "1.0"


def test_nothing_published_is_judged_by_them(records: list[Record]) -> None:
    assert {verdict.result for verdict in verdicts(records)} == {UNKNOWN}
    # Blocks a second can be equal; nothing else that the page has is of blocks.
    assert [section.name for section in sections_of(records, [])] == ["equal_throughput"]


def test_the_page_speaks_of_blocks(records: list[Record]) -> None:
    text = page(with_energies(records))
    visible = re.sub(r"(?s)<(script|style)[^>]*>.*?</\1>", "", text)
    assert "Which unit is best" in visible and "at 3 points" in visible
    assert "every point" in visible and "Throughput is blocks per cycle" in visible
    assert "MAC unit" not in visible and "modes," not in visible
    data = json.loads(text.split('id="data">')[1].split("</script>")[0])
    assert data["operation"] == "block"
    assert data["metrics"][2]["title"] == "throughput, block/ktau"
    assert data["records"]["point"]["values"] == POINTS


def test_plots_are_named_by_points(records: list[Record], tmp_path: Path) -> None:
    written = {path.stem for path in write_plots(with_energies(records)[:3], tmp_path)}
    assert {"unit-area", "unit-energy-keep-1", "unit-energy-density-keep-0"} <= written
    assert "block/ktau" in (tmp_path / "unit-area-rate-keep-0.svg").read_text()


def test_the_page_is_chosen_by_points(
    browser: Browser, records: list[Record], tmp_path: Path
) -> None:
    named = [r | {"unit": f"dap {r['parameters']['form']}"} for r in with_energies(records)]
    path = tmp_path / "blocks.html"
    path.write_text(page(named), encoding="utf-8")
    opened = Opened(browser, path)
    assert opened.page.locator("#answer-title").inner_text() == "Best at keep-0, unit boundary"
    opened.choose(mode="keep-1", bars="energy")
    assert opened.page.locator("#answer-title").inner_text() == "Best at keep-1, unit boundary"
    best = {one["unit"]: one for one in smallest_product(named) if one["point"] == "keep-1"}
    assert opened.bars() == {
        name: pytest.approx(one["energy_c0v2_per_operation"]) for name, one in best.items()
    }
    rows = opened.table()
    assert {row["point"] for row in rows} == {"keep-1"} and {
        row["block/cycle"] for row in rows
    } == {"1"}
    assert opened.complaints == []

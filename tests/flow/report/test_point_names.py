"""Names of points in the page's scatter, in a real browser: all there, none over another thing."""

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from macsmith.figures import record_file
from macsmith.report.page.page import page as page_of
from tests.support.browsing import Opened, apart
from tests.support.checkout import ROOT
from tests.support.sample import every

WIDTHS = (1280, 700)
"""Pixels across the window."""


@pytest.fixture(scope="module")
def records() -> list[Any]:
    """The committed records of all MAC styles on Nangate45, energies included."""
    run, *_ = record_file.read(ROOT / "docs" / "data" / "compare.json")["compare"]
    return run.records


@pytest.fixture(scope="module")
def page(records: list[Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(page_of(records), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", every(2, WIDTHS))
def test_names_keep_clear(width: int, browser: Browser, page: Path, records: list[Any]) -> None:
    opened = Opened(browser, page, viewport={"width": width, "height": 900})
    kinds = opened.page.locator("[name=scatter] option").evaluate_all(
        "all => all.map(e => e.value)"
    )
    modes = list(dict.fromkeys(record["mode"] for record in records))
    for mode in modes:
        for kind in kinds:
            opened.choose(mode=mode, scatter=kind)
            names = opened.boxes("#scatter .names text")
            points = opened.boxes("#scatter .mark-symbol path")
            told = {record["unit"] for record in records}
            assert {name["text"] for name in names} == told, (mode, kind)
            assert len(points) == len(told)
            # A box of text is higher than its letters.
            for name in names:
                name["top"], name["bottom"] = name["top"] + 2, name["bottom"] - 2
            for one, other in combinations(names, 2):
                assert apart(one, other), (mode, kind, one["text"], other["text"])
            for name in names:
                for point in points:
                    assert apart(name, point), (mode, kind, name["text"])
    assert opened.complaints == []

"""The page of tensor PEs in a real browser: what it asks, names of lines, and no idle verdicts."""

from itertools import combinations
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.browsing import Opened, apart
from tests.support.command import run
from tests.support.sample import every

DENSITIES = ("dense", "zero-gated", "2:4")

SMALL = ("act_width=2", "weight_width=2", "acc_width=8", "adder=ripple")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of one size of PEs in three densities."""
    folder = tmp_path_factory.mktemp("page")
    words = ["array", "--pe", "1x4x1", "--no-energy", "--html", "a.html"]
    words += [word for one in DENSITIES for word in ("--density", one)]
    words += [word for one in SMALL for word in ("--set", one)]
    done = run(*words, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "a.html"


def test_it_asks_for_pes_and_names_them_by_size_and_density(browser: Browser, page: Path) -> None:
    opened = Opened(browser, page)
    assert opened.page.locator("h1").inner_text() == "Which PE is best on generic?"
    assert opened.bars().keys() == {"1x1x1 dense", *(f"1x4x1 {one}" for one in DENSITIES)}
    assert opened.complaints == []


@pytest.mark.parametrize("width", every(2, [1280, 700]))
def test_names_of_lines_keep_clear(width: int, browser: Browser, page: Path) -> None:
    opened = Opened(browser, page, viewport={"width": width, "height": 900})
    names = [one for one in opened.boxes("#array .names text") if one["text"]]
    points = opened.boxes("#array .mark-symbol path")
    assert {one["text"] for one in names} == set(DENSITIES) and len(points) == 4
    # A box of text is higher than its letters.
    for name in names:
        name["top"], name["bottom"] = name["top"] + 2, name["bottom"] - 2
    for one, other in combinations(names, 2):
        assert apart(one, other), (one["text"], other["text"])
    for name in names:
        assert all(apart(name, point) for point in points), name["text"]

"""The documentation is what its records and the catalogue give, without any synthesis."""

import re
from pathlib import Path

import pytest

from macsmith.figures import record_file
from macsmith.figures.docs_page import MeasuredRegion
from macsmith.figures.pages import PAGES, page_of
from macsmith.figures.renewal import Wanted, stale

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_its_records_give(name: str) -> None:
    said: list[str] = []
    assert stale(Wanted(name), ROOT, said.append) == []
    assert not [one for one in said if "has no records" in one]


@pytest.mark.parametrize("name", PAGES)
def test_every_marked_region_is_generated(name: str) -> None:
    page = page_of(name)
    marked = re.findall(r"^<!-- ([^/].*?) -->$", (ROOT / page.file).read_text(), re.MULTILINE)
    assert sorted(marked) == sorted(region.name for region in page.regions)


def test_committed_records_say_what_they_depend_on() -> None:
    on_library = {
        (measured.file or name, measured.name): measured.on_library
        for name in PAGES
        for measured in page_of(name).measured
    }
    for path in (ROOT / "docs" / "data").glob("*.json"):
        for name, runs in record_file.read(path).items():
            for run in runs:
                assert run.records
                assert re.fullmatch("`[0-9a-f]{7,}`", run.commit), f"{path.name} {name}"
                measured = on_library[path.stem, name]
                timed = {"timing_engine"} if measured else set()
                assert set(run.versions) == {"macsmith", "yosys", "amaranth"} | timed
                assert len(run.library_sha256) == (64 if measured else 0)
                assert bool(run.wires) == measured


def test_no_script_lies_among_the_pages() -> None:
    assert not list((ROOT / "docs").rglob("*.py"))


def test_pages_name_the_command_that_renews_them() -> None:
    for name in PAGES:
        page = page_of(name)
        text = (ROOT / page.file).read_text()
        measured = any(isinstance(region, MeasuredRegion) for region in page.regions)
        assert re.search(rf"macsmith figures {name}\b", text), page.file
        assert not measured or re.search(rf"macsmith figures {name}\S* --tech", text), page.file

"""Committed records: what is shared stands once, and all comes back."""

import json
from pathlib import Path

from macsmith.figures import record_file
from macsmith.figures.docs_page import LibraryRun

VERSIONS = {"macsmith": "0.1.0", "yosys": "0.70", "amaranth": "0.5.10", "timing_engine": "own"}


def run(library: str, *areas: float) -> LibraryRun:
    """Return a run with a record for each area."""
    with_library = VERSIONS | {"library_sha256": f"sha of {library}"}
    records = [
        {"unit": "adder", "area": area, "parts": {"cells": [index]}, "versions": with_library}
        for index, area in enumerate(areas)
    ]
    return LibraryRun(
        library, f"sha of {library}", VERSIONS, "none", "`abc`", "2026-01-02", records
    )


def test_runs_come_back(tmp_path: Path) -> None:
    path = tmp_path / "data" / "page.json"
    runs = {"sizes": [run("first", 1.5, 2.0, 2.0), run("second", 3.0)], "none": [run("first")]}
    record_file.write(path, runs)
    assert record_file.read(path) == runs
    assert record_file.read(tmp_path / "other.json") == {}


def test_what_all_records_have_stands_once_and_each_has_a_line(tmp_path: Path) -> None:
    path = tmp_path / "page.json"
    record_file.write(path, {"sizes": [run("first", 1.5, 2.0, 2.5)]})
    text = path.read_text()
    assert text.count('"unit": "adder"') == text.count('"yosys": "0.70"') == 1
    assert sum('"area": ' in line for line in text.splitlines()) == 3
    (kept,) = json.loads(text)["sizes"]
    assert kept["library_sha256"] == "sha of first" and kept["versions"] == VERSIONS
    assert kept["shared"] == {"unit": "adder"} and len(kept["records"]) == 3


def test_a_run_takes_the_place_of_its_librarys() -> None:
    known = [run("first", 1.0), run("second", 2.0)]
    again, new = run("first", 4.0), run("third", 5.0)
    assert record_file.replaced(known, again) == [again, known[1]]
    assert record_file.replaced(known, new) == [*known, new]

"""The comparison in terminals of any width: what tells rows apart is never lost."""

import re

import pytest
from rich.console import Console

from macsmith.records.record import Record
from macsmith.report.terminal.units import comparison
from tests.support.report_records import UNITS, measured, with_energy


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """Records of real cells whose recipe has a long name, so that every column is wide."""
    found = with_energy(measured(), "all")
    for record in found:
        record["recipe"], record["adders"] = "balanced", "cells"
    return found


def printed(records: list[Record], room: int) -> list[str]:
    """Return the lines of a table that is told how much room it has."""
    console = Console(width=room)
    with console.capture() as shown:
        console.print(comparison(records, "core", room))
    return [line.rstrip() for line in shown.get().splitlines()]


@pytest.mark.parametrize("room", [90, 100, 124, 131, 160])
def test_keys_are_whole_at_any_width(records: list[Record], room: int) -> None:
    lines = printed(records, room)
    rows = [
        line.split() for line in lines if re.match(r" +[a-z0-9-]+ +balanced, cells +8x8 ", line)
    ]
    assert [row[0] for row in rows] == list(UNITS)
    told = " ".join(lines)
    assert "…" not in told and max(map(len, lines)) <= room
    for mode in ("8x8", "8x4", "8x2", "4x4", "2x2"):
        assert told.count(f" {mode} ") == len(UNITS)
    for figure in ("area um2", "period ns", "pJ/MAC", "rel. area"):
        assert figure in told


def test_what_has_no_room_is_named(records: list[Record]) -> None:
    whole, narrow = (" ".join(printed(records, room)) for room in (160, 124))
    assert "no room for" not in whole and "area GE" in whole
    assert "no room for area GE, FF, cells; COLUMNS=160 makes some" in narrow
    assert "no room for area GE, FF, cells, GMAC/s/mm2" in " ".join(printed(records, 100))


def test_the_only_area_stays() -> None:
    console = Console(width=90)
    with console.capture() as shown:
        console.print(comparison(with_energy(measured(generic=True), "all"), "core", 60))
    assert "area GE" in shown.get()

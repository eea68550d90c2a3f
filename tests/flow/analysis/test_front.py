"""The table of a sweep: what is on the front, and what is left out of it."""

from itertools import count

import pytest
from rich.console import Console

from macsmith.analysis.sweep_front import front, named, settings, varied
from macsmith.records.record import Record
from macsmith.report.terminal import fronts as module
from macsmith.report.terminal.fronts import sweep_fronts
from tests.support.invented_records import of_macs


def record(
    unit: str,
    area: float,
    rate: float,
    pj: float | None = None,
    mode: str = "8x8",
    **parameters: object,
) -> Record:
    """Return a record of a netlist with a period of 1 ns; its area in um2 is its area in GE."""
    return of_macs({
        "unit": unit, "parameters": {"modes": [mode, "2x2"], **parameters}, "boundary": "core",
        "tech": "mine", "recipe": "area", "adders": "cells", "mode": mode, "area_um2": area,
        "area_ge": area, "period_ns": 1.0, "period_tau": None, "macs_per_cycle": rate,
        "gmacs_per_s_per_mm2": rate / area, "energy_pj_per_mac": pj,
    })  # fmt: skip


def test_the_front_is_what_nothing_beats() -> None:
    small, fast = record("a", 10, 1), record("b", 20, 2)
    beaten, slow = record("c", 20, 1.5), record("d", 11, 1)
    frugal, twin = record("e", 30, 1, pj=0.5), record("f", 10, 1)
    assert front([beaten, small, slow, fast, frugal, twin]) == [small, fast, frugal]
    assert front([]) == []


def test_settings_name_what_varies() -> None:
    records = [
        record("a", 1, 1, adder="ripple", act_signed=True), record("b", 1, 1, adder="auto", digit=1),
        record("a", 1, 1, adder="auto", act_signed=True), record("b", 1, 1, adder="auto", digit=2),
    ]  # fmt: skip
    assert varied(records) == ["adder", "digit"]
    assert [one["unit"] for one in named(records)] == [
        "a adder=ripple", "b adder=auto digit=1", "a adder=auto", "b adder=auto digit=2",
    ]  # fmt: skip
    assert settings(records[0], ["act_signed", "modes"]) == "act_signed=true modes=8x8,2x2"
    assert records[0]["unit"] == "a"  # the records themselves stay


def shown(records: list[Record]) -> list[str]:
    """Return the lines of the table of records."""
    console = Console(width=124)
    with console.capture() as capture:
        console.print(sweep_fronts(records, "mine", "core"))
    return [line.strip() for line in capture.get().splitlines() if line.strip()]


def test_the_table_has_the_best_of_each_precision() -> None:
    records = [
        record("a", 10, 1, headroom=1), record("a", 12, 1, headroom=2), record("b", 11, 1, headroom=1),
        record("a", 40, 1, mode="16x16", headroom=1),
        record("a", 10, 4, mode="2x2", headroom=1) | {"parameters": {"modes": ["8x8", "2x2"]}},
    ]  # fmt: skip
    title, _, head, _, *rows = shown(records)  # the title takes two lines
    assert title.startswith("core on mine, full precision: best points of 4; timing by macsmith")
    assert head.split() == [
        "mode",
        "unit",
        "parameters",
        "recipe",
        "area",
        "um2",
        "period",
        "ns",
        "GMAC/s",
        "best",
        "of",
    ]
    assert [row.split() for row in rows] == [
        ["8x8", "a", "headroom=1", "area,", "cells", "10", "1", "1", "front,", "unit"],
        ["b", "headroom=1", "area,", "cells", "11", "1", "1", "unit"],
        ["16x16", "a", "headroom=1", "area,", "cells", "40", "1", "1", "front,", "unit"],
    ]


def test_a_long_table_says_what_it_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROWS", 3)
    sizes = count(10)
    lines = shown([record("a", next(sizes), 1 + k, pj=1.0, headroom=k) for k in range(5)])
    assert sum("headroom=" in line for line in lines) == 3
    assert lines[-1] == "2 more rows are left out; --csv writes all records"
    assert "pJ/MAC" in lines[1] and "1.000" in lines[3]

"""What the tools are given of a library, whatever it is like: units are made of it, or a sentence."""

import re
from pathlib import Path

import pytest

from macsmith.contract.errors import UserError
from macsmith.library import canonical_liberty, liberty_reader, resolve
from macsmith.library.cell_library import Cell, Library
from macsmith.library.technology import Technology
from macsmith.rtl.emit import to_rtlil
from macsmith.synthesis.yosys_abc import Recipe, synthesise
from macsmith.timing import nldm_sta
from macsmith.timing.timing import minimum_period
from tests.support.cells import by_tools
from tests.support.designs import MultiplyAccumulate
from tests.support.liberty_cases import BASE, ODD, WORKING, without

MAC = to_rtlil(MultiplyAccumulate(), "top")


def placed(text: str, path: Path) -> str:
    """Write a library and return its path as a user gives it."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


def said(library: Library, cell: Cell) -> dict[str, object]:
    """Return all that a library says of a cell but its power, by values."""
    tables = library.tables
    arcs = [
        (arc.related, arc.pin, arc.kind, arc.sense, arc.when,
         {kind: tables._values[row].tolist() for kind, row in arc.tables.items()},
         {kind: (tables._x[row].tolist(), tables._y[row].tolist())
          for kind, row in arc.tables.items()})
        for arc in cell.arcs
    ]  # fmt: skip
    names = ("area", "pins", "sequential", "next_state", "clocked_on", "states", "clear", "preset",
             "clock_gate", "dont_use")  # fmt: skip
    return {"arcs": arcs} | {name: getattr(cell, name) for name in names}


def test_numbers_and_functions_are_the_librarys(technology: Technology, tmp_path: Path) -> None:
    names = canonical_liberty.lend(technology, tmp_path)
    # As many table points an axis as in the whole library, so that rows are as long.
    written = liberty_reader.load([tmp_path / name for name in names])
    wanted = {name: cell for name, cell in technology.library.cells.items() if cell.outputs}
    assert list(written.cells) == list(wanted)
    assert written.left_out == {}
    for name in ("wire_load", "time_ns", "capacitance_ff", "voltage"):
        assert getattr(written, name) == getattr(technology.library, name)
    for name, cell in wanted.items():
        ours, theirs = said(written, written.cells[name]), said(technology.library, cell)
        for key in set(ours) - {"arcs"}:
            assert ours[key] == theirs[key], (name, key)
        for mine, other in zip(ours["arcs"], theirs["arcs"], strict=True):  # type: ignore[call-overload]
            assert mine[:5] == other[:5]
            for kind, values in other[5].items():
                rows = len(mine[5][kind])
                assert [row[: len(mine[5][kind][0])] for row in values[:rows]] == mine[5][kind]


@pytest.mark.parametrize("case", WORKING)
def test_what_the_reader_takes_the_tools_take(case: str, tmp_path: Path) -> None:
    tech = resolve.resolve(placed(WORKING[case], tmp_path / "cells.lib"), by_tools())
    netlist = synthesise(
        MAC, "top", tech, Recipe.BALANCED, tmp_path / "out",
        clock_gates=tech.clock_gate is not None,
    )  # fmt: skip
    assert netlist.flip_flops == 40
    assert set(netlist.histogram) <= set(tech.library.cells)
    assert (tech.clock_gate is not None) == (case == "clock gate without roles")
    assert minimum_period(netlist, tech).period_ns > 0
    assert nldm_sta.analyse(netlist.module(), tech).needed_ns.max() > 0.1
    if case in ("scan", "synchronous reset", "enable"):
        tied = {
            "scan": {"SE": "0", "SI": "0"},
            "synchronous reset": {"RN": "1"},
            "enable": {"E": "1"},
        }
        for instance in netlist.module().instances:
            if instance.cell == "DFF":
                assert tied[case].items() <= instance.pins.items()


def test_cells_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    tech = resolve.resolve(placed(WORKING["malformed"], tmp_path / "cells.lib"))
    assert set(tech.library.left_out) == {"NOR2", "AND2"}
    (note,) = tech.notes
    assert note == (
        "cells has 2 cells that cannot be used and are left out; NOR2: '!(A|' must be a Boolean "
        "expression of its pins; AND2: table cell_rise (t) must hold 3 x 3 values, not 6"
    )
    odd = resolve.resolve(placed(WORKING["odd names"], tmp_path / "odd.lib"))
    assert odd.library.left_out == {
        "74NOR": "names must be of letters, digits and _, which '74NOR' is not",
        'OR"2': "names must be of letters, digits and _, which 'OR\"2' is not",
    }
    twice = resolve.resolve(placed(WORKING["twice"], tmp_path / "twice.lib"))
    assert twice.library.left_out == {"INV": "it is there twice, of which the first is taken"}


def test_a_library_without_capacitances_is_told(tmp_path: Path) -> None:
    text = re.sub(r"\bcapacitance : [\d.]+;", "", BASE)
    assert resolve.resolve(placed(text, tmp_path / "light.lib")).notes == [
        "light states no capacitance of any input, so nets have no load in its periods and energies"
    ]
    assert resolve.resolve(placed(BASE, tmp_path / "base.lib")).notes == []


def test_cells_one_a_file(tmp_path: Path) -> None:
    cells = re.findall(r"  cell \(.*?\n  }\n", BASE, re.DOTALL)
    head = without(r"\w+")
    for number, cell in enumerate(cells):
        (tmp_path / f"cell{number:02}.lib").write_text(cell)
    message = (
        f"{tmp_path}/cell00.lib must hold a library group, with units and templates of tables, but "
        "holds 1 cell alone; a folder of such files must hold one that does"
    )
    with pytest.raises(UserError, match=f"^{re.escape(message)}$"):
        resolve.resolve(str(tmp_path))
    (tmp_path / "house.lib").write_text(head)
    whole = resolve.resolve(placed(BASE, tmp_path / "whole" / "base.lib"))
    parts = resolve.resolve(str(tmp_path))
    assert parts.library.cells.keys() == whole.library.cells.keys()
    netlists = [
        synthesise(MAC, "top", tech, Recipe.AREA, tmp_path / tech.name) for tech in (whole, parts)
    ]
    assert netlists[0].area_um2 == netlists[1].area_um2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            BASE.replace('clocked_on : "CK"', 'clocked_on : "!CK"'),
            "must hold a flip-flop that takes a data input at a rising edge, perhaps with constants "
            "at others, but DFF, clocked on '!CK', does not",
        ),
        (
            BASE.replace("  nom_process", '  include_file ("more.lib");\n  nom_process'),
            'must be whole, but asks for the file "more.lib": put it in',
        ),
        (
            BASE.replace('time_unit : "1ns"', 'time_unit : "0ns"'),
            "must hold a well-formed library: unit must be more than nothing, not '0ns'",
        ),
    ],
)
def test_what_cannot_be_used_is_a_sentence(text: str, sentence: str, tmp_path: Path) -> None:
    path = placed(text, tmp_path / "cells.lib")
    with pytest.raises(UserError, match=f"^{re.escape(f'{path} {sentence}')}$"):
        resolve.resolve(path)


def test_nothing_of_a_path_reaches_a_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = tmp_path / ODD
    odd.mkdir()
    monkeypatch.chdir(odd)
    monkeypatch.setenv("MACSMITH_CACHE", str(odd))
    plain = resolve.resolve(placed(BASE, tmp_path / "base.lib"), by_tools())
    there = resolve.resolve(placed(BASE, odd / f"{ODD}.lib"), by_tools())
    netlists = [
        synthesise(MAC, "top", tech, Recipe.SPEED, folder)
        for tech, folder in ((plain, tmp_path / "plain"), (there, odd / "out"))
    ]
    assert netlists[0].json.read_bytes() == netlists[1].json.read_bytes()
    periods = [
        minimum_period(netlist, tech)
        for netlist, tech in zip(netlists, (plain, there), strict=True)
    ]
    assert periods[0] == periods[1]
    assert not list(tmp_path.rglob("x"))


def test_a_cache_that_is_full_lends_files_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("MACSMITH_CACHE", str(tmp_path / "file"))
    tech = resolve.resolve(placed(BASE, tmp_path / "base.lib"))
    (name,) = canonical_liberty.lend(tech, tmp_path)
    assert not (tmp_path / name).is_symlink()
    assert (tmp_path / name).read_text() == canonical_liberty.render(tech)[0]

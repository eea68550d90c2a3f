"""The Liberty reader, Boolean expressions, and tables."""

import gzip
import re
from pathlib import Path

import numpy as np
import pytest

from macsmith.contract.errors import UserError
from macsmith.library import boolean, liberty_parser, liberty_reader
from macsmith.library.cell_library import Cell, Tables, WireLoad
from macsmith.library.technology import Technology
from macsmith.library.truth_table import table_of

SMALL = """\
/* a comment with { and " in it */
library (small) {
  time_unit : "10ps";
  capacitive_load_unit (1, pf);
  nom_voltage : 1.8  // no semicolon
  define ("x", "cell", string);
  lu_table_template (load_first) {
    variable_1 : total_output_net_capacitance;
    variable_2 : input_net_transition;
    index_1 ("1, 2");
    index_2 ("0.5, 1.5, 2.5");
  }
  cell ("INV") { area : 3.5; comment : "holds ; and }";
    pin (A) { direction : input; capacitance : 0.002; fall_capacitance : 0.001; }
    pin (Y) {
      direction : output; function : "!A";
      timing () {
        related_pin : "A"; timing_sense : negative_unate;
        cell_rise (load_first) { values ("1, 2, 3", \\
          "4, 5, 6"); }
        cell_fall (load_first) { values ("1, 2, 3", "4, 5, 6"); }
        rise_transition (load_first) { values ("1, 2, 3", "4, 5, 6"); }
        fall_transition (load_first) { values ("1, 2, 3", "4, 5, 6"); }
      }
    }
  }
}
"""


def test_statements_become_a_tree() -> None:
    top = liberty_parser.parse(SMALL, "small.lib")
    (cell,) = top.select("cell")
    assert (top.name, cell.name, cell.number("area")) == ("small", "INV", 3.5)
    assert cell.attributes["comment"] == "holds ; and }"
    assert top.number("nom_voltage") == 1.8
    assert list(top.lists("capacitive_load_unit")) == [("1", "pf")]
    assert [pin.name for pin in cell.select("pin")] == ["A", "Y"]


@pytest.mark.parametrize("name", ["small.lib", "small.lib.gz"])
def test_units_and_axes_are_normalised(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(SMALL.encode()) if name.endswith("gz") else SMALL.encode())
    read = liberty_reader.load([path])
    inverter = read.cells["INV"]
    (arc,) = inverter.arcs
    assert (inverter.pins["A"].rise_ff, inverter.pins["A"].fall_ff) == (2.0, 1.0)
    assert (read.time_ns, read.capacitance_ff) == (0.01, 1000.0)
    # Load 2 pF and slew 15 ps: second row, second column of a table with the load first.
    table = np.array([arc.tables["cell_rise"]])
    value = read.tables.lookup(table, np.array([0.015]), np.array([2000.0]))
    np.testing.assert_allclose(value, 0.05)


def test_a_second_reading_comes_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MACSMITH_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "small.lib"
    path.write_text(SMALL)
    first = liberty_reader.load([path])
    monkeypatch.setattr(liberty_parser, "read", None)
    assert liberty_reader.load([path]).cells == first.cells


def test_an_unusable_cache_costs_only_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("MACSMITH_CACHE", str(tmp_path / "file"))
    path = tmp_path / "small.lib"
    path.write_text(SMALL)
    assert list(liberty_reader.load([path]).cells) == ["INV"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "{path} must hold one library group, not 0 groups"),
        (b"library (x) {", "{path} must close every group, but ends within 'library'"),
        (b"}", "{path} must close no group that it has not opened, but does"),
        (b"\x00\xff\xfe", "{path} must be Liberty, not a file that holds '\\x00\ufffd\ufffd'"),
        (b"library (x) { }", "{path} must hold at least one cell, but holds none"),
        (
            b"library (x) { cell (a) { area : 1; } }",
            "{path} must hold timing tables (NLDM), but holds none",
        ),
        (
            b"library (x) { cell (a) { area : big; } }",
            "{path} must hold cells that can be used, but holds 1 cell that cannot; "
            "a: could not convert string to float: 'big'",
        ),
        (
            b'library (x) { cell (a) { pin (y) { function : "(a &"; } } }',
            "{path} must hold cells that can be used, but holds 1 cell that cannot; "
            "a: '(a &' must be a Boolean expression of its pins",
        ),
        (
            b'library (x) { time_unit : "1 fortnight"; }',
            "{path} must hold a well-formed library: "
            "unit must be a multiple of fs, ps, ns, us, not '1 fortnight'",
        ),
    ],
)
def test_bad_content_is_one_sentence(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bad.lib"
    path.write_bytes(content)
    with pytest.raises(UserError, match=f"^{re.escape(message.format(path=path))}$"):
        liberty_reader.load([path])


def test_a_cut_gzip_file_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "bad.lib.gz"
    path.write_bytes(gzip.compress(SMALL.encode())[:-20])
    with pytest.raises(
        UserError,
        match=f"^{path} must be a readable Liberty file: Compressed file ended before "
        "the end-of-stream marker was reached$",
    ):
        liberty_reader.load([path])


def test_one_cell_in_two_files_is_two_corners(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("slow.lib", "fast.lib")]
    for path in paths:
        path.write_text(SMALL)
    with pytest.raises(
        UserError, match=f"^{paths[1]} must be part of one corner, but INV is in an earlier file$"
    ):
        liberty_reader.load(paths)


def test_cell_libraries_are_read_whole(technology: Technology) -> None:
    cells = technology.library.cells
    assert len(cells) > 60
    for cell in cells.values():
        for arc in cell.arcs:
            assert arc.pin in cell.pins
            assert set(arc.related.split()) <= set(cell.pins)
    # Every gate has a delay from every input of its function to its output.
    nand = next(c for c in cells.values() if len(c.inputs) == 2 and _is_nand(c))
    assert {arc.related for arc in nand.arcs} == set(nand.inputs)


def _is_nand(cell: Cell) -> bool:
    return len(cell.outputs) == 1 and table_of(cell, cell.outputs[0]) == 0b0111


@pytest.mark.parametrize(
    ("expression", "table"),
    [
        ("A B", 0b1000),
        ("A*B'", 0b0010),
        ("!(A+B)", 0b0001),
        ("A ^ B & A", 0b0010),
        ("!A | A B", 0b1101),
        ("(A')'", 0b1010),
        ("1", 0b1111),
        ("0 + B", 0b1100),
    ],
)
def test_boolean_expressions(expression: str, table: int) -> None:
    assert boolean.truth_table(expression, ["A", "B"]) == table


@pytest.mark.parametrize("expression", ["", "A &", "(A", "A)", "A | C", "!"])
def test_what_is_no_boolean_expression(expression: str) -> None:
    message = f"{expression!r} must be a Boolean expression of its pins"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        boolean.truth_table(expression, ["A", "B"])


def test_tables_interpolate_and_go_on() -> None:
    x, y = np.array([0.0, 1.0, 4.0]), np.array([0.0, 10.0])
    plane = np.add.outer(2 * x, y)
    short = np.array([[7.0, 8.0], [7.0, 8.0]])
    tables = Tables([(x, y, plane), (np.array([0.0, 1.0]), y, short)])
    slews, loads = np.array([0.5, 2.0, -1.0, 9.0, 3.0]), np.array([5.0, 20.0, -1.0, 0.0, 15.0])
    which = np.array([0, 0, 0, 0, 1])
    expected = [6.0, 24.0, -3.0, 18.0, 8.5]
    np.testing.assert_allclose(tables.lookup(which, slews, loads), expected)


def test_a_wire_grows_with_its_fanout() -> None:
    wire = WireLoad(1.0, 0.0, ((1, 10.0), (3, 30.0)), slope=5.0, tree="balanced_tree")
    assert [wire.length(n) for n in (0, 1, 2, 3, 5)] == [10.0, 10.0, 20.0, 30.0, 40.0]


def test_wires_delay_by_their_tree() -> None:
    trees = {"balanced_tree": 1.0 * (5 + 3) / 2, "worst_case_tree": 1.0 * 20, "best_case_tree": 0}
    for tree, picoseconds in trees.items():
        # Two loads on a wire of 1 kohm and 10 fF: each branch has half of both.
        wire = WireLoad(1.0, 0.1, ((1, 10.0), (2, 10.0)), slope=0.0, tree=tree)
        delay = wire.delay_ns(2, np.array([3.0]), np.array([20.0]))
        np.testing.assert_allclose(delay, 1e-3 * picoseconds)

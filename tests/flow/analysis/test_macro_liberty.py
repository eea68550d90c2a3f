"""Macros of a user's Liberty: figures as stated, sizes between them, and what is refused."""

from pathlib import Path

import pytest

from macsmith.analysis.zeros.macro_liberty import READ, WRITE, macros_of
from macsmith.contract.errors import UserError
from macsmith.rtl.external_memory import MemorySize

SIZES = ((64, 8), (256, 8), (256, 32))


def cell(depth: int, width: int, enable: str = "A_", scale: float = 1.0) -> str:
    """Return a macro whose figures grow with its size; its clock's falling edge takes 0.5."""
    bits = depth * width
    powers = "".join(
        f'internal_power() {{ when : "{when}"; rise_power("scalar") {{ values ({pj * scale}); }} '
        f'fall_power("scalar") {{ values ("0.5"); }} }}\n'
        for when, pj in (
            (f"!{enable}MEN & !{enable}WEN & !{enable}REN", 0.25),
            (f"{enable}MEN & !{enable}WEN & {enable}REN", 4 + bits / 1024),
            (f"{enable}MEN & {enable}WEN & !{enable}REN", 6 + bits / 512),
        )
    )
    address = (depth - 1).bit_length()
    return (
        f"cell(ram_{depth}x{width}) {{ area : {1000 + bits};\n"
        f"memory() {{ type : ram; address_width : {address}; word_width : {width}; }}\n"
        f"pin({enable}CLK) {{ direction : input; clock : true;\n{powers}}} }}\n"
    )


def library(*cells: str, unit: str = "1,pf") -> str:
    return (
        f'library(macros) {{ capacitive_load_unit({unit}); voltage_unit : "1V";\n{"".join(cells)}}}'
    )


def test_figures_are_those_of_the_clock(tmp_path: Path) -> None:
    """In a folder of files as in one; units are the library's, a test port's clock is not ours."""
    each = [cell(*size) for size in SIZES]
    (tmp_path / "some.lib").write_text(library(*each[:2]))
    (tmp_path / "more.lib").write_text(library(each[2]))
    family = macros_of(tmp_path)
    for one in family.macros:
        bits = one.depth * one.width
        assert (one.area_um2, one.read_pj, one.write_pj) == pytest.approx(
            (1000 + bits, 4.5 + bits / 1024, 6.5 + bits / 512)
        )
    assert family.read_pj(MemorySize(16, 128)) == pytest.approx(4.5 + 2, rel=0.01)
    assert "3 macros" in family.name and tmp_path.name in family.name
    path = tmp_path / "scaled.lib"
    path.write_text(library(*each, unit="10,ff"))
    assert macros_of(path).macros[0].read_pj == pytest.approx(family.macros[0].read_pj / 100)


def test_states_by_other_names(tmp_path: Path) -> None:
    path = tmp_path / "other.lib"
    path.write_text(library(*(cell(*size, enable="") for size in SIZES)))
    assert macros_of(path, "MEN & !WEN & REN", "MEN & WEN & !REN").macros[0].write_pj > 6
    with pytest.raises(UserError, match="must state the energy of a read, but knows !MEN & "):
        macros_of(path)


REFUSED = {
    "macros must be of at least 3 sizes, of different widths and depths": library(cell(64, 8)),
    "memory of ram_64x8 must have a whole word_width, not ''": library(
        cell(64, 8).replace("word_width : 8;", "")
    ),
    "area of ram_64x8 must be a number from 0, not 'large'": library(
        cell(64, 8).replace("area : 1512", "area : large")
    ),
    "must hold one library group": "",
    "must state its units": library(*(cell(*size) for size in SIZES), unit="1,pears"),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_what_is_refused(sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "macros.lib"
    path.write_text(REFUSED[sentence])
    with pytest.raises(UserError) as refused:
        macros_of(path)
    assert sentence in str(refused.value) and "\n" not in str(refused.value)


def test_states_are_pins(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="macro-read must be pins joined by &"):
        macros_of(tmp_path / "none.lib", "A_MEN | A_REN", WRITE)
    with pytest.raises(UserError, match=r"must hold .lib or .lib.gz files"):
        macros_of(tmp_path, READ, WRITE)

"""Technologies: what is found in a library, and how one is named."""

import os
import re
from pathlib import Path

import pytest

from macsmith.contract.errors import UserError
from macsmith.library import generic_liberty, liberty_parser, resolve
from macsmith.library.generic_cells import library_cells
from macsmith.library.technology import Technology

# Cells that flow and literature name for these libraries: NAND2, full adder, half adder.
NAMED = {
    "asap7": (0.05832, "FAx1_ASAP7_75t_R", "HAxp5_ASAP7_75t_R", "ICGx1_ASAP7_75t_R"),
    "gf180": (
        10.976,
        "gf180mcu_fd_sc_mcu7t5v0__addf_1",
        "gf180mcu_fd_sc_mcu7t5v0__addh_1",
        "gf180mcu_fd_sc_mcu7t5v0__icgtp_1",
    ),
    "ihp-sg13g2": (7.2576, None, None, "sg13g2_lgcp_1"),
    "nangate45": (0.798, "FA_X1", "HA_X1", "CLKGATE_X1"),
    "sky130hd": (
        3.7536,
        "sky130_fd_sc_hd__fa_1",
        "sky130_fd_sc_hd__ha_1",
        "sky130_fd_sc_hd__dlclkp_1",
    ),
    "generic": (1.0, "FA_X1", "HA_X1", "CLKGATE_X2"),
}


def test_cells_are_found_by_function(technology: Technology) -> None:
    area, full, half, gate = NAMED[technology.name]
    assert technology.nand2_area == pytest.approx(area)
    assert (technology.full_adder and technology.full_adder.cell) == full
    assert (technology.half_adder and technology.half_adder.cell) == half
    assert technology.clock_gate and technology.clock_gate.cell == gate
    assert technology.driver in technology.library.cells
    inverted = technology.name == "asap7"
    for adder in (technology.full_adder, technology.half_adder):
        if adder:
            assert (adder.total_inverted, adder.carry_inverted) == (inverted, inverted)


def test_the_embedded_library_is_the_default(generic: Technology) -> None:
    assert generic == resolve.resolve(None) == resolve.resolve("generic")
    assert generic.embedded
    assert "generic" in resolve.available()
    assert liberty_parser.read(generic.liberty[0]).name == generic_liberty.NAME


def test_embedded_cells_have_the_delay_of_logical_effort(generic: Technology) -> None:
    cells = {cell.name: cell for cell in library_cells()}
    # d = g h + p of Logical Effort, table 1.1 and 1.2, as intrinsic delay and input capacitance.
    assert cells["NAND3_X2"].inputs == pytest.approx({"A": 10 / 3, "B": 10 / 3, "C": 10 / 3})
    assert cells["NOR2_X1"].outputs["Y"].delays == {"A": 2, "B": 2}
    # An inverter of drive 1 into one of drive 4 behind it: 1 + 4 / 2, and 1 more.
    assert cells["BUF_X4"].outputs["Y"].delays == {"A": 1 + 4 / 2 + 1}
    assert generic.library.cells["NAND2_X1"].pins["A"].rise_ff == pytest.approx(4 / 3)


def test_a_file_and_a_folder(tmp_path: Path, generic: Technology) -> None:
    path = tmp_path / "mine" / "cells.lib"
    path.parent.mkdir()
    path.write_text(generic_liberty.render())
    assert resolve.resolve(str(path)).name == "cells"
    assert resolve.resolve(str(path.parent)).name == "mine"
    assert resolve.resolve(str(path)).sha256 == generic.sha256


def test_names_in_pdk_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corners = tmp_path / "sky130A" / "libs.ref" / "sky130_fd_sc_hd" / "lib"
    corners.mkdir(parents=True)
    for corner in ("ss_100C_1v60", "tt_025C_1v80"):
        (corners / f"sky130_fd_sc_hd__{corner}.lib").write_text(generic_liberty.render())
    plain = tmp_path / "mylib"
    plain.mkdir()
    (plain / "cells.lib").write_text(generic_liberty.render())
    monkeypatch.setenv("PDK_ROOT", str(tmp_path))
    assert {"sky130_fd_sc_hd", "mylib"} <= set(resolve.available())
    (path,) = resolve.resolve("sky130_fd_sc_hd").liberty
    assert path.name == "sky130_fd_sc_hd__tt_025C_1v80.lib"
    assert resolve.resolve("mylib").liberty == (plain / "cells.lib",)


def test_an_unknown_library_gets_sensible_settings(tmp_path: Path) -> None:
    path = tmp_path / "other.lib"
    path.write_text(generic_liberty.render().replace(generic_liberty.NAME, "other"))
    other = resolve.resolve(str(path))
    assert not other.embedded
    # Of four buffers the second smallest, and the load of four unit inverters.
    assert (other.driver, other.load_ff) == ("BUF_X2", 4.0)


def test_an_unknown_name_gets_the_nearest_right_one() -> None:
    message = "technology must be a Liberty file, a folder or a known name, not 'generik'"
    with pytest.raises(UserError, match=f"^{message}; did you mean generic$"):
        resolve.resolve("generik")


def test_a_missing_file() -> None:
    with pytest.raises(
        UserError, match=r"^technology must be a file that exists, not 'no/such\.lib'$"
    ):
        resolve.resolve("no/such.lib")


def test_an_empty_folder(tmp_path: Path) -> None:
    message = f"{tmp_path} must hold a .lib or .lib.gz file, but holds none"
    with pytest.raises(UserError, match=f"^{re.escape(message)}$"):
        resolve.resolve(str(tmp_path))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.lib"
    os.mkfifo(pipe)
    message = f"technology must be a file, a folder or a name, but {pipe} is neither"
    with pytest.raises(UserError, match=f"^{re.escape(message)}$"):
        resolve.resolve(str(pipe))
    message = f"{tmp_path} must hold a .lib or .lib.gz file, but holds none"
    with pytest.raises(UserError, match=f"^{re.escape(message)}$"):
        resolve.resolve(str(tmp_path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a" * 300,
            f"technology must be a path that can be read, not {'a' * 300!r}: "
            f"[Errno 36] File name too long: {'a' * 300!r}",
        ),
        (
            "~nobody-here/x",
            "technology must be a path that can be read, not '~nobody-here/x': "
            "Could not determine home directory.",
        ),
    ],
)
def test_an_impossible_path(text: str, message: str) -> None:
    with pytest.raises(UserError, match=f"^{re.escape(message)}$"):
        resolve.resolve(text)


@pytest.mark.parametrize(
    ("cells", "lack"),
    [("DFF", "a flip-flop"), ("INV", "an inverter"), ("NAND2", "a two-input NAND")],
)
def test_what_a_library_must_hold(tmp_path: Path, cells: str, lack: str) -> None:
    text = re.sub(rf"  cell \({cells}_.*?\n  }}\n", "", generic_liberty.render(), flags=re.S)
    path = tmp_path / "poor.lib"
    path.write_text(text)
    count = text.count("\n  cell (")
    message = f"{path} must hold {lack}, but none of its {count} cells is one"
    with pytest.raises(UserError, match=f"^{re.escape(message)}$"):
        resolve.resolve(str(path))

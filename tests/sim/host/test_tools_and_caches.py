"""Tools that fail, folders that they can name, and caches that cannot be used."""

import ctypes
import os
import re
import tempfile
from pathlib import Path

import pytest

from macsmith.host import cxx, kept_files
from macsmith.host.plain_folder import is_plain, plain_folder, tool_environment
from macsmith.host.tool_error import ToolError, run_tool
from macsmith.host.yosys import YosysError, run_yosys
from macsmith.jobs import result_store
from macsmith.rtlsim.verilator_model import model
from tests.support.liberty_cases import ODD


def test_a_tool_that_fails_is_its_last_line_and_a_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MACSMITH_CACHE", str(tmp_path / "cache"))
    with pytest.raises(
        YosysError, match=r"^Yosys failed: ERROR: No such command: nothing "
    ) as told:
        run_yosys(["nothing"], tmp_path / "work")
    found = re.search(r"\(log: (.*)\)$", str(told.value))
    assert found and Path(found[1]).parent == tmp_path / "cache" / "logs"
    assert "No such command" in Path(found[1]).read_text()
    with pytest.raises(ToolError, match=r"^sh failed: it was ended by SIGKILL \(log: "):
        run_tool("sh", ["sh", "-c", "kill -9 $$"], tmp_path)
    with pytest.raises(ToolError, match=r"^gone could not be started: No such file or directory$"):
        run_tool("gone", ["no-such-tool"], tmp_path)
    with pytest.raises(ToolError, match=r"^sleep must end within 0\.1 s, but did not$"):
        run_tool("sleep", ["sleep", "9"], tmp_path, 0.1)


def test_a_log_is_kept_without_a_cache_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MACSMITH_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(ToolError, match=r"^sh failed: oh dear \(log: ") as told:
        run_tool("sh", ["sh", "-c", "echo oh dear; exit 3"], tmp_path)
    log = Path(str(told.value).partition("(log: ")[2][:-1])
    assert log.parent == tmp_path and log.read_text() == "oh dear\n"


def test_tools_work_where_names_are_plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = tmp_path / ODD
    odd.mkdir()
    (tmp_path / "link").symlink_to(odd)
    assert not is_plain(odd) and not is_plain(tmp_path / "link") and is_plain(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(odd))
    with plain_folder() as folder:
        assert is_plain(folder) and is_plain(Path(tool_environment()["TMPDIR"]))
    assert not folder.exists()


def test_what_cannot_be_kept_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = []

    def build(folder: Path) -> Path:
        built.append(folder)
        (folder / "one.cc").write_text('extern "C" int one() { return 1; }')
        return cxx.shared_library(folder / "one.cc")

    monkeypatch.setenv("MACSMITH_CACHE", str(tmp_path / "cache"))
    for _ in range(2):
        assert kept_files.kept_library("one.so", build).one() == 1
    assert len(built) == 1
    # Half of a file is none.
    (tmp_path / "cache" / "compiled" / "two.so").write_bytes(b"\x7fELF")
    library = kept_files.kept_library("two.so", build)
    assert isinstance(library, ctypes.CDLL) and len(built) == 2
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MACSMITH_CACHE", str(tmp_path / "file"))
    assert kept_files.kept_library("one.so", build).one() == 1
    assert len(built) == 3
    kept_files.keep("compiled", "x", b"x")
    assert kept_files.found("compiled", "x") is None
    assert kept_files.found_text("compiled", "x") is None


def test_models_link_one_runtime_and_do_without_a_sound_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MACSMITH_CACHE", str(tmp_path / "cache"))
    driver = tmp_path / "driver.cc"
    driver.write_text(
        '#include "Vconstant.h"\n'
        'extern "C" int value() { VerilatedContext c; Vconstant m{&c}; m.eval(); return m.q; }\n'
    )

    def value(number: int) -> int:
        verilog = f"module constant(output [7:0] q); assign q = 8'd{number}; endmodule\n"
        return int(model(verilog, "constant", driver).value())

    assert value(5) == 5
    (runtime,) = (tmp_path / "cache" / "compiled").glob("runtime-*.o")
    sound = runtime.read_bytes()
    assert value(6) == 6 and runtime.read_bytes() == sound
    runtime.write_bytes(sound[:1000])
    assert value(7) == 7 and len(runtime.read_bytes()) == len(sound)


def test_entries_are_held_where_they_cannot_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MACSMITH_CACHE", str(tmp_path / "file"))
    address = "measurements", os.urandom(8).hex()
    with result_store.noted(address, "something"):
        assert result_store.find(address) is None and not result_store.holds(address)
        result_store.keep(address, "found")
    assert result_store.find(address) == "found" and result_store.holds(address)
    held = result_store.take_held()
    assert held == {address: "found"} and result_store.find(address) is None
    result_store.hold(held)
    assert result_store.find(address) == "found"
    result_store.take_held()

"""The command writes a bundle whole or not at all."""

from pathlib import Path

import pytest

from macsmith.contract.errors import UserError
from macsmith.output.whole_file import write_folder
from tests.support.command import run


def test_the_command_writes_a_folder(tmp_path: Path) -> None:
    done = run("generate", "data-gated", "--name", "mac", "--bundle", "b", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert {path.name for path in tmp_path.iterdir()} == {"b"}
    names = {path.name for path in (tmp_path / "b").iterdir()}
    assert names >= {"mac.v", "mac_tb.v", "mac_sent.hex", "mac_due.hex", "mac.core"}
    again = run("generate", "data-gated", "--bundle", "b", cwd=tmp_path)
    sentence = "macsmith: output must be a folder that is new or empty, not b\n"
    assert (again.returncode, again.stderr) == (2, sentence)


def test_a_folder_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    empty = tmp_path / "there"
    empty.mkdir()
    for folder in (tmp_path / "new", empty):
        with pytest.raises(UserError, match=r"^output .* could not be written: "):
            write_folder(folder, {"one": "1", "one/two": "2"})
    assert list(tmp_path.iterdir()) == [empty] and not list(empty.iterdir())
    write_folder(empty, {"one": "1", "deeper/two": "2"})
    assert (empty / "deeper" / "two").read_text() == "2"

"""The record of all tests: whole files of real runs, interrupted ones too, and its sentence."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.checkout import ROOT
from tests.support.full_run import COUNTED, told

TWO = "def test_a(): pass\ndef test_b(): pass\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with two files of tests, in one of which a test fails."""
    (tmp_path / "tests").mkdir()
    shutil.copytree(ROOT / "tests" / "support", tmp_path / "tests" / "support")
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path / "tests")
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
    (tmp_path / "tests" / "test_one.py").write_text(TWO)
    (tmp_path / "tests" / "test_two.py").write_text("def test_c(): assert 0\n")
    return tmp_path


def recorded(checkout: Path, *words: str) -> dict[str, list[int]]:
    """Run tests for the record, and return its counts by file."""
    pytest_there(checkout, *words)
    rows = json.loads((checkout / "tests" / "full_run.json").read_text())
    return {row["file"].removeprefix("tests/"): [row[key] for key in COUNTED] for row in rows}


def pytest_there(checkout: Path, *words: str) -> str:
    """Run pytest for the record, and return what it says."""
    words = (sys.executable, "-m", "pytest", "--record-full-run", *words)
    found = subprocess.run(words, cwd=checkout, capture_output=True, text=True, check=False)
    return found.stdout + found.stderr


def test_files_that_ended_are_recorded_and_others_stay(checkout: Path) -> None:
    one, two = (checkout / "tests" / f"test_{name}.py" for name in ("one", "two"))
    assert recorded(checkout, "-n", "2") == {
        "test_one.py": [2, 0, 0, 0],
        "test_two.py": [0, 1, 0, 0],
    }
    one.write_text(TWO.replace("def test_b(): pass", "def test_b(): assert 0"))
    two.write_text("def test_c(): pass\ndef test_d(): raise KeyboardInterrupt\n")
    words = ("-n", "0", "tests/test_one.py", "tests/test_two.py")
    assert recorded(checkout, *words) == {"test_one.py": [1, 1, 0, 0], "test_two.py": [0, 1, 0, 0]}
    two.unlink()
    assert recorded(checkout, "-n", "0") == {"test_one.py": [1, 1, 0, 0]}


def test_the_commit_is_named_and_changes_but_the_record_s_are_told(checkout: Path) -> None:
    def git(*words: str) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@b")
        done = subprocess.run(
            ["git", *who, *words], cwd=checkout, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit() -> str:
        pytest_there(checkout, "-n", "0", "-p", "no:cacheprovider", "tests/test_one.py")
        (row,) = json.loads((checkout / "tests" / "full_run.json").read_text())
        return str(row["commit"])

    assert commit() == "no commit"
    (checkout / ".gitignore").write_text("__pycache__\n.pytest_cache\n")
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "all")
    name = git("rev-parse", "--short", "HEAD")
    (checkout / "tests" / "full_run.json").write_text("[]")
    assert commit() == name
    (checkout / "pytest.ini").write_text("[pytest]\npythonpath = . tests\n")
    assert commit() == f"{name}+changes"


@pytest.mark.parametrize("words", [("-k", "a"), ("-m", "slow"), ("tests/test_one.py::test_a",)])
def test_parts_of_files_are_refused(checkout: Path, words: tuple[str, ...]) -> None:
    assert "takes whole files" in pytest_there(checkout, "-n", "0", *words)
    assert not (checkout / "tests" / "full_run.json").exists()


def row(file: str, commit: str, date: str) -> dict[str, Any]:
    return {"file": file, "commit": commit, "date": date} | dict.fromkeys(COUNTED, 2)


def test_its_sentence_names_commits_and_files_without_a_record() -> None:
    counts = "4 passed, 4 failed, 4 error, 4 skipped"
    start = "make test-all, with the slow tests, "
    alike = [row("a", "abc", "2026-01-02"), row("b", "abc", "2026-01-02")]
    assert told(alike, {"a", "b"}) == f"{start}last ran at abc on 2026-01-02: {counts}"
    unlike = [row("a", "abc", "2026-01-02"), row("b", "def", "2025-12-30")]
    assert told(unlike, {"a", "b", "c", "d"}) == (
        f"{start}last ran at 2 commits, def on 2025-12-30 to abc on 2026-01-02: {counts}; "
        "2 files have no record"
    )
    assert told([], {"a"}) == f"{start}has no record yet"

"""How far a command is, where standard error is a file: a line now and then, and none in haste."""

import io
from threading import Event

import pytest
from rich.console import Console

from macsmith.cli import progress
from tests.support.command import without_progress

WAIT_S = 60
"""Seconds after which a wait ends that would never end."""


class Watched(io.StringIO):
    """A file that tells when it is written to."""

    def __init__(self) -> None:
        super().__init__()
        self.written = Event()

    def write(self, text: str) -> int:
        size = super().write(text)
        if "\n" in text:
            self.written.set()
        return size


@pytest.fixture
def errors(monkeypatch: pytest.MonkeyPatch) -> Watched:
    """Standard error as a file."""
    file = Watched()
    monkeypatch.setattr(progress, "err", Console(file=file))
    return file


def test_a_line_says_how_far_it_is(errors: Watched) -> None:
    with progress.lines("measuring", 3, every_s=0.01) as step:
        step("one [core] speed")
        assert errors.written.wait(WAIT_S)
    first = errors.getvalue().splitlines(keepends=True)[0]
    assert first.startswith("measuring: 1 of 3 after ") and first.endswith(
        "last one [core] speed\n"
    )
    assert without_progress(f"{first}macsmith: wrong\n") == "macsmith: wrong\n"


def test_a_step_that_takes_long_is_not_silent_for_ever(errors: Watched) -> None:
    with progress.lines("proving", 2, every_s=0.01):
        assert errors.written.wait(WAIT_S)
    assert errors.getvalue().startswith("proving: 0 of 2 after ")


def test_what_is_soon_done_says_nothing(errors: Watched) -> None:
    with progress.show_progress("verifying", 2) as step:
        step("bulk")
        step("icarus")
    assert errors.getvalue() == ""

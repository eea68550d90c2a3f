"""What every test has: marks for optional tools, and the closing lines of a run."""

import pytest
from _pytest.terminal import TerminalReporter

from tests.support.cells import MISSING
from tests.support.dark import dark_library
from tests.support.needs import THINGS, closing_table, skip_what_cannot_run


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"needs(thing): one of {', '.join(THINGS)}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    skip_what_cannot_run(items)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    lines = closing_table(terminalreporter.getreports("skipped"), MISSING)
    if lines:
        terminalreporter.section("left out for want of")
        for line in lines:
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def dark(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The file of a library that states no energies."""
    return str(dark_library(tmp_path_factory.mktemp("dark")))

"""What every test has: marks for optional tools, its worker, and the closing lines of a run."""

from collections.abc import Sequence

import pytest
from _pytest.terminal import TerminalReporter
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from macsmith.host.garbage import collect_seldom
from tests.support import full_run
from tests.support.cells import MISSING
from tests.support.dark import dark_library
from tests.support.needs import THINGS, closing_table, skip_what_cannot_run
from tests.support.schedule import TogetherOrAlone, longest_first

COLLECTED = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record-full-run", action="store_true", help=f"write {full_run.RECORD.name}"
    )  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    collect_seldom()
    config.addinivalue_line("markers", f"needs(thing): one of {', '.join(THINGS)}")
    config.addinivalue_line("markers", "slow: for make test-all, not for make test")
    config.stash[COLLECTED] = []
    given = config.option
    if given.record_full_run and (given.markexpr or given.keyword or "::" in "".join(config.args)):
        raise pytest.UsageError("--record-full-run takes whole files, without -m, -k and ::")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    skip_what_cannot_run(items)
    longest_first(items)


def pytest_collection_finish(session: pytest.Session) -> None:
    session.config.stash[COLLECTED] = [item.nodeid for item in session.items]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: WorkerController, ids: Sequence[str]) -> None:
    node.config.stash[COLLECTED] = list(ids)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    return TogetherOrAlone(config, log)


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    if config.option.collectonly:
        return
    if config.option.record_full_run:
        full_run.write(terminalreporter, config.stash[COLLECTED])
    lines = closing_table(terminalreporter.getreports("skipped"), MISSING)
    terminalreporter.section("left out")
    for line in lines or ["nothing for want of a tool or a library"]:
        terminalreporter.line(line)
    terminalreporter.line(full_run.sentence())


@pytest.fixture(scope="session")
def dark(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The file of a library that states no energies."""
    return str(dark_library(tmp_path_factory.mktemp("dark")))

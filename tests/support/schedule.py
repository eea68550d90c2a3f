"""Which tests stay together on one worker, and which begin first.

Files whose tests share a fixture that takes long run on one worker, so that it is made once, and
before all others, so that no worker is left with one of them at the end. Marks of xdist's own
``loadgroup`` do not reach its scheduler under pytest 9.
"""

import pytest
from xdist.scheduler import LoadScopeScheduling

GROUPS = {
    "tests/flow/report/test_page.py": "report",
    "tests/flow/report/test_narrow_terminals.py": "report",
    "tests/flow/report/test_page_sections.py": "report",
    "tests/flow/report/test_page_throughput.py": "report",
    "tests/flow/report/test_page_usecases.py": "report",
    "tests/flow/report/test_report.py": "report",
    "tests/flow/analysis/test_sweep.py": "sweep",
    "tests/flow/jobs/test_cluster.py": "sweep",  # both keep every core busy
    "tests/flow/energy/test_energy.py": "energy",
    "tests/flow/analysis/test_tensor_pes.py": "tensor PEs",
    "tests/flow/analysis/test_usecases.py": "use cases",
    "tests/flow/energy/test_places.py": "places",
    "tests/flow/jobs/test_measure.py": "measure",
    "tests/flow/jobs/test_curve.py": "curve",
    "tests/flow/jobs/test_user_rtl.py": "user's RTL",
    "tests/test_frozen.py": "frozen",  # long, and among the last by name
}


class TogetherOrAlone(LoadScopeScheduling):
    """Sends the tests of a group to one worker, and every other test alone to any."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return GROUPS.get(file, file)


def longest_first(items: list[pytest.Item]) -> None:
    """Put the groups first, in their order; the order within them stays."""
    ranks = {path: rank for rank, path in enumerate(GROUPS)}
    items.sort(key=lambda item: ranks.get(_file(item), len(ranks)))


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]

"""Runs of random cases, and what they came to, as records that ``macsmith evidence --take`` keeps."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from tests.support.checkout import ROOT

FOLDER = ROOT / "build" / "evidence"
"""Where the long runs leave their records."""

Drawn = TypeVar("Drawn")


@dataclass
class FuzzRecord:
    """Random cases of one kind, each of which ended as it should; what fails ends the test.

    Members
    -------
    what
        What was varied, which names the file: ``specifications``, ``verilog`` or ``commands``.
    seed
        Of Hypothesis, whose version counts too.
    counts
        Of each unit or command: cases by how they ended, such as ``legal`` and ``refused``.
    """

    what: str
    seed: int
    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def count(self, unit: str, end: str) -> None:
        """Count a case."""
        self.counts[unit][end] += 1

    @property
    def ends(self) -> Counter[str]:
        """Cases by how they ended."""
        return sum(self.counts.values(), Counter[str]())

    def write(self) -> None:
        """Write the records to their file."""
        made = {
            "seed": self.seed, "failures": 0, "date": f"{datetime.now(UTC):%Y-%m-%d}",
            "versions": {name: version(name) for name in ("macsmith", "hypothesis", "amaranth")},
        }  # fmt: skip
        rows = [
            {"unit": unit, "cases": counts.total(), "refused": counts["refused"]} | counts | made
            for unit, counts in sorted(self.counts.items())
        ]
        FOLDER.mkdir(parents=True, exist_ok=True)
        file = FOLDER / f"fuzz-{self.what}.json"
        file.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def each_drawn(
    strategy: SearchStrategy[Drawn], count: int, first: int, check: Callable[[Drawn], None]
) -> None:
    """Check so many random cases of a seed. What fails is shown as drawn: to shrink takes hours."""

    @seed(first)
    @settings(
        max_examples=count, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
    )  # fmt: skip
    @given(strategy)
    def run(case: Drawn) -> None:
        check(case)

    run()

"""What a run of random cases came to, as a record."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version

from tests.support.checkout import ROOT

FOLDER = ROOT / "build" / "evidence"
"""Where the long runs leave their records."""


@dataclass
class FuzzRecord:
    """Random cases of one kind, each of which ended as it should.

    Members
    -------
    what
        What was varied: ``specifications``, ``verilog`` or ``commands``.
    seed
        Of Hypothesis, whose version counts too.
    counts
        Cases by how they ended, such as ``legal`` and ``refused``.
    """

    what: str
    seed: int
    counts: Counter[str] = field(default_factory=Counter)
    date: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y-%m-%d}")
    hypothesis: str = field(default_factory=lambda: version("hypothesis"))
    macsmith: str = field(default_factory=lambda: version("macsmith"))

    @property
    def cases(self) -> int:
        """All cases."""
        return self.counts.total()

    def write(self) -> None:
        """Write the record to its file."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(self) | {"cases": self.cases}, indent=1)
        (FOLDER / f"fuzz-{self.what}.json").write_text(text + "\n", encoding="utf-8")

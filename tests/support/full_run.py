"""The last run of all tests, slow ones too, as a record in the repository."""

import json
import shutil
import subprocess
from datetime import UTC, datetime

from _pytest.terminal import TerminalReporter

from tests.support.checkout import ROOT

RECORD = ROOT / "tests" / "full_run.json"
COUNTED = ("passed", "failed", "error", "skipped")


def write(reporter: TerminalReporter) -> None:
    """Write commit, date and counts of a run that has ended."""
    counts = {outcome: len(reporter.getreports(outcome)) for outcome in COUNTED}
    record = {"commit": _commit(), "date": f"{datetime.now(UTC):%Y-%m-%d}"} | counts
    RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def sentence() -> str:
    """Return the record in one sentence."""
    if not RECORD.is_file():
        return "make test-all, with the slow tests, has no record yet"
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    counts = ", ".join(f"{record[outcome]} {outcome}" for outcome in COUNTED)
    return (
        f"make test-all, with the slow tests, last ran at {record['commit']} on {record['date']}: "
        f"{counts}"
    )


def _commit() -> str:
    """Return the short name of the commit, marked where files differ from it."""
    if not shutil.which("git"):
        return "no commit"
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty=+changes", "--exclude=*"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return found.stdout.strip() or "no commit"

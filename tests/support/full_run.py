"""How every test, slow ones too, ended when it last ran: a record in the repository, a line a file.

All tests take hours, so that a run may be of some files only, or be interrupted: the files whose
tests have all ended are recorded anew, and the others keep the record that they have.
"""

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from _pytest.terminal import TerminalReporter

from tests.support.checkout import ROOT

RECORD = ROOT / "tests" / "full_run.json"
COUNTED = ("passed", "failed", "error", "skipped")


def write(reporter: TerminalReporter, collected: list[str]) -> None:
    """Record the files whose collected tests have all ended, and forget files that are gone."""
    ended: dict[str, Counter[str]] = {}
    seen = set()
    for outcome in COUNTED:
        for report in reporter.getreports(outcome):
            seen.add(report.nodeid)
            ended.setdefault(_file(report.nodeid), Counter())[outcome] += 1
    unfinished = {_file(test) for test in collected if test not in seen}
    now = {"commit": _commit(), "date": f"{datetime.now(UTC):%Y-%m-%d}"}
    rows = {row["file"]: row for row in _read() if (ROOT / row["file"]).is_file()}
    rows |= {
        file: {"file": file} | now | {outcome: counts[outcome] for outcome in COUNTED}
        for file, counts in ended.items()
        if file not in unfinished
    }
    lines = ",\n".join(json.dumps(rows[file]) for file in sorted(rows))
    RECORD.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def sentence() -> str:
    """Return the record in one sentence."""
    return told(_read(), {str(file.relative_to(ROOT)) for file in ROOT.glob("tests/**/test_*.py")})


def told(rows: Iterable[Mapping[str, Any]], files: Iterable[str]) -> str:
    """Return in one sentence how the tests of files ended, and how many have no record."""
    by_date = sorted(rows, key=lambda row: row["date"])
    missing = len(set(files) - {row["file"] for row in by_date})
    if not by_date:
        return "make test-all, with the slow tests, has no record yet"
    counts = ", ".join(f"{sum(row[outcome] for row in by_date)} {outcome}" for outcome in COUNTED)
    runs = list(dict.fromkeys(f"{row['commit']} on {row['date']}" for row in by_date))
    when = runs[0] if len(runs) == 1 else f"{len(runs)} commits, {runs[0]} to {runs[-1]}"
    rest = f"; {missing} files have no record" if missing else ""
    return f"make test-all, with the slow tests, last ran at {when}: {counts}{rest}"


def _read() -> list[dict[str, Any]]:
    """Return the record, a row a file."""
    if not RECORD.is_file():
        return []
    rows: list[dict[str, Any]] = json.loads(RECORD.read_text(encoding="utf-8"))
    return rows


def _file(test: str) -> str:
    return test.partition("::")[0]


def _commit() -> str:
    """Return the short name of the commit, marked where files but the record differ from it."""
    name = _git("rev-parse", "--short", "HEAD")
    if not name:
        return "no commit"
    others = f":(exclude){RECORD.relative_to(ROOT)}"
    return name + ("+changes" if _git("status", "--porcelain", "--", ".", others) else "")


def _git(*words: str) -> str:
    """Return what git says; nothing where there is no git, or no repository."""
    if not shutil.which("git"):
        return ""
    done = subprocess.run(
        ["git", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )  # fmt: skip
    return done.stdout.strip()

"""The command ``macsmith verify``: run, write, print a summary and the first mismatches."""

from collections.abc import Sequence
from pathlib import Path

from macsmith.cli.outputs import write_json
from macsmith.cli.progress import show_progress
from macsmith.output.terminal import err, out
from macsmith.report.terminal.units import overview, summary
from macsmith.verify.run_records import run_records
from macsmith.verify.verify import Case, parts, verify

MISMATCHES_SHOWN = 3
"""Mismatches printed of each run; the JSON holds more."""


def run_verification(cases: Sequence[Case], folder: Path, json_file: Path | None) -> bool:
    """Verify units with a progress bar, print a summary and return whether all is right."""
    with show_progress("verifying", len(parts(cases))) as step:
        runs = verify(cases, folder, lambda title, what: step(f"{title} {what}"))
    if json_file is not None:
        write_json(json_file, run_records(runs, cases))
    out.print(overview(runs) if any(case.variant for case in cases) else summary(runs))
    for found in runs:
        if found.failure:
            err.print(f"{found.title}: {found.failure}", soft_wrap=True, markup=False)
        for mismatch in found.examples[:MISMATCHES_SHOWN]:
            err.print(mismatch.sentence(found.title, found.mode), soft_wrap=True, markup=False)
    return all(found.right for found in runs)

"""The command ``macsmith verify``: run, write, print a summary and the first mismatches."""

from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from macsmith.cli.outputs import write_json
from macsmith.cli.progress import show_progress
from macsmith.host.verification_run import Run
from macsmith.jobs.netlist_check import pieces, verify_netlists
from macsmith.library.resolve import resolve_each
from macsmith.output.terminal import err, out, tell
from macsmith.report.terminal.units import netlists, overview, summary
from macsmith.verify.run_records import run_records
from macsmith.verify.verify import Case, parts, verify, work_folder

WAVEFORMS = ("*.fst", "*.vcd")
"""Files that simulators write waveforms to."""

MISMATCHES_SHOWN = 3
"""Mismatches printed of each run; the JSON holds more."""


def run_verification(cases: Sequence[Case], folder: Path, json_file: Path | None) -> bool:
    """Verify units with a progress bar, print a summary and return whether all is right."""
    with show_progress("verifying", len(parts(cases))) as step:
        runs = verify(cases, folder, lambda title, what: step(f"{title} {what}"))
    table = overview(runs) if any(case.variant for case in cases) else summary(runs)
    places = [
        work_folder(folder, case.title, simulator)
        for case in cases
        for simulator in case.plan.simulators
        if case.plan.waves
    ]
    _say_waveforms(places)
    return _told(runs, cases, table, json_file)


def run_netlist_verification(
    cases: Sequence[Case], techs: Sequence[str], folder: Path, json_file: Path | None
) -> bool:
    """Verify mapped netlists of units on libraries; return whether all is right."""
    technologies = resolve_each(techs)
    for technology in technologies:
        tell(technology.notes)
    with show_progress("verifying netlists", len(pieces(cases, technologies))) as step:
        runs = verify_netlists(
            cases, technologies, folder, lambda title, what: step(f"{title} {what}")
        )
    places = [
        work_folder(folder, case.title, piece.tech.name, simulator)
        for case, piece in pieces(cases, technologies)
        for simulator in piece.simulators
        if case.plan.waves
    ]
    _say_waveforms(places)
    return _told(runs, cases, netlists(runs), json_file)


def _say_waveforms(folders: Sequence[Path]) -> None:
    """Say where simulations have left waveforms."""
    for folder in folders:
        for path in sorted(path for pattern in WAVEFORMS for path in folder.rglob(pattern)):
            err.print(f"waveforms: {path}", soft_wrap=True, markup=False, highlight=False)


def _told(runs: Sequence[Run], cases: Sequence[Case], table: Table, json_file: Path | None) -> bool:
    """Write runs, print them and the first mismatches, and return whether all is right."""
    if json_file is not None:
        write_json(json_file, run_records(runs, cases))
    out.print(table)
    for found in runs:
        if found.failure:
            err.print(f"{found.title}: {found.failure}", soft_wrap=True, markup=False)
        for mismatch in found.examples[:MISMATCHES_SHOWN]:
            err.print(mismatch.sentence(found.title, found.mode), soft_wrap=True, markup=False)
    return all(found.right for found in runs)

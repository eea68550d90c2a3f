"""What the commands show in a terminal: progress on standard error, tables on standard output."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from macsmith.files import check_folder, check_output, write_whole
from macsmith.measure import Record, jobs_for, measure
from macsmith.report.tables import comparison, summary, to_csv
from macsmith.spec import MacSpec
from macsmith.synth import Recipe
from macsmith.tech import resolve
from macsmith.terminal import err, out
from macsmith.verify import Plan, parts, verify

MISMATCHES_SHOWN = 3
"""Mismatches printed of each run; the JSON holds more."""


def run_verification(
    units: dict[str, MacSpec], plan: Plan, folder: Path, json_file: Path | None
) -> bool:
    """Verify units with a progress bar, print a summary and return whether all is right."""
    with _progress("verifying", len(parts(units, plan))) as step:
        runs = verify(units, plan, folder, lambda unit, what: step(f"{unit} {what}"))
    write_json(json_file, [run.to_json() for run in runs])
    out.print(summary(runs))
    for found in runs:
        for mismatch in found.examples[:MISMATCHES_SHOWN]:
            err.print(mismatch.sentence(found.unit, found.mode), soft_wrap=True, markup=False)
    return not any(found.mismatches for found in runs)


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """Where records go, besides the terminal: files, and a folder for plots."""

    json: Path | None = None
    csv: Path | None = None
    html: Path | None = None
    plots: Path | None = None

    def check(self) -> None:
        """Raise a sentence if one of them could not be written."""
        for path in (self.json, self.csv, self.html):
            check_output(path)
        check_folder(self.plots)

    def write(self, records: Sequence[Record]) -> None:
        """Write what was asked for; only a report loads the charting library."""
        write_json(self.json, records)
        if self.csv is not None:
            write_whole(self.csv, to_csv(records))
        if self.html is not None:
            from macsmith.report.page import page

            write_whole(self.html, page(records))
        if self.plots is not None:
            from macsmith.report.plots import write_plots

            write_plots(records, self.plots)


def run_measurement(
    units: dict[str, MacSpec], tech: str | None, boundaries: Sequence[str], outputs: Outputs
) -> list[Record]:
    """Measure units with a progress bar, write the records and print a table a boundary."""
    outputs.check()
    technology = resolve(tech)
    jobs = jobs_for(units, boundaries, list(Recipe), technology)
    with _progress("synthesising", len(jobs)) as step:
        records = measure(
            jobs, technology, lambda job: step(f"{job.name} {job.boundary} {job.recipe}")
        )
    outputs.write(records)
    for boundary in boundaries:
        out.print(comparison(records, boundary))
    return records


@contextmanager
def _progress(title: str, total: int) -> Iterator[Callable[[str], None]]:
    """Show a bar on standard error; the value is called with what is done, step by step."""
    columns = [
        TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn("{task.description}"),
    ]  # fmt: skip
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda what: progress.update(task, advance=1, description=what)


def write_json(path: Path | None, value: object) -> None:
    """Write a value as JSON if a file was asked for."""
    if path is not None:
        write_whole(path, json.dumps(value, indent=1) + "\n")

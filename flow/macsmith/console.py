"""What the commands show in a terminal: progress on standard error, tables on standard output."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from macsmith.energies import EnergyPlan, write_saif
from macsmith.energy import check_power
from macsmith.errors import UserError
from macsmith.files import check_folder, check_output, write_whole
from macsmith.jobs import jobs_for, measured
from macsmith.measure import Record, measure
from macsmith.replay import check_compiler
from macsmith.report.tables import comparison, overview, summary, to_csv
from macsmith.spec import MacSpec
from macsmith.stimuli import Stimulus, Uniform
from macsmith.synth import Recipe
from macsmith.tech import resolve
from macsmith.technology import Technology
from macsmith.terminal import err, out
from macsmith.verify import Case, parts, verify

MISMATCHES_SHOWN = 3
"""Mismatches printed of each run; the JSON holds more."""


def run_verification(cases: Sequence[Case], folder: Path, json_file: Path | None) -> bool:
    """Verify units with a progress bar, print a summary and return whether all is right."""
    with show_progress("verifying", len(parts(cases))) as step:
        runs = verify(cases, folder, lambda title, what: step(f"{title} {what}"))
    write_json(json_file, [run.to_json() for run in runs])
    out.print(overview(runs) if any(case.variant for case in cases) else summary(runs))
    for found in runs:
        if found.failure:
            err.print(f"{found.title}: {found.failure}", soft_wrap=True, markup=False)
        for mismatch in found.examples[:MISMATCHES_SHOWN]:
            err.print(mismatch.sentence(found.title, found.mode), soft_wrap=True, markup=False)
    return all(found.right for found in runs)


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
    units: dict[str, MacSpec],
    tech: str | None,
    boundaries: Sequence[str],
    outputs: Outputs,
    energy: bool | None = None,
    stimulus: Stimulus | None = None,
) -> list[Record]:
    """Measure units with a progress bar, write the records and print a table a boundary.

    Energy is measured at the core boundary; if ``energy`` is None, then where it can be.
    """
    outputs.check()
    technology = resolve(tech)
    jobs = jobs_for(units, boundaries, list(Recipe), technology)
    plan = EnergyPlan(stimulus or Uniform())
    if energy:
        check_power(technology)
        check_compiler()
    elif energy is False or not _has_energy(technology):
        plan = EnergyPlan(boundaries=())
    with show_progress("measuring", len(jobs) + plan.steps(jobs)) as step:
        records = measure(
            jobs, technology, lambda job: step(f"{job.name} {job.boundary} {job.recipe}"), plan
        )
    outputs.write(records)
    for boundary in boundaries:
        out.print(comparison(records, boundary))
    return records


def _has_energy(technology: Technology) -> bool:
    """Return whether energy can be measured; if not, say why.

    The embedded library needs no excuse: it has no physical unit at all.
    """
    if technology.embedded:
        return False
    try:
        check_power(technology)
        check_compiler()
    except UserError as error:
        err.print(f"no energies: {error}", soft_wrap=True, markup=False)
        return False
    return True


def run_saif(
    name: str, spec: MacSpec, tech: str | None, boundary: str, mode: int, stimulus: Stimulus,
    path: Path,
) -> None:  # fmt: skip
    """Write the activity of a unit's netlist of least area x period, and the netlist."""
    check_output(path)
    check_compiler()
    technology = resolve(tech)
    jobs = jobs_for({name: spec}, [boundary], list(Recipe), technology)
    plan = EnergyPlan(boundaries=(boundary,))
    (best,) = plan.choose(jobs, [measured(job, technology) for job in jobs])
    written = write_saif(jobs[best], technology, stimulus, mode, path)
    err.print(f"activity and netlist: {' '.join(map(str, written))}", soft_wrap=True)


@contextmanager
def show_progress(title: str, total: int) -> Iterator[Callable[[str], None]]:
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

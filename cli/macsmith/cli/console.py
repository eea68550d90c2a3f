"""What the commands show in a terminal: progress on standard error, tables on standard output."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from macsmith.analysis.area_delay_front import fronts
from macsmith.analysis.network_cost import (
    ChooseStimulus,
    check_layers,
    network_records,
    network_tasks,
)
from macsmith.analysis.precision_mix import Mix, check_holds, mix_records
from macsmith.contract.unit import UnitSpec
from macsmith.energy.unit_replay import check_compiler
from macsmith.jobs.area_delay_jobs import curve_jobs
from macsmith.jobs.energy_job import EnergyPlan, write_saif
from macsmith.jobs.measure import complete, measure, steps
from macsmith.jobs.netlist_job import Job, Result, jobs_for, measured
from macsmith.jobs.process_pool import Pool
from macsmith.jobs.request import Request, energy_possible
from macsmith.library.resolve import resolve, resolve_all
from macsmith.library.technology import Technology
from macsmith.mac.spec import MacSpec
from macsmith.networks.layer_tables.layers import Workload
from macsmith.operands.stimulus import Stimulus
from macsmith.output.terminal import err, out
from macsmith.output.whole_file import check_folder, check_output, write_whole
from macsmith.records.record import Record
from macsmith.report.terminal.energies import energies, is_worth_a_table, without_energy
from macsmith.report.terminal.memories import left_out
from macsmith.report.terminal.networks import layer_table, mix_table, network_table
from macsmith.report.terminal.units import comparison, overview, summary, to_csv
from macsmith.synthesis.yosys_abc import Recipe
from macsmith.verify.verify import Case, parts, verify

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

    def write(self, records: Sequence[Record], technologies: Sequence[Technology]) -> None:
        """Write what was asked for; only a report loads the charting library."""
        write_json(self.json, records)
        if self.csv is not None:
            write_whole(self.csv, to_csv(records))
        if self.html is not None:
            from macsmith.report.page.all_sections import sections_of
            from macsmith.report.page.page import page

            write_whole(self.html, page(records, sections_of(records, technologies)))
        if self.plots is not None:
            from macsmith.report.page.all_sections import write_extra_plots
            from macsmith.report.page.plots import write_plots

            write_plots(records, self.plots)
            write_extra_plots(records, self.plots)


def run_measurement(
    units: Mapping[str, UnitSpec],
    techs: Sequence[str | None],
    boundaries: Sequence[str] | None,
    outputs: Outputs,
    request: Request | None = None,
    curve: bool = False,
) -> list[Record]:
    """Measure units on libraries, write the records and print a table a library and boundary.

    Without boundaries each unit is cut where it is measured by default.

    Of a stimulus after the first there are records only where there is an energy. With ``curve``
    there are more netlists of each unit, and their fronts are printed too.
    """
    request = request or Request()
    outputs.check()
    request.check(units, boundaries)
    technologies = resolve_all(techs)
    runs = []
    for technology in technologies:
        jobs = (
            curve_jobs(units, boundaries, technology, _anchored(technology))
            if curve
            else jobs_for(units, boundaries, list(Recipe), technology)
        )
        for number, plan in enumerate(request.plans(technology)):
            runs.append(Measurement(jobs, technology, plan, request.cross_check and not number))
    found = measure_shown(runs)
    # Of a stimulus after the first there is nothing new where there is no energy.
    records = [
        record
        for run, made in zip(runs, found, strict=True)
        for record in made
        if run.plan.stimulus == request.stimuli[0] or record["energy_pj_per_mac"] is not None
    ]
    outputs.write(records, technologies)
    for technology in technologies:
        mine = [record for record in records if record["tech"] == technology.name]
        for boundary in cut_at(mine):
            out.print(comparison(mine, boundary))
            if curve:
                out.print(fronts(mine, boundary))
        if is_worth_a_table(mine):
            out.print(*filter(None, (energies(mine, boundary) for boundary in cut_at(mine))))
    for sentence in left_out(records):
        out.print(sentence, soft_wrap=True, markup=False, highlight=False)
    for sentence in without_energy(records):
        err.print(sentence, soft_wrap=True, markup=False)
    return records


def cut_at(records: Sequence[Record]) -> list[str]:
    """Return the boundaries of some records, in the order of the first of each."""
    return list(dict.fromkeys(record["boundary"] for record in records))


@dataclass(frozen=True)
class Measurement:
    """Jobs to be measured on a library, with which energies and cross-checks."""

    jobs: Sequence[Job]
    technology: Technology
    plan: EnergyPlan
    cross_check: bool = False

    @property
    def steps(self) -> int:
        """Designs and netlists to make, netlists to simulate and to check."""
        return steps(self.jobs, self.plan, cross_check=self.cross_check)


def measure_shown(runs: Sequence[Measurement]) -> list[list[Record]]:
    """Measure with a progress bar and return the records of each measurement."""
    with show_progress("measuring", sum(run.steps for run in runs)) as step:
        return [
            measure(
                run.jobs,
                run.technology,
                lambda task, found: step(task.label),
                run.plan,
                cross_check=run.cross_check,
            )
            for run in runs
        ]


def _anchored(technology: Technology) -> Callable[[Sequence[Job]], list[Result]]:
    """Return what measures netlists with a progress bar, for a curve to begin at."""

    def results(jobs: Sequence[Job]) -> list[Result]:
        measure_shown([Measurement(jobs, technology, EnergyPlan(boundaries=()))])
        return [measured(job, technology) for job in jobs]  # all are kept by now

    return results


def run_saif(
    name: str, spec: UnitSpec, tech: str | None, boundary: str, mode: int, stimulus: Stimulus,
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


def run_mixes(
    units: dict[str, MacSpec],
    tech: str | None,
    mixes: Sequence[Mix],
    outputs: Outputs,
    stimulus: Stimulus,
) -> None:
    """Measure the cores of units, write what mixes of precisions cost on them, print a table."""
    for mix in mixes:
        for mode in mix.shares:
            check_holds(units, f"mix {mix.name}", mode.act_bits, mode.weight_bits)
    outputs.check()
    technology = resolve(tech)
    jobs = jobs_for(units, ["core"], list(Recipe), technology)
    plan = EnergyPlan(stimulus, ("core",) if energy_possible(technology) else ())
    (records,) = measure_shown([Measurement(jobs, technology, plan)])
    found = mix_records(records, mixes)
    outputs.write(found, [technology])
    for mix in mixes:
        out.print(mix_table([record for record in found if record["mode"] == mix.name]))


def run_workload(
    units: dict[str, MacSpec],
    tech: str | None,
    workload: Workload,
    outputs: Outputs,
    stimulus: ChooseStimulus,
) -> None:
    """Measure the cores of units and a network's layers on them, write records, print tables."""
    check_layers(units, workload)
    outputs.check()
    technology = resolve(tech)
    jobs = jobs_for(units, ["core"], list(Recipe), technology)
    operands = stimulus if energy_possible(technology) else None
    (records,) = measure_shown([Measurement(jobs, technology, EnergyPlan(boundaries=()))])
    tasks = network_tasks(jobs, technology, workload, operands)
    with show_progress("simulating", len(tasks)) as step, Pool() as pool:
        complete(tasks, pool, lambda task, found: step(task.label))
    found = network_records(jobs, records, technology, workload, operands)
    outputs.write(found, [technology])
    for note in workload.notes:
        err.print(f"note: {note}", soft_wrap=True, markup=False, highlight=False)
    out.print(layer_table(found))
    out.print(network_table(found, workload))


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

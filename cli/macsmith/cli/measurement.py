"""Measuring with a progress bar: the commands ``macsmith measure`` and ``compare``, and others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from macsmith.analysis.netlist_spread import check_spread, remade, with_spread
from macsmith.analysis.sensitivity import variants
from macsmith.analysis.throughput.contest import leading
from macsmith.analysis.throughput.equal_throughput import Range, with_targets
from macsmith.cli.outputs import Outputs, write_json
from macsmith.cli.progress import show_progress
from macsmith.contract.unit import UnitSpec
from macsmith.energy.unit_replay import check_compiler
from macsmith.jobs.area_delay_jobs import curve_jobs
from macsmith.jobs.energy_job import EnergyPlan, write_saif
from macsmith.jobs.measure import measure, steps
from macsmith.jobs.netlist_job import Job, Result, jobs_for, measured
from macsmith.jobs.portfolio import check_effort, search
from macsmith.jobs.request import Request
from macsmith.library.resolve import resolve, resolve_all
from macsmith.library.technology import Conditions, Technology
from macsmith.operands.stimulus import Stimulus
from macsmith.output.terminal import err, out, room, tell
from macsmith.output.whole_file import check_output
from macsmith.records.energies import energy
from macsmith.records.record import Record
from macsmith.records.selection import values
from macsmith.report.terminal.changed_places import sensitivity
from macsmith.report.terminal.energies import energies, is_worth_a_table, without_energy
from macsmith.report.terminal.equal_throughput import throughput_tables
from macsmith.report.terminal.fronts import fronts
from macsmith.report.terminal.memories import left_out
from macsmith.report.terminal.units import comparison
from macsmith.synthesis.yosys_abc import Recipe


def run_measurement(
    units: Mapping[str, UnitSpec],
    techs: Sequence[str | None],
    boundaries: Sequence[str] | None,
    outputs: Outputs,
    request: Request | None = None,
    curve: bool = False,
    *,
    effort: int | None = None,
    throughput: Range | None = None,
    conditions: Conditions | None = None,
    spread: int | None = None,
) -> list[Record]:
    """Measure units on libraries, write the records and print a table a library and boundary.

    Without boundaries each unit is cut where it is measured by default.

    Of a stimulus after the first there are records only where there is an energy. With ``effort``
    netlists are searched for, and those that no other beats are measured. With ``curve``
    there are more netlists of each unit, and their fronts are printed too; with ``spread`` that of
    least area x period is made so many times. With ``throughput`` what units take at equal
    throughput comes first, and is in the JSON.
    """
    request = request or Request()
    outputs.check()
    check_spread(spread)
    check_effort(effort)
    request.check(units, boundaries)
    technologies = resolve_all(techs, conditions)
    runs = []
    for technology in technologies:
        if effort is not None:
            jobs = search(units, boundaries, technology, effort, _anchored(technology))
        elif curve:
            jobs = curve_jobs(units, boundaries, technology, _anchored(technology))
        else:
            jobs = jobs_for(units, boundaries, list(Recipe), technology)
        for number, plan in enumerate(request.plans(technology)):
            runs.append(Measurement(jobs, technology, plan, request.cross_check and not number))
    found = measure_shown(runs)
    if spread is not None:
        found = spread_shown(runs, found, spread)
    # Of a stimulus after the first there is nothing new where there is no energy.
    records = [
        record
        for run, made in zip(runs, found, strict=True)
        for record in made
        if run.plan.stimulus == request.stimuli[0] or energy(record) is not None
    ]
    if throughput is None:
        outputs.write(records, technologies)
    else:
        write_json(outputs.json, with_targets(records, throughput.bounds))
        replace(outputs, json=None).write(records, technologies)
    for technology in technologies:
        mine = [record for record in records if record["tech"] == technology.name]
        if throughput is not None:
            out.print(*throughput_tables(mine, leading(mine), room(), throughput.bounds))
        places = values(mine, "boundary")
        for place in places:
            out.print(comparison(mine, place, room()))
            if curve or effort is not None:
                out.print(fronts(mine, place))
        if is_worth_a_table(mine):
            out.print(*filter(None, (energies(mine, place) for place in places)))
    for sentence in left_out(records):
        out.print(sentence, soft_wrap=True, markup=False, highlight=False)
    for sentence in without_energy(records):
        err.print(sentence, soft_wrap=True, markup=False)
    return records


def run_sensitivity(
    units: Mapping[str, UnitSpec],
    techs: Sequence[str | None],
    boundaries: Sequence[str] | None,
    request: Request,
    conditions: Conditions,
) -> None:
    """Measure units under every model of wires and clock tree; print which change places."""
    for technology in resolve_all(techs, conditions):
        jobs = jobs_for(units, boundaries, list(Recipe), technology)
        plan = replace(request.plans(technology)[0], netlists="best")
        conditioned = variants(technology)
        runs = [Measurement(jobs, one, plan) for one in conditioned.values()]
        records = dict(zip(conditioned, measure_shown(runs), strict=True))
        out.print(sensitivity(records, technology.name))


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
    """Measure with a progress bar and return the records of each measurement.

    What a user must know of the libraries comes first.
    """
    tell(dict.fromkeys(note for run in runs for note in run.technology.notes))
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


def measure_plans_shown(
    jobs: Sequence[Job], tech: Technology, plans: Sequence[EnergyPlan]
) -> list[list[Record]]:
    """Measure jobs by each plan with a progress bar, and return the records of each."""
    return measure_shown([Measurement(jobs, tech, plan) for plan in plans])


def measured_on(name: str, spec: UnitSpec, tech: str, boundary: str) -> list[Record]:
    """Return the records of a unit on a library, with energies where they can be."""
    technology = resolve(tech)
    request = Request(boundaries=None)
    request.check({name: spec}, [boundary])
    (plan,) = request.plans(technology)
    jobs = jobs_for({name: spec}, [boundary], list(Recipe), technology)
    (records,) = measure_shown([Measurement(jobs, technology, plan)])
    return records


def spread_shown(
    runs: Sequence[Measurement], found: Sequence[Sequence[Record]], netlists: int
) -> list[list[Record]]:
    """Return records with the spread of their netlists, made with a progress bar."""
    others = []
    for run in runs:
        results = [measured(job, run.technology) for job in run.jobs]  # all are kept by now
        again = remade(run.jobs, results, netlists)
        plan = replace(run.plan, netlists="all")
        others.append(Measurement(again, run.technology, plan))
    made = measure_shown(others)
    return [with_spread(mine, other) for mine, other in zip(found, made, strict=True)]


def _anchored(technology: Technology) -> Callable[[Sequence[Job]], list[Result]]:
    """Return what measures netlists with a progress bar, for a curve to begin at."""

    def results(jobs: Sequence[Job]) -> list[Result]:
        measure_shown([Measurement(jobs, technology, EnergyPlan(boundaries=()))])
        return [measured(job, technology) for job in jobs]  # all are kept by now

    return results


def run_saif(
    name: str, spec: UnitSpec, technology: Technology, boundary: str, mode: int,
    stimulus: Stimulus, path: Path,
) -> None:  # fmt: skip
    """Write the activity of a unit's netlist of least area x period, and the netlist."""
    check_output(path)
    check_compiler()
    jobs = jobs_for({name: spec}, [boundary], list(Recipe), technology)
    measure_shown([Measurement(jobs, technology, EnergyPlan(boundaries=()))])
    plan = EnergyPlan(boundaries=(boundary,))
    (best,) = plan.choose(jobs, [measured(job, technology) for job in jobs])
    written = write_saif(jobs[best], technology, stimulus, mode, path)
    err.print(f"activity and netlist: {' '.join(map(str, written))}", soft_wrap=True)

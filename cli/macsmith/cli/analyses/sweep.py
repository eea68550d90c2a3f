"""A sweep from its first point to its files: what is found, computed, refused and left."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from rich import box
from rich.table import Table

from macsmith.analysis.sweep import Refusal, Sweep
from macsmith.analysis.sweep_front import named
from macsmith.cli.outputs import Outputs
from macsmith.cli.progress import show_progress
from macsmith.contract.errors import UserError
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.measure import measure, steps
from macsmith.jobs.netlist_job import Job, Synthesis
from macsmith.jobs.process_pool import Pool
from macsmith.jobs.request import Request
from macsmith.jobs.task import Runner, Task
from macsmith.library.resolve import resolve_each
from macsmith.library.technology import Conditions, Technology
from macsmith.operands.stimulus import STIMULI
from macsmith.output.terminal import err, out, tell
from macsmith.records.record import Record
from macsmith.report.terminal.fronts import sweep_fronts

REASONS = 20
"""Reasons for refusals that are shown."""


@dataclass
class Tally:
    """What became of the points so far."""

    points: int
    found: int = 0
    computed: int = 0
    failures: list[tuple[Task, Exception]] = field(default_factory=list)

    def count(self, task: Task, found: bool) -> None:
        """Count a task that is done."""
        if isinstance(task, Synthesis):
            self.found += found
            self.computed += not found

    @property
    def broken(self) -> list[tuple[Task, Exception]]:
        """The failures that are nobody's rule."""
        return [(task, error) for task, error in self.failures if not isinstance(error, UserError)]

    def __str__(self) -> str:
        done = f"{self.points} points: {self.found} found, {self.computed} computed"
        return done + (f", {len(self.failures)} failures" if self.failures else "")


def run_sweep(
    sweep: Sweep,
    outputs: Outputs,
    workers: int | None,
    scheduler: str | None,
    conditions: Conditions | None = None,
) -> bool:
    """Measure the points of a sweep, write records, print tables, return whether none failed.

    Points that a unit refuses are told and left out. What is done is kept at once, so a sweep that
    was interrupted or killed goes on where it was.
    """
    if workers and scheduler:
        raise UserError(
            f"--workers must not be given with --scheduler, which has its own, not {workers}"
        )
    outputs.check()
    specs, refused = sweep.specs()
    technologies = resolve_each(list(dict.fromkeys(sweep.tech)) or [None], conditions)
    for technology in technologies:
        tell(technology.notes)
    if outputs.html and len(technologies) > 1:
        raise UserError(f"--html must have one technology, not {len(technologies)}")
    request = Request(energy=sweep.energy, stimuli=(STIMULI[sweep.stimulus],))
    parts = [(tech, sweep.jobs(specs, tech), request.plans(tech)[0]) for tech in technologies]
    tally = Tally(sum(len(jobs) for _, jobs, _ in parts))
    if not tally.points:
        raise UserError(
            f"a sweep must have a point, but {technologies[0].name} has no adders as "
            f"{' or '.join(sweep.adders)}"
        )
    try:
        with _runner(workers, scheduler, technologies) as runner:
            records = _records(parts, runner, tally)
    except KeyboardInterrupt:
        kept = tally.found + tally.computed
        raise KeyboardInterrupt(
            f"{kept} of {tally.points} points are kept, and the same command goes on from there"
        ) from None
    _tell_failures(refused, tally)
    if not records:
        raise UserError("a sweep must have a point that can be measured, but all of them failed")
    replace(outputs, html=None).write(records, technologies)
    Outputs(html=outputs.html).write(named(records), technologies)
    for tech, boundary in dict.fromkeys((one["tech"], one["boundary"]) for one in records):
        out.print(sweep_fronts(records, tech, boundary))
    out.print(f"{tally}; {len(refused)} combinations refused", highlight=False)
    return not tally.broken


Part = tuple[Technology, list[Job], EnergyPlan]
"""The points of a sweep on one technology."""


def _records(parts: Sequence[Part], runner: Runner, tally: Tally) -> list[Record]:
    """Return the records of all points, with a progress bar meanwhile."""
    total = sum(steps(jobs, plan) for _, jobs, plan in parts)
    with show_progress("sweep", total) as step:

        def done(task: Task, found: bool) -> None:
            tally.count(task, found)
            step(task.label)

        def failed(task: Task, error: Exception) -> None:
            tally.failures.append((task, error))
            step(task.label)

        found = (measure(jobs, tech, done, plan, runner, failed) for tech, jobs, plan in parts)
        return [record for records in found for record in records]


def _tell_failures(refused: Sequence[Refusal], tally: Tally) -> None:
    """Print what is left out and why, and what failed."""
    reasons = [(one.unit, one.sentence) for one in refused]
    reasons += [(task.label, str(e)) for task, e in tally.failures if isinstance(e, UserError)]
    if reasons:
        out.print(_refusals(reasons))
    for task, error in tally.broken:
        err.print(f"{task.label} failed: {error}", soft_wrap=True, markup=False)


def _refusals(reasons: Sequence[tuple[str, str]]) -> Table:
    """Return why combinations are left out, and how many by each reason."""
    counts = Counter(reasons)
    shown = Table(title="left out", title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in ("what", "rule"):
        shown.add_column(heading)
    shown.add_column("combinations", justify="right")
    for (what, sentence), count in counts.most_common(REASONS):
        shown.add_row(what, sentence, str(count))
    if len(counts) > REASONS:
        shown.caption = f"{len(counts) - REASONS} more reasons are left out"
    return shown


def _runner(
    workers: int | None, scheduler: str | None, technologies: Sequence[Technology]
) -> AbstractContextManager[Runner]:
    if scheduler is None:
        return Pool(workers)
    try:
        from macsmith.jobs.dask_cluster import Cluster
    except ImportError:
        raise UserError("--scheduler needs Dask: pip install 'macsmith[dask]'") from None
    return Cluster(scheduler, technologies)

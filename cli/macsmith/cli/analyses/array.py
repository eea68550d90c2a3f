"""The command ``macsmith array``: tensor PEs measured, compared with the classic one, and shown."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from macsmith.analysis.pe_gains import Point, jobs_of
from macsmith.analysis.pe_records import array_records
from macsmith.analysis.published.tensor_pe import statements
from macsmith.cli.measurement import measure_plans_shown
from macsmith.cli.outputs import Outputs
from macsmith.contract.errors import UserError
from macsmith.jobs.energy_job import energy_limit
from macsmith.jobs.netlist_job import Job
from macsmith.jobs.request import energy_possible
from macsmith.library.resolve import resolve
from macsmith.library.technology import Conditions
from macsmith.operands import array_tiles
from macsmith.operands.stimulus import Network, Stimulus, UnfitError, Uniform
from macsmith.output.terminal import out
from macsmith.records.record import PeRecord
from macsmith.report.terminal.arrays import gains

USUAL: tuple[Stimulus, ...] = (Uniform(), Network())
"""Operands if none are named."""


def run_array(
    points: Sequence[Point],
    tech: str | None,
    settings: Sequence[str],
    stimuli: Sequence[Stimulus],
    outputs: Outputs,
    energy: bool | None = None,
    conditions: Conditions | None = None,
) -> None:
    """Measure PEs, write their records and print what they gain.

    Without stimuli they are those of `USUAL` that have operands for the PEs.
    """
    outputs.check()
    technology = resolve(tech, conditions)
    operands: Sequence[Stimulus] = []
    if energy is not False and energy_possible(technology, asked=bool(energy)):
        job = jobs_of(points[0], settings, technology)[0]
        limit = energy_limit(job.name, job.spec, job.boundary)
        if limit is None:
            operands = stimuli or fitting(job)
        elif energy or stimuli:
            raise UserError(f"energy of {job.name} must be {limit}")
    records = array_records(points, technology, settings, operands, measure_plans_shown)
    replace(outputs, html=None, plots=None).write(records, [technology])
    Outputs(html=outputs.html, plots=outputs.plots).write(titled(records), [technology])
    for point in dict.fromkeys(record["point"] for record in records):
        out.print(*gains([record for record in records if record["point"] == point]))
    for sentence in statements(records):
        out.print(sentence, soft_wrap=True, highlight=False, markup=False)


def fitting(job: Job) -> list[Stimulus]:
    """Return the usual stimuli that have operands for a PE."""
    found = []
    for stimulus in USUAL:
        with suppress(UnfitError):
            array_tiles.check(stimulus, job.spec)
            found.append(stimulus)
    return found


def titled(records: Sequence[PeRecord]) -> list[PeRecord]:
    """Return records whose units are named after their points, for a page with one row a unit."""
    return [r | {"unit": f"{r['pe']} {r['density']}"} for r in records]

"""The command ``macsmith array``: tensor PEs measured, compared with the classic one, and shown."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from macsmith.analysis.pe_gains import Point, drain_area, jobs_of, placed, smallest, with_gains
from macsmith.analysis.published.tensor_pe import statements
from macsmith.cli.measurement import Measurement, measure_shown
from macsmith.cli.outputs import Outputs
from macsmith.contract.errors import UserError
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.netlist_job import Job, measured
from macsmith.jobs.request import energy_possible
from macsmith.library.resolve import resolve
from macsmith.library.technology import Technology
from macsmith.operands import array_tiles
from macsmith.operands.stimulus import Network, Stimulus, UnfitError, Uniform
from macsmith.output.terminal import out
from macsmith.records.record import PeRecord, PlacedRecord, Record, is_of_array
from macsmith.report.terminal.arrays import gains

NO_ENERGY = EnergyPlan(boundaries=())

USUAL: tuple[Stimulus, ...] = (Uniform(), Network())
"""Operands if none are named."""


def run_array(
    points: Sequence[Point],
    tech: str | None,
    settings: Sequence[str],
    stimuli: Sequence[Stimulus],
    outputs: Outputs,
    energy: bool | None = None,
) -> None:
    """Measure PEs, write their records and print what they gain.

    Without stimuli they are those of `USUAL` that have operands for the PEs.
    """
    outputs.check()
    technology = resolve(tech)
    operands: Sequence[Stimulus] = []
    if energy is not False and energy_possible(technology, asked=bool(energy)):
        operands = stimuli or fitting(jobs_of(points[0], settings, technology)[0])
    records = array_records(points, technology, settings, operands)
    replace(outputs, html=None, plots=None).write(records, [technology])
    Outputs(html=outputs.html, plots=outputs.plots).write(titled(records), [technology])
    for point in dict.fromkeys(record["point"] for record in records):
        out.print(*gains([record for record in records if record["point"] == point]))
    for sentence in statements(records):
        out.print(sentence, soft_wrap=True, highlight=False, markup=False)


def array_records(
    points: Sequence[Point],
    tech: Technology,
    settings: Sequence[str],
    stimuli: Sequence[Stimulus],
) -> list[PeRecord]:
    """Return the records of the smallest netlist of each PE, for each mode and stimulus.

    Without stimuli there are no energies.
    """
    tried = [jobs_of(point, settings, tech) for point in points]
    spec = tried[0][0].spec
    if getattr(spec, "dataflow", None) != "output":
        raise UserError(f"dataflow must be 'output' here, not {spec.parameters()['dataflow']!r}")
    plans = [NO_ENERGY]
    if stimuli:
        for stimulus in stimuli:
            array_tiles.check(stimulus, spec)
        plans = [EnergyPlan(stimulus, ("pe",), every_netlist=True) for stimulus in stimuli]
    measure_shown([Measurement([job for jobs in tried for job in jobs], tech, NO_ENERGY)])
    chosen = [smallest(jobs, [measured(job, tech) for job in jobs]) for jobs in tried]
    runs = measure_shown([Measurement(chosen, tech, plan) for plan in plans])
    return with_gains(
        [
            record
            for number, run in enumerate(runs)
            for record in _placed(run, points, chosen, tech)
            # Of a stimulus after the first there is nothing new where there is no energy.
            if record["stimulus"] or not number
        ]
    )


def fitting(job: Job) -> list[Stimulus]:
    """Return the usual stimuli that have operands for a PE."""
    found = []
    for stimulus in USUAL:
        with suppress(UnfitError):
            array_tiles.check(stimulus, job.spec)
            found.append(stimulus)
    return found


def _placed(
    records: Sequence[Record], points: Sequence[Point], jobs: Sequence[Job], tech: Technology
) -> list[PlacedRecord]:
    """Return the records of one run with their points; each job has one a mode, in order."""
    each = len(records) // len(jobs)
    drains = [drain_area(job, tech) for job in jobs]
    return [
        placed(record, points[k // each], drains[k // each], tech)
        for k, record in enumerate(filter(is_of_array, records))
    ]


def titled(records: Sequence[PeRecord]) -> list[PeRecord]:
    """Return records whose units are named after their points, for a page with one row a unit."""
    return [r | {"unit": f"{r['unit']} {r['pe']} {r['density']}"} for r in records]

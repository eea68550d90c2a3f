"""Records of tensor PEs: the smallest netlist of each, with its energies and its gains."""

from collections.abc import Callable, Sequence
from typing import Any

from macsmith.analysis.pe_gains import Point, drain_area, jobs_of, placed, smallest, with_gains
from macsmith.contract.errors import UserError
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import Job, measured
from macsmith.library.technology import Technology
from macsmith.operands import array_tiles
from macsmith.operands.stimulus import Stimulus
from macsmith.records.record import PeRecord, PlacedRecord, Record, is_of_array

NO_ENERGY = EnergyPlan(boundaries=())

Measure = Callable[[Sequence[Job], Technology, Sequence[EnergyPlan]], list[list[Record]]]
"""Measures jobs by each plan, and returns the records of each."""


def measure_silently(
    jobs: Sequence[Job], tech: Technology, plans: Sequence[EnergyPlan]
) -> list[list[Record]]:
    """Measure jobs by each plan, without a word on progress."""
    return [measure(jobs, tech, energy=plan) for plan in plans]


def array_records(
    points: Sequence[Point],
    tech: Technology,
    settings: Sequence[str],
    stimuli: Sequence[Stimulus],
    measure_all: Measure = measure_silently,
) -> list[PeRecord]:
    """Return the records of the smallest netlist of each PE, for each mode and stimulus.

    Without stimuli there are no energies.

    Raises
    ------
    UserError
        If the array's PEs hold no sums, or a stimulus does not fit them.
    """
    tried = [jobs_of(point, settings, tech) for point in points]
    spec: Any = tried[0][0].spec
    if spec.movement.chains_sums:
        raise UserError(f"dataflow must be 'output' here, not {spec.dataflow!r}")
    plans = [NO_ENERGY]
    if stimuli:
        for stimulus in stimuli:
            array_tiles.check(stimulus, spec)
        plans = [EnergyPlan(stimulus, ("pe",), netlists="all") for stimulus in stimuli]
    measure_all([job for jobs in tried for job in jobs], tech, [NO_ENERGY])
    chosen = [smallest(jobs, [measured(job, tech) for job in jobs]) for jobs in tried]
    runs = measure_all(chosen, tech, plans)
    return with_gains(
        [
            record
            for number, run in enumerate(runs)
            for record in _placed(run, points, chosen, tech)
            # Of a stimulus after the first there is nothing new where there is no energy.
            if record["stimulus"] or not number
        ]
    )


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

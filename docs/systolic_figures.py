"""The table of PEs in docs/systolic-array.md, which docs/figures.py fills."""

from filling import markdown

from macsmith.analysis.pe_gains import (
    CLASSIC,
    Point,
    drain_area,
    jobs_of,
    placed,
    points_of,
    smallest,
    with_gains,
)
from macsmith.analysis.published.tensor_pe import beside, reasons
from macsmith.cli.array import array_records
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import Job, measured
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Network, Uniform
from macsmith.records.record import Record

STIMULI = (Uniform(), Network())

FURTHER = (Point("4x8x4", "1/8"),)
"""Points beyond those that ``macsmith array`` measures by itself."""


def records_of(tech: Technology) -> list[Record]:
    """Return the records of all points, of random operands and of the network's."""
    return array_records([*points_of(), *FURTHER], tech, [], STIMULI)


def pes(tech: Technology) -> str:
    """Return area, period and energy of PEs, and what they gain over the classic one."""
    records = records_of(tech)
    uniform, network = (
        [record for record in records if record["stimulus"] == stimulus.label]
        for stimulus in STIMULI
    )
    rows = [_areas(record) + _energies(record, other)
            for record, other in zip(uniform, network, strict=True)]  # fmt: skip
    rows.insert(1, [*_areas(_weight_stationary(records[0], tech)), *[""] * 5])
    head = ["PE", "density", "products a cycle", "adder", "area um2", "FF", "period ns",
            "um2 a product", "over classic", "without sum registers", "pJ a product, random",
            "over classic", "pJ a multiplication", "pJ a product, network",
            "over classic"]  # fmt: skip
    return markdown(head, rows, 2)


def published(tech: Technology) -> str:
    """Return the published factors beside ours, and what bounds ours."""
    records = records_of(tech)
    rows = [
        [
            one.claim.what, one.claim.density, one.gain.replace("_", " "),
            f"{one.claim.factor:.2f} in {one.claim.gain}", f"{one.ours:.2f}", one.record["pe"],
            f"{one.ours / one.claim.factor:.2f}" + ", short of it" * one.short,
        ]
        for one in beside(records)
    ]  # fmt: skip
    head = ["published of", "our density", "our figure", "published", "ours", "PE",
            "ours over published"]  # fmt: skip
    sentences = "\n".join(f"- {sentence}" for sentence in reasons(records))
    return f"{markdown(head, rows, 3)}\n\n{sentences}"


def _weight_stationary(classic: Record, tech: Technology) -> Record:
    """Return the record of the classic PE of a weight-stationary array, which has no energy."""
    jobs = jobs_of(CLASSIC, ["dataflow=weight"], tech)
    measure(jobs, tech)
    best: Job = smallest(jobs, [measured(job, tech) for job in jobs])
    point = Point(CLASSIC.pe, "dense, weight stationary")
    (record,) = measure([best], tech)
    silent = classic | {"stimulus": None}
    return with_gains([silent, placed(record, point, drain_area(best, tech), tech)])[1]


def _areas(record: Record) -> list[str]:
    macs = record["macs_per_cycle"]
    return [
        record["pe"], record["density"], f"{macs:g}", record["parameters"]["adder"],
        f"{record['area_um2']:.0f}", str(record["flip_flops"]), f"{record['period_ns']:.2f}",
        f"{record['area_um2'] / macs:.1f}", f"{record['area_gain']:.2f}",
        f"{record['area_gain_without_drain']:.2f}",
    ]  # fmt: skip


def _energies(uniform: Record, network: Record) -> list[str]:
    return [
        f"{uniform['energy_pj_per_mac']:.3f}", f"{uniform['energy_gain']:.2f}",
        f"{uniform['energy_pj_per_executed_mac']:.3f}",
        f"{network['energy_pj_per_mac']:.3f}", f"{network['energy_gain']:.2f}",
    ]  # fmt: skip

"""The tables of tensor PEs in docs/systolic-array.md."""

from collections.abc import Sequence
from typing import cast

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
from macsmith.analysis.pe_records import array_records
from macsmith.analysis.published.tensor_pe import beside, reasons
from macsmith.figures.docs_page import (
    LibraryRun,
    Measured,
    MeasuredRegion,
    Records,
    Row,
    Shown,
    rows_of,
)
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import measured
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Network, Uniform
from macsmith.records.record import PeRecord, is_of_array

STIMULI = (Uniform(), Network())

FURTHER = (Point("4x8x4", "1/8"),)
"""Points beyond those that ``macsmith array`` measures by itself."""

SILENT = Point(CLASSIC.pe, "dense, weight stationary")
"""The classic PE of a weight-stationary array, which has no energy."""


def measure_pes(tech: Technology) -> Records:
    """Measure all points with random operands and the network's, and the one without energy."""
    records = array_records([*points_of(), *FURTHER], tech, [], STIMULI)
    return rows_of([*records, _weight_stationary(records[0], tech)])


def _weight_stationary(classic: PeRecord, tech: Technology) -> PeRecord:
    jobs = jobs_of(CLASSIC, ["dataflow=weight"], tech)
    measure(jobs, tech)
    best = smallest(jobs, [measured(job, tech) for job in jobs])
    (record,) = filter(is_of_array, measure([best], tech))
    silent: PeRecord = classic | {"stimulus": None}
    return with_gains([silent, placed(record, SILENT, drain_area(best, tech), tech)])[1]


def pes(runs: Sequence[LibraryRun]) -> Shown:
    """Return area, period and energy of PEs, and what they gain over the classic one."""
    uniform, network, (silent,) = (
        [record for record in runs[0].records if record["stimulus"] == label]
        for label in (*(stimulus.label for stimulus in STIMULI), None)
    )
    rows = [_areas(record) + _energies(record, other)
            for record, other in zip(uniform, network, strict=True)]  # fmt: skip
    rows.insert(1, [*_areas(silent), *[""] * 5])
    head = ["PE", "density", "products a cycle", "adder", "area um2", "FF", "period ns",
            "um2 a product", "over classic", "without sum registers", "pJ a product, random",
            "over classic", "pJ a multiplication", "pJ a product, network",
            "over classic"]  # fmt: skip
    return Shown(f"{table(head, rows, 2)}\n\n{made(runs, 'PEs')}")


def published(runs: Sequence[LibraryRun]) -> Shown:
    """Return the published factors beside ours, and what bounds ours."""
    records = [cast(PeRecord, record) for record in runs[0].records if record["stimulus"]]
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
    return Shown(f"{table(head, rows, 3)}\n\n{sentences}\n\n{made(runs, 'PEs')}")


def _areas(record: Row) -> list[str]:
    macs = record["macs_per_cycle"]
    return [
        record["pe"], record["density"], f"{macs:g}", record["parameters"]["adder"],
        f"{record['area_um2']:.0f}", str(record["flip_flops"]), f"{record['period_ns']:.2f}",
        f"{record['area_um2'] / macs:.1f}", f"{record['area_gain']:.2f}",
        f"{record['area_gain_without_drain']:.2f}",
    ]  # fmt: skip


def _energies(uniform: Row, network: Row) -> list[str]:
    return [
        f"{uniform['energy_pj_per_mac']:.3f}", f"{uniform['energy_gain']:.2f}",
        f"{uniform['energy_pj_per_executed_mac']:.3f}",
        f"{network['energy_pj_per_mac']:.3f}", f"{network['energy_gain']:.2f}",
    ]  # fmt: skip


PES = Measured("pes", measure_pes)

REGIONS = (MeasuredRegion("pes", PES, pes), MeasuredRegion("published", PES, published))

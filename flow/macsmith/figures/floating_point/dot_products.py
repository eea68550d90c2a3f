"""Dot products of each format in each alignment, beside integers of 8 bits at equal throughput."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from macsmith.catalog.catalog import make_spec
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
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import Job
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Uniform
from macsmith.records.record import Record
from macsmith.synthesis.yosys_abc import Recipe

DOT, INTEGERS = "fp-dot", "data-gated"

FORMATS = ("e4m3fn", "e5m2", "mxfp8", "mxfp4", "nvfp4", "fp16", "bf16")

WIDE = "bf16"
"""The format without exact sums."""

ALIGNMENTS: Mapping[str, Mapping[str, Any]] = {
    "exact": {"alignment": "exact", "acc": "fp32"},
    "window of 13": {"alignment": "window", "fraction_bits": 13, "acc": "e8m13",
                     "rounding": "toward-zero"},
    "window of 25": {"alignment": "window", "fraction_bits": 25, "acc": "fp32",
                     "rounding": "toward-zero"},
}  # fmt: skip
"""What is measured of each format: accumulators are those of the processors that align so."""

INT8: Mapping[str, Any] = {"act_signed": True, "headroom": 12}

STIMULUS = Uniform(beats=1_000)


def dot_specs(products: int, **parameters: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield each format and alignment with its specification, with some more parameters."""
    for fmt, (alignment, own) in product(FORMATS, ALIGNMENTS.items()):
        if fmt != WIDE or alignment != "exact":
            given = {"products": products, "formats": (fmt,), **own, **parameters}
            yield fmt, alignment, make_spec(DOT, given)


def _jobs(products: int, tech: Technology) -> Iterator[tuple[Row, Job]]:
    """Yield each job with its format and alignment."""
    cells = tech.full_adder is not None
    spec = make_spec(INTEGERS, {**INT8, "length": products})
    yield {"format": "int8", "aligned": ""}, Job(INTEGERS, spec, "core", Recipe.BALANCED, cells)
    for fmt, alignment, spec in dot_specs(products):
        what = {"format": fmt, "aligned": alignment}
        yield what, Job(DOT, spec, "unit", Recipe.BALANCED, cells)


def dots(products: int) -> Callable[[Technology], Records]:
    """Return what measures dot products of a length, one netlist each."""

    def measured(tech: Technology) -> Records:
        plan = EnergyPlan(STIMULUS, ("core", "unit"), "all")
        return one_netlist_each(_jobs(products, tech), tech, plan)

    return measured


def one_netlist_each(
    jobs: Iterable[tuple[Row, Job]], tech: Technology, energy: EnergyPlan | None = None
) -> Records:
    """Measure jobs and return the first record of each, with what its row says besides."""
    jobs = list(jobs)
    found: dict[tuple[str, str], Record] = {}
    for record in measure([job for _, job in jobs], tech, energy=energy):
        found.setdefault((record["unit"], str(record["parameters"])), record)
    return rows_of({**found[job.name, str(job.spec.parameters())], **what} for what, job in jobs)


def shown(runs: Sequence[LibraryRun]) -> Shown:
    """Return area, period and energy of each, and what they are to those of INT8, by library."""
    tables = [f"{run.library}:\n\n{_table(run.records)}" for run in runs]
    text = f"Energies {runs[0].records[0]['stimulus']}."
    return Shown("\n\n".join([*tables, f"{text} {made(runs, 'One netlist each')}"]))


def _table(records: Records) -> str:
    first = records[0]
    rows = [
        [
            f"`{record['format']}`", record["aligned"], f"{record['area_um2']:,.0f}",
            f"{record['period_ns']:.2f}", f"{record['energy_pj_per_operation']:.2f}",
            *(f"{_to(record, first, keys):.1f}" for keys in _RATIOS),
        ]
        for record in records
    ]  # fmt: skip
    head = ["format", "alignment", "area, um2", "period, ns", "energy of a product, pJ",
            "area, to INT8", "area x period", "energy"]  # fmt: skip
    return table(head, rows, 2)


_RATIOS = (("area_um2",), ("area_um2", "period_ns"), ("energy_pj_per_operation",))


def _to(record: Row, first: Row, keys: Sequence[str]) -> float:
    ratio = 1.0
    for key in keys:
        ratio *= float(record[key]) / float(first[key])
    return ratio


REGION = MeasuredRegion("dots of 4", Measured("dots of 4", dots(4), several=True), shown)
"""Of docs/floating-point.md."""

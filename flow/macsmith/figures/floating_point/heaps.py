"""What the bit heap of floating-point dot products is worth beside operators."""

from collections.abc import Iterator, Sequence
from itertools import product
from statistics import geometric_mean

from macsmith.figures.docs_page import (
    LibraryRun,
    Measured,
    MeasuredRegion,
    Records,
    Row,
    Shown,
    rows_of,
)
from macsmith.figures.floating_point.dot_products import DOT, dot_specs
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import Job
from macsmith.library.technology import Technology
from macsmith.records.record import Record
from macsmith.synthesis.yosys_abc import Recipe

PRODUCTS = (4,)

WAYS = ("heap", "operators")


def _jobs(tech: Technology) -> Iterator[tuple[Row, Job]]:
    cells = tech.full_adder is not None
    for products, arith in product(PRODUCTS, WAYS):
        for fmt, alignment, spec in dot_specs(products, arith=arith):
            what = {"format": fmt, "aligned": alignment, "products": products, "arith": arith}
            yield what, Job(DOT, spec, "unit", Recipe.BALANCED, cells)


def measured(tech: Technology) -> Records:
    """Measure each dot product both ways, one netlist each."""
    jobs = list(_jobs(tech))
    found: dict[str, Record] = {}
    for record in measure([job for _, job in jobs], tech):
        found.setdefault(str(record["parameters"]), record)
    return rows_of({**found[str(job.spec.parameters())], **what} for what, job in jobs)


def shown(runs: Sequence[LibraryRun]) -> Shown:
    """Return area and period of a heap over those of operators, and their geometric means."""
    rows, means = [], []
    for run in runs:
        gains: dict[int, list[float]] = {}
        for heap in (one for one in run.records if one["arith"] == WAYS[0]):
            other = next(one for one in run.records if _pair(one) == _pair(heap, WAYS[1]))
            area, period = (heap[key] / other[key] for key in ("area_um2", "period_ns"))
            gains.setdefault(heap["products"], []).append(area * period)
            rows.append([
                run.library, f"`{heap['format']}`", heap["aligned"], str(heap["products"]),
                f"{area:.2f}", f"{period:.2f}", f"{area * period:.2f}",
            ])  # fmt: skip
        each = [f"{geometric_mean(gain):.3f} of {n} products" for n, gain in gains.items()]
        whole = geometric_mean([gain for some in gains.values() for gain in some])
        means.append(f"{run.library} {', '.join(each)}, {whole:.3f} of all")
    head = ["library", "format", "alignment", "products", "area", "period", "area x period"]
    text = f"Heap over operators. Geometric means of area x period: {'; '.join(means)}."
    return Shown(f"{table(head, rows, 3)}\n\n{text} {made(runs, 'One netlist each')}")


def _pair(record: Row, arith: str = "") -> tuple[object, ...]:
    named = (record[key] for key in ("format", "aligned", "products"))
    return (*named, arith or record["arith"])


REGION = MeasuredRegion("heaps", Measured("heaps", measured, several=True), shown)
"""Of docs/floating-point.md."""

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
)
from macsmith.figures.floating_point.dot_products import DOT, dot_specs, one_netlist_each
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
from macsmith.jobs.netlist_job import Job
from macsmith.library.technology import Technology
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
    return one_netlist_each(_jobs(tech), tech)


def shown(runs: Sequence[LibraryRun]) -> Shown:
    """Return area and period of a heap over those of operators, and their geometric means."""
    rows, means = [], []
    for run in runs:
        gains = []
        for heap in (one for one in run.records if one["arith"] == WAYS[0]):
            other = next(one for one in run.records if _pair(one) == _pair(heap, WAYS[1]))
            area, period = (heap[key] / other[key] for key in ("area_um2", "period_ns"))
            gains.append(area * period)
            rows.append([
                run.library, f"`{heap['format']}`", heap["aligned"], str(heap["products"]),
                f"{area:.2f}", f"{period:.2f}", f"{area * period:.2f}",
            ])  # fmt: skip
        means.append(f"{run.library} {geometric_mean(gains):.3f}")
    head = ["library", "format", "alignment", "products", "area", "period", "area x period"]
    text = f"Heap over operators. Geometric mean of area x period: {', '.join(means)}."
    return Shown(f"{table(head, rows, 3)}\n\n{text} {made(runs, 'One netlist each')}")


def _pair(record: Row, arith: str = "") -> tuple[object, ...]:
    named = (record[key] for key in ("format", "aligned", "products"))
    return (*named, arith or record["arith"])


REGION = MeasuredRegion("heaps", Measured("heaps", measured, several=True), shown)
"""Of docs/floating-point.md."""

"""Processing elements with one pipeline for floating point and integers, and with one for each."""

from collections.abc import Mapping, Sequence
from statistics import fmean

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
from macsmith.synthesis.yosys_abc import Recipe

MERGED, SEPARATE = "fp-int-merged", "fp-int-separate"

RATIOS = (1, 2, 4, 8)
"""Products of INT4 for each of FP8."""

AS_PUBLISHED = 4
"""That of the published element."""

LANES = 1
"""Of the element that is measured; the published one has 8, which share nothing but control."""

STIMULUS = Uniform(beats=2_000)

EFFICIENCY = {MERGED: (1.0, 2.2, 5.6), SEPARATE: (1.1, 2.3, 10.6)}
"""Published operations for an energy, of FP16, FP8 and INT4, the merged one's of FP16 being 1."""

AREA = 1.16
"""Published area of the separate element over that of the merged one."""


def elements(tech: Technology) -> Records:
    """Measure both elements at all ratios, the netlist of one recipe each."""
    jobs = [
        Job(name, make_spec(name, {"lanes": LANES, "ratio": ratio}), "unit", Recipe.BALANCED,
            tech.full_adder is not None)
        for ratio in RATIOS
        for name in (MERGED, SEPARATE)
    ]  # fmt: skip
    return rows_of(measure(jobs, tech, energy=EnergyPlan(STIMULUS, ("unit",), "all")))


def beside_published(runs: Sequence[LibraryRun]) -> Shown:
    """Return the energy of a product in each format, and the efficiency beside the published."""
    run = runs[0]
    found = _by_ratio(run.records)[AS_PUBLISHED]
    points = list(found[MERGED])
    unit = _energy(found[MERGED][points[0]])
    rows = []
    for index, point in enumerate(points):
        both = [found[name][point] for name in (MERGED, SEPARATE)]
        published = [
            f"{EFFICIENCY[name][index]:.1f}" if index < 3 else "" for name in (MERGED, SEPARATE)
        ]
        rows.append(
            [
                f"`{point}`", f"{both[0]['operations_per_cycle'] / LANES:g}",
                *(f"{_energy(one):.2f}" for one in both),
                *(f"{unit / _energy(one):.1f}" for one in both), *published,
                f"{_energy(both[0]) / _energy(both[1]):.2f}", _gain(index),
            ]
        )  # fmt: skip
    head = ["format", "products a cycle and lane", "merged, pJ", "separate, pJ",
            "merged, to its FP16", "separate", "published: merged", "separate", "gain",
            "published"]  # fmt: skip
    first = [found[name][points[0]] for name in (MERGED, SEPARATE)]
    text = (
        f"Area {first[0]['area_um2']:,.0f} and {first[1]['area_um2']:,.0f} um2: the separate "
        f"element has {first[1]['area_um2'] / first[0]['area_um2']:.2f} times the merged one's, "
        f"published {AREA}. Periods {first[0]['period_ns']:.2f} and "
        f"{first[1]['period_ns']:.2f} ns. Energies of a product, {first[0]['stimulus']}."
    )
    return Shown(f"{table(head, rows)}\n\n{text} {made(runs[:1], 'One lane')}")


def by_ratio(runs: Sequence[LibraryRun]) -> Shown:
    """Return what a pipeline of their own costs and gains integers, by how many there are."""
    run = runs[0]
    rows = []
    for ratio, found in _by_ratio(run.records).items():
        points = list(found[MERGED])
        first = [found[name][points[0]] for name in (MERGED, SEPARATE)]
        area = first[1]["area_um2"] / first[0]["area_um2"]
        gains = [
            _energy(found[MERGED][point]) / _energy(found[SEPARATE][point]) for point in points
        ]
        rows.append(
            [
                str(ratio), *(f"{one['area_um2']:,.0f}" for one in first), f"{area:.3f}",
                *(f"{gain:.2f}" for gain in gains), f"{fmean(gains[2:]) / area:.2f}",
            ]
        )  # fmt: skip
    points = [point for point in _by_ratio(run.records)[AS_PUBLISHED][MERGED]]
    head = ["INT4 for each FP8", "merged, um2", "separate, um2", "area",
            *(f"gain, `{point}`" for point in points), "gain of integers over area"]  # fmt: skip
    return Shown(f"{table(head, rows, 0)}\n\n{made(runs[:1], 'One lane')}")


def _by_ratio(records: Records) -> Mapping[int, Mapping[str, Mapping[str, Row]]]:
    """Return records by ratio, unit and point."""
    found: dict[int, dict[str, dict[str, Row]]] = {}
    for record in records:
        units = found.setdefault(record["parameters"]["ratio"], {})
        units.setdefault(record["unit"], {})[record["point"]] = record
    return found


def _energy(record: Row) -> float:
    return float(record["energy_pj_per_operation"])


def _gain(index: int) -> str:
    if index >= len(EFFICIENCY[MERGED]):
        return ""
    return f"{EFFICIENCY[SEPARATE][index] / EFFICIENCY[MERGED][index]:.2f}"


_MEASURED = Measured("elements", elements)

REGIONS = (
    MeasuredRegion("elements", _MEASURED, beside_published),
    MeasuredRegion("ratios", _MEASURED, by_ratio),
)
"""Of docs/floating-point.md."""

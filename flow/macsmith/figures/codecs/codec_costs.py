"""The table of docs/codecs.md: what codecs cost, and EBPC beside the published unit."""

from collections.abc import Sequence
from typing import Any

from macsmith.catalog.catalog import make_spec
from macsmith.figures.codecs import codec_ratios
from macsmith.figures.docs_page import (
    LibraryRun,
    Measured,
    MeasuredRegion,
    Page,
    Records,
    Shown,
    rows_of,
)
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import Job, jobs_for
from macsmith.library.technology import Technology
from macsmith.synthesis.yosys_abc import Recipe

PUBLISHED_GHZ, PUBLISHED_RATE = 0.6, 0.80
"""EBPC's unit of the paper, in 65 nm: its clock, and what its states give of dense bytes."""

PUBLISHED_KGE = {"encoder": 2.8, "decoder": 3.0}

SIDES = tuple(PUBLISHED_KGE)

FORMS: Sequence[dict[str, Any]] = ({"planes": 1, "word": 8}, {"planes": 2, "word": 16})

NAMES = ("bitmask", "zero-run", "rlc", "csc", "block")

SEARCHES: dict[str, Sequence[dict[str, Any]]] = {
    "encoder": ({},), "decoder": ({"search": "parallel"}, {"search": "serial"}),
}  # fmt: skip
"""Huffman codecs, which are measured without their memories."""

RECIPES = (Recipe.AREA, Recipe.BALANCED)


def measure_costs(tech: Technology) -> Records:
    """Measure all codecs without memories, of few gates and balanced."""
    jobs: list[Job] = []
    for side in SIDES:
        named = {f"{name}-{side}": make_spec(f"{name}-{side}") for name in NAMES}
        jobs += jobs_for(named, None, RECIPES, tech)
        for name, forms in (("ebpc", FORMS), ("huffman", SEARCHES[side])):
            for form in forms:
                spec = make_spec(f"{name}-{side}", form)
                jobs += jobs_for({f"{name}-{side}": spec}, None, RECIPES, tech)
    kept = ("unit", "parameters", "recipe", "adders", "area_um2", "area_ge", "period_ns")
    return [
        {key: record[key] for key in kept if key in record}
        for record in rows_of(measure(jobs, tech))
    ]


def shown(runs: Sequence[LibraryRun]) -> Shown:
    """Return the areas and periods, and those of EBPC by throughput."""
    parts = []
    for run in runs:
        parts += [_all(run.records), _beside(run.records)]
    return Shown("\n\n".join([*parts, made(runs, "Netlists")]))


def _label(record: Any) -> str:
    settings, name = record["parameters"], f"`{record['unit']}`"
    if "planes" in settings:
        return f"{name}, {settings['planes']} a cycle"
    return f"{name}, {settings['search']}" if "search" in settings else name


def _least(records: Records, recipe: Recipe) -> Records:
    """Return the smallest netlist of each unit by a recipe."""
    found: dict[str, Any] = {}
    for record in records:
        if record["recipe"] == recipe.value:
            known = found.get(_label(record), record)
            found[_label(record)] = min(record, known, key=lambda one: float(one["area_um2"]))
    return list(found.values())


def _all(records: Records) -> str:
    rows = [
        [
            _label(one),
            _size(one),
            f"{one['period_ns']:.2f}",
            _size(fast),
            f"{fast['period_ns']:.2f}",
        ]
        for one, fast in zip(*(_least(records, recipe) for recipe in RECIPES), strict=True)
    ]
    return table(["unit", "area: kGE", "ns", "balanced: kGE", "ns"], rows)


def _size(record: Any) -> str:
    return f"{record['area_ge'] / 1000:.2f}"


def _rate(record: Any) -> float:
    spec: Any = make_spec(record["unit"], record["parameters"])
    return float(min(1, spec.block / spec.steps))


def _beside(records: Records) -> str:
    """Return EBPC's netlists beside the published unit, by values of a dense stream."""
    rows = []
    for side in SIDES:
        size = PUBLISHED_KGE[side]
        speed = PUBLISHED_GHZ * PUBLISHED_RATE
        rows.append([f"published {side}, 65 nm", f"{size:.2f}", f"{PUBLISHED_RATE:.2f}",
                     f"{PUBLISHED_GHZ * 1000:.0f}", f"{speed / size:.3f}"])  # fmt: skip
        for recipe in RECIPES:
            for one in _least(records, recipe):
                if one["unit"] != f"ebpc-{side}":
                    continue
                clock = 1 / one["period_ns"]
                speed = clock * _rate(one) / one["area_ge"] * 1000
                rows.append([f"{_label(one)}, {recipe.value}", _size(one), f"{_rate(one):.2f}",
                             f"{clock * 1000:.0f}", f"{speed:.3f}"])  # fmt: skip
    head = ["EBPC", "kGE", "values a cycle", "MHz", "values a ns and kGE"]
    return table(head, rows)


PAGE = Page(
    "docs/codecs.md",
    (codec_ratios.REGION, MeasuredRegion("costs", Measured("costs", measure_costs, True), shown)),
)

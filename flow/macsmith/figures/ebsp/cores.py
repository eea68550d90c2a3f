"""The measured tables of cores and units in docs/ebsp.md, and of ratios on several libraries."""

from collections.abc import Sequence

from macsmith.figures.docs_page import LibraryRun, Measured, MeasuredRegion, Records, Shown
from macsmith.figures.ebsp.beside import energies, heads
from macsmith.figures.ebsp.designs import (
    ADDERS,
    AS_FAST,
    BANK,
    BY_LUT,
    MULTIPLIER,
    ROWS,
    Design,
    find,
    netlists,
    whole_weights,
)
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
from macsmith.library.technology import Technology
from macsmith.synthesis.yosys_abc import Recipe

CORES = [
    Design("`data-gated` 8x8", "data-gated", whole_weights(8), "core", (8, None)),
    Design("`data-gated` 8x6", "data-gated", whole_weights(6), "core"),
    *(
        Design(f"`ebsp` `lut={lut}`{what}", "ebsp", {"lut": lut, "steering": steering}, "core")
        for steering, what in (("load", ""), ("datapath", ", detector"))
        for lut in ("shared-rows", "whole")
    ),
    Design("`ebsp` `lut=digits-4`", "ebsp", {}, "core"),
]

WHOLE = [
    Design("`data-gated` 8x8", "data-gated", whole_weights(8), "unit", (8, None)),
    Design("`data-gated` 8x6", "data-gated", whole_weights(6), "unit"),
    *(
        Design(
            f"`ebsp` `lut={lut}` `steering={one}`", "ebsp", {"lut": lut, "steering": one}, "unit"
        )
        for lut in ("shared-rows", "whole")
        for one in ("stored", "load", "datapath")
    ),
]

OF_CORES = ("random", "random, held", "digits", "letters")

PAIRS = {
    "multiplier": (BY_LUT["shared-rows"], MULTIPLIER),
    f"row of {ROWS}": (BANK[-1], MULTIPLIER),
    "core": (CORES[2], CORES[1]),
}
"""What is compared on several libraries: ours, and the conventional design beside it."""


def measure_cores(tech: Technology) -> Records:
    """Measure cores and units, and the fastest netlists of each."""
    records = []
    for designs in (CORES, WHOLE):
        for one in find(designs, tech, OF_CORES):
            fast = netlists(one.design, one.design.jobs(tech, [ADDERS[0]], list(Recipe)), tech)
            records.append(
                one.record
                | {
                    "fastest_ns": min(it.period for it in fast),
                    "least_um2_ns": min(it.area * it.period for it in fast),
                }
            )
    return records


def cores(runs: Sequence[LibraryRun]) -> Shown:
    """Return cores and units beside those of ``data-gated``."""
    tables = []
    for what in ("core", "unit"):
        records = [one for one in runs[0].records if one["boundary"] == what]
        base = records[1]
        rows = [
            [one["label"], f"{one['area_um2']:.0f}", f"{one['area_um2'] / base['area_um2']:.2f}",
             one["flip_flops"], f"{one['period_ns']:.2f}", *energies(one, base),
             f"{one['fastest_ns']:.2f}", f"{one['least_um2_ns'] / base['least_um2_ns']:.2f}"]
            for one in records
        ]  # fmt: skip
        head = [what, "um2", "ratio", "FF", "ns", *heads(base["pj"]), "fastest, ns",
                "least um2 ns, ratio"]  # fmt: skip
        tables.append(table(head, rows))
    return Shown("\n\n".join([*tables, made(runs, "Cores and units")]))


def measure_pairs(tech: Technology) -> Records:
    """Measure ours and the conventional design of each pair."""
    return [
        one.record | {"pair": name, "ours": ours}
        for name, pair in PAIRS.items()
        for one, ours in zip(find(pair, tech, AS_FAST), (True, False), strict=True)
    ]


def ratios(runs: Sequence[LibraryRun]) -> Shown:
    """Return ratios to ``data-gated`` at 8x6 on several libraries."""
    rows = []
    for run in runs:
        found = {(one["pair"], one["ours"]): one for one in run.records}
        pairs = [(found[name, True], found[name, False]) for name in PAIRS]
        rows.append(
            [run.library, *(f"{one['area_um2'] / other['area_um2']:.2f}" for one, other in pairs)]
            + [f"{one['pj'][kind] / other['pj'][kind]:.2f}" for kind in AS_FAST
               for one, other in pairs]
        )  # fmt: skip
    head = ["library", *(f"area, {name}" for name in PAIRS)]
    head += [f"pJ {kind}, {name}" for kind in AS_FAST for name in PAIRS]
    return Shown(f"{table(head, rows)}\n\n{made(runs, 'Multipliers and cores')}")


REGIONS = (MeasuredRegion("cores", Measured("cores", measure_cores), cores),)

OF_LIBRARIES = (
    MeasuredRegion("libraries", Measured("libraries", measure_pairs, several=True), ratios),
)

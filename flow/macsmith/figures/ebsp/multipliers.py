"""The measured tables of multipliers in docs/ebsp.md."""

import math
from collections.abc import Sequence
from dataclasses import replace

from macsmith.figures.docs_page import LibraryRun, Measured, MeasuredRegion, Records, Shown
from macsmith.figures.ebsp.beside import beside_first, parts
from macsmith.figures.ebsp.designs import (
    AS_FAST,
    BANK,
    BY_LUT,
    MULTIPLIER,
    OPERANDS,
    Design,
    add_energies,
    find,
    netlists,
)
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
from macsmith.library.technology import Technology
from macsmith.synthesis.yosys_abc import Recipe

ANY_WEIGHTS = replace(MULTIPLIER, label="`data-gated`, any weight of 6 bits", weights=(6, 5))

MAGNITUDES = Design(
    "`shared-rows`, any magnitude", "ebsp", {"pattern": 5, "lut": "shared-rows"}, "multiplier"
)
"""A multiplier of sign and magnitude, without windows."""

STEP = 0.95
"""Netlists of the front that are not as much smaller than the one before are left out."""


def measure_multipliers(tech: Technology) -> Records:
    """Measure the multiplier alone by organisation, without sizes of gates and with them."""
    every = find([MULTIPLIER, *BY_LUT.values()], tech, OPERANDS[:2])
    two = [MULTIPLIER, BY_LUT["shared-rows"]]
    sized = find(two, tech, OPERANDS[:2], list(Recipe))
    return [
        one.record | {"sized": is_sized}
        for is_sized, found in ((False, every), (True, sized))
        for one in found
    ]


def multipliers(runs: Sequence[LibraryRun]) -> Shown:
    """Return the multiplier alone by organisation."""
    every, sized = (
        beside_first([one for one in runs[0].records if one["sized"] == is_sized])
        for is_sized in (False, True)
    )
    what = "Of the three recipes that `measure` runs by itself:"
    return Shown(f"{every}\n\n{what}\n\n{sized}\n\n{made(runs, 'Multipliers')}")


def measure_as_fast(tech: Technology) -> Records:
    """Measure what is least of both, no slower than each netlist of the conventional front."""
    both = [netlists(one, one.curve(tech), tech) for one in (MULTIPLIER, BY_LUT["shared-rows"])]
    for name in AS_FAST:
        add_energies([one for mine in both for one in mine], name, tech)
    records: Records = []
    area = math.inf
    for netlist in sorted(both[0], key=lambda one: (one.period, one.area)):
        if netlist.area > STEP * area:
            continue
        area = netlist.area
        theirs, ours = ([one for one in mine if one.period <= netlist.period] for mine in both)
        if ours:
            records.append(
                {
                    "period_ns": netlist.period,
                    "area_um2": [area, min(one.area for one in ours)],
                    "pj": {
                        name: [min(one.pj[name] for one in mine) for mine in (theirs, ours)]
                        for name in AS_FAST
                    },
                }
            )
    return records


def as_fast(runs: Sequence[LibraryRun]) -> Shown:
    """Return what is least of both, no slower than each netlist of the conventional front."""
    rows = []
    for record in runs[0].records:
        theirs, ours = record["area_um2"]
        row = [f"{record['period_ns']:.2f}", f"{theirs:.0f}", f"{ours:.0f}", f"{ours / theirs:.2f}"]
        for pair in record["pj"].values():
            row += [*(f"{pj:.3f}" for pj in pair), f"{pair[1] / pair[0]:.2f}"]
        rows.append(row)
    head = ["ns at most", "um2 `data-gated`", "`ebsp`", "ratio"]
    head += [cell for name in AS_FAST for cell in (f"pJ {name}: `data-gated`", "`ebsp`", "ratio")]
    return Shown(f"{table(head, rows, 0)}\n\n{made(runs, 'Multipliers')}")


def measure_operands(tech: Technology) -> Records:
    """Measure energies of multipliers by operands."""
    designs = [MULTIPLIER, BY_LUT["shared-rows"], BY_LUT["whole"], MAGNITUDES, ANY_WEIGHTS]
    return [one.record for one in find(designs, tech, OPERANDS)]


def operands(runs: Sequence[LibraryRun]) -> Shown:
    """Return energies of multipliers by operands, and what they are spent on."""
    base, *others = records = runs[0].records
    rows = [
        [name, *(f"{one['pj'][name]:.3f}" for one in records),
         *(f"{one['pj'][name] / base['pj'][name]:.2f}" for one in others)]
        for name in OPERANDS
    ]  # fmt: skip
    head = ["operands", *(one["label"] for one in records),
            *(f"ratio {one['label']}" for one in others)]  # fmt: skip
    spent = parts(records[:3], AS_FAST)
    return Shown(
        f"{table(head, rows)}\n\nWhat it is spent on:\n\n{spent}\n\n{made(runs, 'Multipliers')}"
    )


def measure_bank(tech: Technology) -> Records:
    """Measure a row of weights that share an activation."""
    return [one.record for one in find(BANK, tech, OPERANDS[:2])]


def bank(runs: Sequence[LibraryRun]) -> Shown:
    """Return a row of weights that share an activation, a product."""
    return Shown(f"{beside_first(runs[0].records)}\n\n{made(runs, 'Multipliers')}")


REGIONS = (
    MeasuredRegion("multipliers", Measured("multipliers", measure_multipliers), multipliers),
    MeasuredRegion("as fast", Measured("as fast", measure_as_fast), as_fast),
    MeasuredRegion("operands", Measured("operands", measure_operands), operands),
    MeasuredRegion("bank", Measured("bank", measure_bank), bank),
)

"""The measured tables of docs/ebsp.md, which docs/figures.py fills."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ebsp_chart import accuracy
from ebsp_designs import (
    ADDERS,
    OPERANDS,
    ROWS,
    Design,
    Found,
    add_energies,
    find,
    netlists,
    whole_weights,
)
from ebsp_pes import iso_area
from filling import markdown

from macsmith.library.technology import Technology
from macsmith.mac.ebsp.spec import LUTS
from macsmith.synthesis.yosys_abc import Recipe

MULTIPLIER = Design("`data-gated` 8x6", "data-gated", whole_weights(6), "multiplier")

ANY_WEIGHTS = replace(MULTIPLIER, label="`data-gated`, any weight of 6 bits", weights=(6, 5))

MAGNITUDES = Design(
    "`shared-rows`, any magnitude", "ebsp", {"pattern": 5, "lut": "shared-rows"}, "multiplier"
)
"""A multiplier of sign and magnitude, without windows."""

BY_LUT = [Design(f"`ebsp` `lut={lut}`", "ebsp", {"lut": lut}, "multiplier") for lut in LUTS]


def _by_lut(lut: str) -> Design:
    return next(one for one in BY_LUT if one.settings["lut"] == lut)


def tables(tech: Technology) -> Iterator[tuple[str, str, str]]:
    """Yield each table of one library: its place, what was cut out, the text."""
    yield "multipliers", "Multipliers", multipliers(tech)
    yield "as fast", "Multipliers", as_fast(tech)
    yield "operands", "Multipliers", operands(tech)
    yield "bank", "Multipliers", bank(tech)
    yield "cores", "Cores and units", cores(tech)
    yield "iso-area", "Cores and multipliers", iso_area(tech)
    yield "accuracy and energy", "Core boundary", accuracy(tech)


def multipliers(tech: Technology) -> str:
    """Return the multiplier alone by organisation."""
    every = _beside(find([MULTIPLIER, *BY_LUT], tech, OPERANDS[:2]))
    two = [MULTIPLIER, _by_lut("shared-rows")]
    sized = _beside(find(two, tech, OPERANDS[:2], list(Recipe)))
    return f"{every}\n\nOf the three recipes that `measure` runs by itself:\n\n{sized}"


def _beside(found: Sequence[Found]) -> str:
    """Return multipliers beside the first of them."""
    base = found[0]
    rows = [
        [one.design.label, _netlist(one), f"{one.area:.1f}", f"{one.area / base.area:.2f}",
         f"{one.period:.2f}", *_energies(one, base)]
        for one in found
    ]  # fmt: skip
    head = ["multiplier", "netlist", "um2", "ratio", "ns", *_heads(base.pj)]
    return markdown(head, rows, 2)


AS_FAST = ("random", "random, held", "digits")

STEP = 0.95
"""Netlists of the front that are not as much smaller than the one before are left out."""


def as_fast(tech: Technology) -> str:
    """Return what is least of both, no slower than each netlist of the conventional front."""
    both = [netlists(one, one.curve(tech), tech) for one in (MULTIPLIER, _by_lut("shared-rows"))]
    for name in AS_FAST:
        add_energies([one for mine in both for one in mine], name, tech)
    rows: list[list[str]] = []
    area = math.inf
    for netlist in sorted(both[0], key=lambda one: (one.period, one.area)):
        if netlist.area > STEP * area:
            continue
        area = netlist.area
        theirs, ours = ([one for one in mine if one.period <= netlist.period] for mine in both)
        if ours:
            least = min(one.area for one in ours)
            row = [f"{netlist.period:.2f}", f"{area:.0f}", f"{least:.0f}", f"{least / area:.2f}"]
            for name in AS_FAST:
                pair = [min(one.pj[name] for one in mine) for mine in (theirs, ours)]
                row += [*(f"{pj:.3f}" for pj in pair), f"{pair[1] / pair[0]:.2f}"]
            rows.append(row)
    head = ["ns at most", "um2 `data-gated`", "`ebsp`", "ratio"]
    head += [cell for name in AS_FAST for cell in (f"pJ {name}: `data-gated`", "`ebsp`", "ratio")]
    return markdown(head, rows, 0)


def operands(tech: Technology) -> str:
    """Return energies of multipliers by operands."""
    designs = [MULTIPLIER, _by_lut("shared-rows"), _by_lut("whole"), MAGNITUDES, ANY_WEIGHTS]
    found = find(designs, tech, OPERANDS)
    rows = [
        [name, *(f"{one.pj[name]:.3f}" for one in found),
         *(f"{one.pj[name] / found[0].pj[name]:.2f}" for one in found[1:])]
        for name in OPERANDS
    ]  # fmt: skip
    head = ["operands", *(one.design.label for one in found),
            *(f"ratio {one.design.label}" for one in found[1:])]  # fmt: skip
    return f"{markdown(head, rows)}\n\nWhat it is spent on:\n\n{_parts(found[:3])}"


def _parts(found: Sequence[Found]) -> str:
    """Return what energies of multipliers, which have no clock, are spent on."""
    names = ("logic", "glitches", "inputs", "leakage")
    rows = [
        [one.design.label, operands, *(f"{one.parts[operands][name]:.3f}" for name in names)]
        for operands in AS_FAST
        for one in found
    ]
    return markdown(["multiplier", "operands", *(f"pJ {name}" for name in names)], rows, 2)


BANK = [
    MULTIPLIER,
    Design(f"{ROWS} of them", "data-gated", whole_weights(6) | {"rows": ROWS}, "multiplier"),
    *(
        Design(f"{ROWS} `lut={lut}`", "ebsp", {"lut": lut, "rows": ROWS}, "multiplier")
        for lut in ("whole", "shared-rows", "bank")
    ),
]


def bank(tech: Technology) -> str:
    """Return a row of weights that share an activation, a product."""
    return _beside(find(BANK, tech, OPERANDS[:2]))


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


def cores(tech: Technology) -> str:
    """Return cores and units beside those of ``data-gated``."""
    tables = []
    for what, designs in (("core", CORES), ("unit", WHOLE)):
        found = find(designs, tech, OF_CORES)
        fast = [_fastest(one, tech) for one in designs]
        base = found[1]
        rows = [
            [one.design.label, f"{one.area:.0f}", f"{one.area / base.area:.2f}",
             one.result["flip_flops"], f"{one.period:.2f}", *_energies(one, base),
             f"{period:.2f}", f"{product / fast[1][1]:.2f}"]
            for one, (period, product) in zip(found, fast, strict=True)
        ]  # fmt: skip
        head = [what, "um2", "ratio", "FF", "ns", *_heads(OF_CORES), "fastest, ns",
                "least um2 ns, ratio"]  # fmt: skip
        tables.append(markdown(head, rows))
    return "\n\n".join(tables)


def _fastest(design: Design, tech: Technology) -> tuple[float, float]:
    """Return the least period of a design's netlists, and the least area x period."""
    found = netlists(design, design.jobs(tech, [ADDERS[0]], list(Recipe)), tech)
    return min(one.period for one in found), min(one.area * one.period for one in found)


LIBRARY = [
    MULTIPLIER,
    _by_lut("shared-rows"),
    BANK[-1],
    *CORES[1:3],
]


def libraries(techs: Sequence[Technology]) -> str:
    """Return ratios to ``data-gated`` at 8x6 on several libraries."""
    rows = []
    for tech in techs:
        base, ours, row, plain, core = find(LIBRARY, tech, AS_FAST)
        pairs = [(ours, base), (row, base), (core, plain)]
        rows.append(
            [tech.name, *(f"{one.area / other.area:.2f}" for one, other in pairs)]
            + [f"{one.pj[name] / other.pj[name]:.2f}" for name in AS_FAST
               for one, other in pairs]
        )  # fmt: skip
    names = ("multiplier", f"row of {ROWS}", "core")
    head = ["library", *(f"area, {name}" for name in names)]
    head += [f"pJ {what}, {name}" for what in AS_FAST for name in names]
    return markdown(head, rows)


def _energies(one: Found, base: Found) -> list[str]:
    return [
        cell for name, pj in one.pj.items() for cell in (f"{pj:.3f}", f"{pj / base.pj[name]:.2f}")
    ]


def _heads(names: Iterable[str]) -> list[str]:
    return [cell for name in names for cell in (f"pJ {name}", "ratio")]


def _netlist(one: Found) -> str:
    spec = one.job.spec
    cells = ", cells" if one.job.adder_cells else ""
    return f"{one.job.recipe}, {spec.adder}, {spec.compressor}{cells}"

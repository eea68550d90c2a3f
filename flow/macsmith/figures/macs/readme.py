"""The tables of README.md."""

from collections.abc import Sequence
from fractions import Fraction
from typing import cast

from macsmith.analysis.ties import is_tie
from macsmith.catalog.catalog import REFERENCE
from macsmith.catalog.catalog import units as catalogue
from macsmith.contract.modes import Mode
from macsmith.figures.docs_page import LibraryRun, MeasuredRegion, Page, Region, Row, Shown
from macsmith.figures.macs.equal_throughput import PICTURE as EQUAL_THROUGHPUT
from macsmith.figures.macs.mac_records import (
    BOUNDARIES,
    COMPARISON,
    NETLISTS,
    at,
    by_unit,
    default_units,
    netlist,
)
from macsmith.figures.macs.quality_of_result import BESIDE_PUBLISHED, ratios
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
from macsmith.mac.spec import MacSpec
from macsmith.records.record import Record
from macsmith.report.terminal.units import TIE


def rate(spec: MacSpec, mode: Mode) -> Fraction:
    """Return the products per cycle."""
    return Fraction(spec.products(mode), spec.cycles(mode))


def units() -> Shown:
    """Return every unit with its products per cycle."""
    specs = default_units()
    modes = next(iter(specs.values())).modes
    rows = [
        [f"`{name}`", spec.summary, *(str(rate(spec, mode)) for mode in modes)]
        for name, spec in specs.items()
    ]
    return Shown(table(["unit", "circuit", *map(str, modes)], rows, 2))


FAMILIES = {
    "mac": ("multiply and accumulate integers at several precisions", "mac-styles"),
    "fp": ("floating point: dot products with block scales, converters", "floating-point"),
    "compact": ("formats that spend bits where they count", "number-formats"),
    "functions": ("functions of floating-point numbers", "special-functions"),
    "array": ("matrix products in arrays of PEs, an engine around them, pruning", "systolic-array"),
    "sparse": ("engines and memories for operands that are sparse anywhere", "sparse-engines"),
    "codec": ("codecs of sparse operands", "codecs"),
}
"""What the units of each room are for, and the page that tells of them."""


def families() -> Shown:
    """Return all units of the catalogue by what they are for."""
    of_room: dict[str, list[str]] = {room: [] for room in FAMILIES}
    for name, unit in catalogue().items():
        room = unit.spec.__module__.split(".")[1]
        if room in of_room:  # else a package of somebody's own has it
            of_room[room].append(f"`{name}`")
    rows = [
        [f"[{FAMILIES[room][0]}](docs/{FAMILIES[room][1]}.md)", ", ".join(names)]
        for room, names in of_room.items()
    ]
    return Shown(table(["what for", "units"], rows, 2))


def compared(runs: Sequence[LibraryRun]) -> Shown:
    """Return the comparison of whole units, one row a style, and what was published beside it."""
    found, cores = (by_unit(at(runs[0].records, place)) for place in BOUNDARIES)
    modes = list(found[REFERENCE])
    base = found[REFERENCE][modes[0]]["area_um2"]
    rows = []
    for name, mine in found.items():
        one = mine[modes[0]]
        rows.append(
            [
                f"`{name}`", netlist(one), f"{one['area_um2']:.0f}", f"{one['area_ge']:.0f}",
                one["flip_flops"], f"{one['period_ns']:.3f}",
                f"{one['area_um2'] / base:.2f}" + TIE * _is_tie(one, found[REFERENCE][modes[0]]),
                *(f"{mine[mode]['energy_pj_per_mac']:.2f}" for mode in (modes[0], modes[-1])),
                *(f"{mine[mode]['gmacs_per_s_per_mm2']:.0f}" for mode in modes),
                f"{cores[name][modes[0]]['area_um2']:.0f}",
                f"{cores[name][modes[0]]['energy_pj_per_mac']:.2f}",
            ]
        )  # fmt: skip
    head = ["unit", "netlist", "um2", "NAND2", "FF", "ns", "area rel."]
    head += [f"pJ {modes[0]}", f"pJ {modes[-1]}", *modes, "core um2", f"core pJ {modes[0]}"]
    what = (
        f"Default specifications; pJ are per MAC, on random operands, glitches included; "
        f"{modes[0]} to {modes[-1]} are GMAC/s/mm2. The netlist of least area x period, made "
        f"{NETLISTS} times; {TIE}: in area level with `{REFERENCE}`, as the spreads of these "
        f"overlap. The last two columns are of the core by itself, as published."
    )
    return Shown(f"{table(head, rows, 2)}\n\n{what} {made(runs[:1], 'Unit boundary')}")


def _is_tie(one: Row, reference: Row) -> bool:
    return one["unit"] != REFERENCE and is_tie(cast(Record, one), cast(Record, reference), "area")


PAGE = Page(
    "README.md",
    (
        EQUAL_THROUGHPUT,
        MeasuredRegion("compare", COMPARISON, compared),
        MeasuredRegion("qor", BESIDE_PUBLISHED, ratios),
        Region("families", families),
        Region("units", units),
    ),
)

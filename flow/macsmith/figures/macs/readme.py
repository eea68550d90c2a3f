"""The tables of README.md."""

from collections.abc import Sequence
from fractions import Fraction

from macsmith.analysis.published.verdicts import REFERENCE
from macsmith.contract.modes import Mode
from macsmith.figures.docs_page import LibraryRun, Measured, MeasuredRegion, Page, Region, Shown
from macsmith.figures.macs.equal_throughput import PICTURE as EQUAL_THROUGHPUT
from macsmith.figures.macs.mac_records import by_unit, default_units, netlist, with_energy
from macsmith.figures.macs.quality_of_result import BESIDE_PUBLISHED, ratios
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
from macsmith.mac.spec import MacSpec


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


def compared(runs: Sequence[LibraryRun]) -> Shown:
    """Return the comparison at the core boundary, one row a style."""
    found = by_unit(runs[0].records)
    modes = list(found[REFERENCE])
    base = found[REFERENCE][modes[0]]["area_um2"]
    rows = []
    for name, mine in found.items():
        one = mine[modes[0]]
        rows.append(
            [
                f"`{name}`", netlist(one), f"{one['area_um2']:.0f}", f"{one['area_ge']:.0f}",
                one["flip_flops"], f"{one['period_ns']:.3f}", f"{one['area_um2'] / base:.2f}",
                *(f"{mine[mode]['energy_pj_per_mac']:.2f}" for mode in (modes[0], modes[-1])),
                *(f"{mine[mode]['gmacs_per_s_per_mm2']:.0f}" for mode in modes),
            ]
        )  # fmt: skip
    head = ["unit", "netlist", "um2", "NAND2", "FF", "ns", "area rel."]
    head += [f"pJ {modes[0]}", f"pJ {modes[-1]}", *modes]
    what = (
        f"Default specifications; pJ are per MAC, on random operands, glitches included; the last "
        f"{len(modes)} columns are GMAC/s/mm2. The netlist of least area x period."
    )
    return Shown(f"{table(head, rows, 2)}\n\n{what} {made(runs, 'Core boundary')}")


COMPARISON = Measured("compare", with_energy)

PAGE = Page(
    "README.md",
    (
        EQUAL_THROUGHPUT,
        MeasuredRegion("compare", COMPARISON, compared),
        MeasuredRegion("qor", BESIDE_PUBLISHED, ratios),
        Region("units", units),
    ),
)

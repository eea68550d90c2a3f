"""The table of PEs with EBSP MACs in docs/ebsp.md.

Each beside a data-gated one of the same size: at 8 x 6 with the same operands, and at 8 x 8.
"""

from collections.abc import Sequence

from macsmith.analysis.pe_gains import Point
from macsmith.analysis.pe_records import array_records
from macsmith.figures.docs_page import LibraryRun, Measured, MeasuredRegion, Records, Shown
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Network, Uniform

STIMULI = (Uniform(), Network())

EBSP = ["mac=ebsp", "weight_width=6", "pattern=3"]

MACS: dict[str, list[str]] = {
    "data-gated 8x8": [],
    "data-gated 8x6": ["weight_width=6"],
    **{f"ebsp, {lut}": [*EBSP, f"lut={lut}"] for lut in ("shared-rows", "whole", "bank")},
}
"""Settings of the MACs, the first two those that the others are compared with."""

KNOWN = tuple(MACS)[:2]

POINTS = (Point("1x1x1", "dense"), Point("4x8x4", "dense"))


def measure_pes(tech: Technology) -> Records:
    """Measure PEs by their MACs."""
    return [
        record | {"mac": name}
        for name, settings in MACS.items()
        for record in array_records(POINTS, tech, settings, STIMULI)
    ]


def pes(runs: Sequence[LibraryRun]) -> Shown:
    """Return area, period and energy of PEs by their MACs."""
    found: dict[tuple[str, str], Records] = {}
    for record in runs[0].records:
        # Records of one PE are in the order of the stimuli.
        found.setdefault((record["pe"], record["mac"]), []).append(record)
    rows = []
    for point in POINTS:
        known = [found[point.pe, name] for name in KNOWN]
        for name in MACS:
            own = found[point.pe, name]
            area, *_ = own
            row = [
                point.pe, name, area["parameters"]["adder"], f"{area['area_um2']:.0f}",
                str(area["flip_flops"]), f"{area['period_ns']:.2f}",
                *(f"{area['area_um2'] / other[0]['area_um2']:.2f}" for other in known),
            ]  # fmt: skip
            for place, record in enumerate(own):
                energy = record["energy_pj_per_mac"]
                row.append(f"{energy:.3f}")
                row += [f"{energy / other[place]['energy_pj_per_mac']:.2f}" for other in known]
            rows.append(row)
    head = ["PE", "MAC", "adder", "area um2", "FF", "period ns", "over 8x8", "over 8x6",
            "pJ a product, random", "over 8x8", "over 8x6", "pJ a product, network", "over 8x8",
            "over 8x6"]  # fmt: skip
    return Shown(f"{table(head, rows, 3)}\n\n{made(runs, 'PEs')}")


REGIONS = (MeasuredRegion("ebsp pes", Measured("pes", measure_pes), pes),)

"""The table of PEs with EBSP MACs in docs/ebsp.md, which docs/figures.py fills.

Each beside a data-gated one of the same size: at 8 x 6 with the same operands, and at 8 x 8.
"""

from filling import markdown

from macsmith.analysis.pe_gains import Point
from macsmith.cli.array import array_records
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Network, Uniform
from macsmith.records.record import Record

STIMULI = (Uniform(), Network())

EBSP = ["mac=ebsp", "weight_width=6", "pattern=3"]

MACS: dict[str, list[str]] = {
    "data-gated 8x8": [],
    "data-gated 8x6": ["weight_width=6"],
    **{f"ebsp, {lut}": [*EBSP, f"lut={lut}"] for lut in ("shared-rows", "whole", "bank")},
}
"""Settings of the MACs, the first two those that the others are compared with."""

POINTS = (Point("1x1x1", "dense"), Point("4x8x4", "dense"))


def pes(tech: Technology) -> str:
    """Return area, period and energy of PEs by their MACs."""
    records = {name: array_records(POINTS, tech, settings, STIMULI)
               for name, settings in MACS.items()}  # fmt: skip
    rows = []
    for point in POINTS:
        known = [_of(records[name], point) for name in list(MACS)[:2]]
        for name, found in records.items():
            own = _of(found, point)
            area, *_ = own
            rows.append(
                [point.pe, name, area["parameters"]["adder"], f"{area['area_um2']:.0f}",
                 str(area["flip_flops"]), f"{area['period_ns']:.2f}",
                 *(f"{area['area_um2'] / other[0]['area_um2']:.2f}" for other in known)]
            )  # fmt: skip
            for place, record in enumerate(own):
                energy = record["energy_pj_per_mac"]
                rows[-1].append(f"{energy:.3f}")
                rows[-1] += [f"{energy / other[place]['energy_pj_per_mac']:.2f}" for other in known]
    head = ["PE", "MAC", "adder", "area um2", "FF", "period ns", "over 8x8", "over 8x6",
            "pJ a product, random", "over 8x8", "over 8x6", "pJ a product, network", "over 8x8",
            "over 8x6"]  # fmt: skip
    return markdown(head, rows, 3)


def _of(records: list[Record], point: Point) -> list[Record]:
    """Return the records of a PE, one a stimulus."""
    chosen = [record for record in records if record["pe"] == point.pe]
    return [
        record
        for stimulus in STIMULI
        for record in chosen
        if record["stimulus"] == stimulus.label
    ]  # fmt: skip

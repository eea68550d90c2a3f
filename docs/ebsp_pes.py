"""The table of docs/ebsp.md that counts PEs in the area of the paper's slides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ebsp_designs import ROWS, Design, find, whole_weights
from filling import markdown

from macsmith.catalog import CATALOG
from macsmith.modes import Mode
from macsmith.technology import Technology

PE_AREA_UM2 = 0.32e6
"""Area in which the paper counts PEs."""

PUBLISHED = {"Eyeriss, 16 bit": 224, "BitFusion, 4 bit": 3168, "WAX, 8 bit": 102,
             "OLAccel, 4 and 16 bit": 2499, "EBSP, 6 bit, L = 3": 4818}  # fmt: skip
"""PEs of the paper's slides in 0.32 mm2."""


@dataclass(frozen=True)
class Line:
    """A unit, what is counted of it, the mode it works in, and whose PEs stand beside it."""

    name: str
    settings: Mapping[str, Any]
    mode: Mode
    published: str = ""
    boundary: str = "core"


def lines() -> Iterator[Line]:
    """Yield all lines of the table."""
    wide = Mode(act_bits=16, weight_bits=16)
    eight, six, five, four = (
        Mode(act_bits=act, weight_bits=weight) for act, weight in ((8, 8), (8, 6), (8, 5), (4, 4))
    )
    widest = {"act_width": 16, "weight_width": 16, "modes": (wide,)}
    ours = {"weight_width": 6, "lut": "whole"}
    yield Line("data-gated", widest, wide, "Eyeriss, 16 bit")
    yield Line("data-gated", whole_weights(8), eight, "WAX, 8 bit")
    yield Line("data-gated", whole_weights(6), six)
    yield Line("dnc-2d-st", {}, four, "BitFusion, 4 bit")
    for name in CATALOG:
        if name not in ("ebsp", "dnc-2d-st"):
            yield Line(name, {}, four)
    yield Line("ebsp", ours, six, "EBSP, 6 bit, L = 3")
    yield Line("ebsp", ours | {"weight_width": 5}, five)
    yield Line("data-gated", widest, wide, boundary="multiplier")
    yield Line("data-gated", whole_weights(8), eight, boundary="multiplier")
    yield Line("ebsp", ours, six, boundary="multiplier")
    yield Line("ebsp", {"lut": "bank", "rows": ROWS}, six, boundary="multiplier")


def iso_area(tech: Technology) -> str:
    """Return what fits into the area of the slides."""
    every = list(lines())
    designs = [
        Design(str(number), line.name, line.settings, line.boundary)
        for number, line in enumerate(every)
    ]
    rows = []
    for line, one in zip(every, find(designs, tech), strict=True):
        spec, period = one.job.spec, one.result["period"]
        pes, theirs = int(PE_AREA_UM2 / one.area), PUBLISHED.get(line.published)
        macs = pes * float(spec.macs_per_cycle(line.mode)) / spec.rows
        row = f", `rows={ROWS}` `lut=bank`" if spec.rows > 1 else ""
        rows.append(
            [
                line.published, f"{theirs:,}" if theirs else "",
                f"{PE_AREA_UM2 / theirs:.0f}" if theirs else "", f"`{line.name}`{row}",
                line.boundary, "all modes" if len(spec.modes) > 1 else "one mode", line.mode,
                f"{one.area:.0f}", f"{pes:,}", f"{macs:,.0f}", f"{period:.2f}",
                f"{macs / period / 1e3:.2f}",
            ]
        )  # fmt: skip
    head = ["published", "PEs", "um2", "ours", "what is counted", "built for", "mode", "um2", "PEs",
            "MACs a cycle", "ns", "TMAC/s"]  # fmt: skip
    without = ", ".join(f"{name} ({PUBLISHED[name]:,} PEs)" for name in PUBLISHED.keys()
                        - {line.published for line in every})  # fmt: skip
    return f"{markdown(head, rows, 1)}\n\nWithout a counterpart here: {without}."

"""The tables of docs/ebsp.md that count PEs in the area of the paper's slides."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ebsp_designs import ROWS, Design, Found, smallest, whole_weights
from filling import markdown

from macsmith.catalog.catalog import compared
from macsmith.contract.modes import Mode
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.measure import measure
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Uniform

PE_AREA_UM2 = 0.32e6
"""Area in which the paper counts PEs."""

EBSP = "EBSP, 6 bit, L = 3"

PUBLISHED = {"Eyeriss, 16 bit": 224, "BitFusion, 4 bit": 3168, "WAX, 8 bit": 102,
             "OLAccel, 4 and 16 bit": 2499, EBSP: 4818}  # fmt: skip
"""PEs of the paper's slides in 0.32 mm2."""


@dataclass(frozen=True)
class Line:
    """A unit, what is counted of it, the mode it works in, and whose PEs stand beside it."""

    name: str
    settings: Mapping[str, Any]
    mode: Mode
    published: str = ""
    boundary: str = "core"


@dataclass(frozen=True)
class Counted:
    """A line, its smallest netlist, and what fits into the area.

    Members
    -------
    rate:
        Products a cycle.
    ratio:
        Those of EBSP cores for one of them.
    pj:
        Energy of a product, random operands.
    """

    line: Line
    found: Found
    rate: float
    ratio: float
    pj: float


def lines() -> Iterator[Line]:
    """Yield all lines of the table."""
    wide = Mode(act_bits=16, weight_bits=16)
    eight, six, five, four = (
        Mode(act_bits=act, weight_bits=weight) for act, weight in ((8, 8), (8, 6), (8, 5), (4, 4))
    )
    widest = {"act_width": 16, "weight_width": 16, "modes": (wide,)}
    ours = {"weight_width": 6, "lut": "shared-rows"}
    yield Line("data-gated", widest, wide, "Eyeriss, 16 bit")
    yield Line("data-gated", whole_weights(8), eight, "WAX, 8 bit")
    yield Line("data-gated", whole_weights(6), six)
    yield Line("dnc-2d-st", {}, four, "BitFusion, 4 bit")
    for name in compared():
        if name not in ("ebsp", "dnc-2d-st"):
            yield Line(name, {}, four)
    yield Line("ebsp", ours, six, EBSP)
    yield Line("ebsp", ours | {"weight_width": 5}, five)
    yield Line("data-gated", widest, wide, boundary="multiplier")
    yield Line("data-gated", whole_weights(8), eight, boundary="multiplier")
    yield Line("ebsp", ours, six, boundary="multiplier")
    yield Line("ebsp", {"lut": "bank", "rows": ROWS}, six, boundary="multiplier")


def iso_area(tech: Technology) -> str:
    """Return what fits into the area of the slides."""
    counted = _counted(tech)
    rows = []
    for it in counted:
        line, one, rate = it.line, it.found, it.rate
        period, spec, theirs = one.period, one.job.spec, PUBLISHED.get(line.published)
        row = f", `rows={ROWS}` `lut=bank`" if spec.rows > 1 else ""
        rows.append(
            [
                line.published, f"{theirs:,}" if theirs else "",
                f"{PE_AREA_UM2 / theirs:.0f}" if theirs else "",
                f"{PUBLISHED[EBSP] / theirs:.2f}" if theirs else "", f"`{line.name}`{row}",
                line.boundary, "all modes" if len(spec.modes) > 1 else "one mode", line.mode,
                f"{one.area:.0f}", f"{int(PE_AREA_UM2 / one.area):,}", f"{rate:,.0f}",
                f"{it.ratio:.2f}" if line.boundary == "core" else "", f"{period:.2f}",
                f"{rate / period / 1e3:.2f}", f"{it.pj:.3f}",
            ]
        )  # fmt: skip
    head = ["published", "PEs", "um2", "EBSP over it", "ours", "what is counted", "built for",
            "mode", "um2", "PEs", "MACs a cycle", "`ebsp` core over it", "ns", "TMAC/s",
            "pJ a MAC"]  # fmt: skip
    without = ", ".join(f"{name} ({PUBLISHED[name]:,} PEs)" for name in PUBLISHED.keys()
                        - {it.line.published for it in counted})  # fmt: skip
    return f"{markdown(head, rows, 1)}\n\nWithout a counterpart here: {without}."


def iso_areas(techs: Sequence[Technology]) -> str:
    """Return the products a cycle of cores in that area, on several libraries."""
    columns = [_counted(tech) for tech in techs]
    rows = [
        [f"`{first.line.name}`",
         "all modes" if len(first.found.job.spec.modes) > 1 else "one mode",
         str(first.line.mode),
         *(text for it in same for text in (f"{it.rate:,.0f}", f"{it.ratio:.2f}", f"{it.pj:.3f}"))]
        for first, *same in ((its[0], *its) for its in zip(*columns, strict=True))
        if first.line.boundary == "core"
    ]  # fmt: skip
    head = ["core", "built for", "mode",
            *(cell for tech in techs
              for cell in (tech.name, "`ebsp` over it", "pJ a MAC"))]  # fmt: skip
    return markdown(head, rows, 3)


def _counted(tech: Technology) -> list[Counted]:
    """Return what fits into that area, with energies."""
    every = list(lines())
    found = [
        smallest(Design(str(number), line.name, line.settings, line.boundary), tech)
        for number, line in enumerate(every)
    ]
    rates = [
        int(PE_AREA_UM2 / one.area) * float(one.job.spec.macs_per_cycle(line.mode))
        / one.job.spec.rows
        for line, one in zip(every, found, strict=True)
    ]  # fmt: skip
    ebsp = rates[next(k for k, line in enumerate(every) if line.published == EBSP)]
    return [
        Counted(line, one, rate, ebsp / rate, _energy(line, one, tech))
        for line, one, rate in zip(every, found, rates, strict=True)
    ]


def _energy(line: Line, one: Found, tech: Technology) -> float:
    """Return the energy of a product in a line's mode, in pJ."""
    plan = EnergyPlan(Uniform(), (line.boundary,), every_netlist=True)
    records = measure([one.job], tech, energy=plan)
    (record,) = (record for record in records if record["mode"] == str(line.mode))
    return float(record["energy_pj_per_mac"])

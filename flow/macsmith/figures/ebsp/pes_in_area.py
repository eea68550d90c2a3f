"""The tables of docs/ebsp.md that count PEs in the area of the paper's slides."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from macsmith.catalog.catalog import compared
from macsmith.contract.modes import Mode
from macsmith.figures.docs_page import LibraryRun, Measured, MeasuredRegion, Records, Row, Shown
from macsmith.figures.ebsp.designs import ROWS, Design, smallest, whole_weights
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
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


def measure_lines(tech: Technology) -> Records:
    """Measure the smallest netlist of each line, and its energy of a product in its mode."""
    return [_measured(line, tech) for line in lines()]


def _measured(line: Line, tech: Technology) -> Row:
    one = smallest(Design(line.name, line.name, line.settings, line.boundary), tech)
    spec = one.job.spec
    plan = EnergyPlan(Uniform(), (line.boundary,), netlists="all")
    records = measure([one.job], tech, energy=plan)
    (record,) = (record for record in records if record["mode"] == str(line.mode))
    return one.record | {
        "published": line.published,
        "mode": str(line.mode),
        "modes": len(spec.modes),
        "rows": spec.rows,
        "products": float(spec.macs_per_cycle(line.mode)) / spec.rows,
        "pj_per_mac": record["energy_pj_per_mac"],
    }


def iso_area(runs: Sequence[LibraryRun]) -> Shown:
    """Return what fits into the area of the slides, on the first library."""
    records = runs[0].records
    ebsp = _rate(_ours(records))
    rows = []
    for one in records:
        period, rate, theirs = one["period_ns"], _rate(one), PUBLISHED.get(one["published"])
        row = f", `rows={one['rows']}` `lut={one['parameters']['lut']}`" if one["rows"] > 1 else ""
        rows.append(
            [
                one["published"], f"{theirs:,}" if theirs else "",
                f"{PE_AREA_UM2 / theirs:.0f}" if theirs else "",
                f"{PUBLISHED[EBSP] / theirs:.2f}" if theirs else "", f"`{one['unit']}`{row}",
                one["boundary"], _built_for(one), one["mode"], f"{one['area_um2']:.0f}",
                f"{_fitting(one):,}", f"{rate:,.0f}",
                f"{ebsp / rate:.2f}" if one["boundary"] == "core" else "", f"{period:.2f}",
                f"{rate / period / 1e3:.2f}", f"{one['pj_per_mac']:.3f}",
            ]
        )  # fmt: skip
    head = ["published", "PEs", "um2", "EBSP over it", "ours", "what is counted", "built for",
            "mode", "um2", "PEs", "MACs a cycle", "`ebsp` core over it", "ns", "TMAC/s",
            "pJ a MAC"]  # fmt: skip
    known = {one["published"] for one in records}
    without = ", ".join(f"{name} ({PUBLISHED[name]:,} PEs)" for name in PUBLISHED
                        if name not in known)  # fmt: skip
    return Shown(
        f"{table(head, rows, 1)}\n\nWithout a counterpart here: {without}.\n\n"
        f"{made(runs[:1], 'Cores and multipliers')}"
    )


def iso_areas(runs: Sequence[LibraryRun]) -> Shown:
    """Return the products a cycle of cores in that area, on several libraries."""
    ours = [_rate(_ours(run.records)) for run in runs]
    rows = []
    for same in zip(*(run.records for run in runs), strict=True):
        first = same[0]
        if first["boundary"] != "core":
            continue
        cells = [
            text
            for one, ebsp in zip(same, ours, strict=True)
            for text in (
                f"{_rate(one):,.0f}",
                f"{ebsp / _rate(one):.2f}",
                f"{one['pj_per_mac']:.3f}",
            )
        ]
        rows.append([f"`{first['unit']}`", _built_for(first), first["mode"], *cells])
    head = ["core", "built for", "mode",
            *(cell for run in runs
              for cell in (run.library, "`ebsp` over it", "pJ a MAC"))]  # fmt: skip
    return Shown(f"{table(head, rows, 3)}\n\n{made(runs, 'Cores')}")


def _ours(records: Records) -> Row:
    return next(one for one in records if one["published"] == EBSP)


def _fitting(one: Row) -> int:
    """Return how many fit into the area."""
    return int(PE_AREA_UM2 / one["area_um2"])


def _rate(one: Row) -> float:
    """Return the products a cycle of what fits into the area."""
    return float(_fitting(one) * one["products"])


def _built_for(one: Row) -> str:
    return "all modes" if one["modes"] > 1 else "one mode"


IN_AREA = Measured("pes in area", measure_lines, several=True)

REGIONS = (MeasuredRegion("iso-area", IN_AREA, iso_area),)

OF_LIBRARIES = (MeasuredRegion("iso-area libraries", IN_AREA, iso_areas),)

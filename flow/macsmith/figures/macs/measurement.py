"""The measured tables of docs/measurement.md."""

from collections.abc import Sequence
from typing import Any

from macsmith.analysis.area_delay_front import fronts_of
from macsmith.analysis.published.verdicts import REFERENCE
from macsmith.catalog.catalog import make_spec
from macsmith.energy.icarus_check import cross_check
from macsmith.figures.docs_page import (
    LibraryRun,
    Measured,
    MeasuredRegion,
    Page,
    Records,
    Row,
    Shown,
    rows_of,
)
from macsmith.figures.macs.beside_operators import BESIDE_OPERATORS, beside
from macsmith.figures.macs.conclusions import ORDERINGS, SENSITIVITY, SPREAD
from macsmith.figures.macs.embedded_library import REGION as EMBEDDED
from macsmith.figures.macs.equal_throughput import REGION as EQUAL_THROUGHPUT
from macsmith.figures.macs.mac_records import COMPARISON, CORE, UNIT, at, best, by_unit, netlist
from macsmith.figures.macs.quality_of_result import BESIDE_PUBLISHED, netlists
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
from macsmith.host.plain_folder import plain_folder
from macsmith.jobs.area_delay_jobs import curve_jobs
from macsmith.jobs.energy_job import replay_of
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import Job, Result, measured
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Uniform
from macsmith.synthesis.yosys_abc import Recipe

SETTINGS: list[tuple[str, dict[str, Any]]] = [
    ("data-gated", {}),
    ("data-gated", {"stages": 1}),
    ("data-gated", {"adder": "ripple"}),
    ("data-gated", {"compressor": "4:2"}),
    ("data-gated", {"clock_gating": "enable"}),
    ("data-gated", {"length": 4}),
    ("data-gated", {"length": 16}),
    ("subword-st", {}),
    ("subword-st", {"stages": 1}),
    ("subword-st", {"compressor": "4:2"}),
    ("subword-st", {"clock_gating": "none"}),
    ("subword-st", {"length": 4}),
    ("dnc-2d-st", {}),
    ("dnc-2d-st", {"stages": 1}),
    ("dnc-2d-st", {"compressor": "4:2"}),
    ("dnc-2d-st", {"clock_gating": "cell"}),
    ("dnc-2d-st", {"length": 4}),
    ("serial-1d", {}),
    ("serial-1d", {"length": 4}),
    ("serial-1d", {"length": 16}),
]
"""What the table of parameters measures; a unit's first line is what its others refer to."""

TOGGLED = ("data-gated", "dnc-2d-st", "serial-1d")
"""Units whose toggles are compared with those of Icarus Verilog."""

LEAST = "the netlist of least area x period"


def curve(tech: Technology) -> Records:
    """Measure the front of the reference unit."""
    units = {REFERENCE: make_spec(REFERENCE)}

    def results(jobs: Sequence[Job]) -> list[Result]:
        measure(jobs, tech)
        return [measured(job, tech) for job in jobs]

    records = measure(curve_jobs(units, ["core"], tech, results), tech)
    ((_, kept),) = fronts_of(records, "core")
    return rows_of(kept)


def curves(runs: Sequence[LibraryRun]) -> Shown:
    """Return the front of the reference unit on each library."""
    rows = [
        [
            run.library, netlist(record), f"{record['area_um2']:.0f}",
            f"{record['period_ns']:.3f}",
            f"{record['period_ns'] / run.records[0]['period_ns']:.2f}",
            f"{record['area_um2'] * record['period_ns']:.0f}",
        ]
        for run in runs
        for record in run.records
    ]  # fmt: skip
    head = ["library", "netlist", "um2", "ns", "over fastest", "um2 ns"]
    return Shown(f"{table(head, rows, 2)}\n\n{made(runs, 'Core boundary')}")


def set_parameters(tech: Technology) -> Records:
    """Measure units with single parameters set, at full precision."""
    return [
        best(tech, {name: make_spec(name, settings)})[0] | {"settings": settings}
        for name, settings in SETTINGS
    ]


def parameters(runs: Sequence[LibraryRun]) -> Shown:
    """Return what single parameters change."""
    rows, one = [], {}
    for record in runs[0].records:
        settings, macs = record["settings"], record["macs_per_cycle"]
        figures = {"area": record["area_um2"] / macs, "period": record["period_ns"]}
        if not settings:
            one = figures
        ratios = {key: figures[key] / one[key] for key in figures}
        rows.append(
            [
                f"`{record['unit']}`",
                " ".join(f"`{key}={value}`" for key, value in settings.items()),
                netlist(record), f"{record['area_um2']:.0f}", record["flip_flops"],
                f"{record['period_ns']:.3f}", f"{ratios['area']:.2f}", f"{ratios['period']:.2f}",
                f"{ratios['area'] * ratios['period']:.2f}",
            ]
        )  # fmt: skip
    head = ["unit", "setting", "netlist", "um2", "FF", "ns", "area a MAC", "period", "product"]
    what = (
        "The last three columns are ratios to the unit's first line; a MAC is one a cycle, 8x8. "
        f"Of each {LEAST}."
    )
    return Shown(f"{table(head, rows, 3)}\n\n{what} {made(runs, 'Core boundary')}")


def energies(runs: Sequence[LibraryRun]) -> Shown:
    """Return the energy of every style and mode, and of what it consists at full precision."""
    rows, parts = [], []
    found = by_unit(at(runs[0].records, CORE))
    modes = list(found[REFERENCE])
    for name, mine in found.items():
        one = mine[modes[0]]
        rows.append(
            [
                f"`{name}`", netlist(one),
                *(f"{mine[mode]['energy_pj_per_mac']:.3f}" for mode in modes),
                f"{one['energy_zero_delay_pj_per_mac']:.3f}",
            ]
        )  # fmt: skip
        parts.append([f"`{name}`", *(f"{pj:.3f}" for pj in one["energy_parts"].values())])
    head = ["unit", "netlist", *modes, f"{modes[0]}, no glitches"]
    split = table(["unit", *found[REFERENCE][modes[0]]["energy_parts"]], parts)
    return Shown(f"{table(head, rows, 2)}\n\nAt {modes[0]}:\n\n{split}\n\n{_what(runs, 'Core')}")


def unit_energies(runs: Sequence[LibraryRun]) -> Shown:
    """Return the energy of every unit in its widest and narrowest mode, by place."""
    found = by_unit(at(runs[0].records, UNIT))
    widest, *_, narrowest = modes = list(found[REFERENCE])
    rows = []
    for name, mine in found.items():
        row = [f"`{name}`", netlist(mine[modes[0]])]
        for mode in (widest, narrowest):
            pj = [mine[mode]["energy_pj_per_mac"], *mine[mode]["energy_places"].values()]
            row += [f"{value:.3f}" for value in pj]
        rows.append(row)
    places = ["total", *found[REFERENCE][widest]["energy_places"]]
    head = ["unit", "netlist", *(f"{mode} {one}" for mode in (widest, narrowest)
                                 for one in places)]  # fmt: skip
    return Shown(f"{table(head, rows, 2)}\n\n{_what(runs, 'Unit')}")


def _what(runs: Sequence[LibraryRun], boundary: str) -> str:
    what = f"pJ a product; {runs[0].records[0]['stimulus']}; {LEAST}."
    return f"{what} {made(runs[:1], f'{boundary} boundary')}"


def both_toggles(tech: Technology) -> Records:
    """Count transitions of netlists, ours and those of Icarus Verilog."""
    return [
        _both(name, tech, cells)
        for name in TOGGLED
        for cells in ((False, True) if tech.full_adder else (False,))
    ]


def _both(name: str, tech: Technology, cells: bool) -> Row:
    spec = make_spec(name)
    replay = replay_of(Job(name, spec, "core", Recipe.AREA, cells), tech)
    ((_, batch),) = Uniform(beats=200, length=200).parts(name, spec, 0)
    with plain_folder() as folder:
        check = cross_check(replay, batch, folder)
    return {
        "unit": name, "adders": "cells" if cells else "gates", "settled": check.settled,
        "wrong": check.wrong, "icarus": check.icarus, "toggles_off": check.toggles_off,
        "glitches_off": check.glitches_off, "percentile_95": check.percentile_95,
    }  # fmt: skip


def toggles(runs: Sequence[LibraryRun]) -> Shown:
    """Return our toggles and those of Icarus Verilog, in netlists with and without adder cells."""
    rows = [
        [
            run.library, f"`{one['unit']}`",
            "full adders" if one["adders"] == "cells" else "gates", one["settled"],
            one["wrong"], one["icarus"], f"{one['toggles_off']:+.2%}",
            f"{one['glitches_off']:+.1%}", f"{one['percentile_95']:.1%}",
        ]
        for run in runs
        for one in run.records
    ]  # fmt: skip
    head = ["library", "unit", "netlist", "settled", "nets that differ", "with glitches",
            "difference", "of glitches", "95 % of nets within"]  # fmt: skip
    what = "Recipe `area`, core, 8x8, 200 beats in one copy; transitions in Icarus Verilog."
    return Shown(f"{table(head, rows, 3)}\n\n{what} {made(runs, 'Core boundary')}")


PAGE = Page(
    "docs/measurement.md",
    (
        MeasuredRegion("curve", Measured("curve", curve, several=True), curves),
        EQUAL_THROUGHPUT,
        EMBEDDED,
        MeasuredRegion("qor", BESIDE_PUBLISHED, netlists),
        MeasuredRegion("operators", BESIDE_OPERATORS, beside),
        MeasuredRegion("parameters", Measured("parameters", set_parameters), parameters),
        SPREAD,
        SENSITIVITY,
        MeasuredRegion("energy", COMPARISON, energies),
        MeasuredRegion("unit-energy", COMPARISON, unit_energies),
        ORDERINGS,
        MeasuredRegion("toggles", Measured("toggles", both_toggles, several=True), toggles),
    ),
)

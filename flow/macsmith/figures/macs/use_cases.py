"""The measured tables of docs/use-cases.md."""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from macsmith.analysis.network_cost import network_records
from macsmith.analysis.precision_mix import PUBLISHED_MIXES, fitting, mix_records
from macsmith.analysis.published.envision import SUBWORD
from macsmith.analysis.published.verdicts import REFERENCE
from macsmith.catalog.catalog import compared, make_spec
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
from macsmith.figures.macs.mac_records import default_units
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import jobs_for
from macsmith.library.technology import Technology
from macsmith.mac.spec import MacSpec
from macsmith.networks.layer_tables.layers import Workload
from macsmith.networks.layer_tables.published import TABLES
from macsmith.synthesis.yosys_abc import Recipe

BOUNDARIES = {"unit": "Units", "core": "Cores, as published"}
"""Where units are cut, the one that a designer pays for first."""

WIDE_DIGITS = (2, 4)
"""Digits that units are measured with, too, where they have digits."""

ENVISION = "envision"
"""How the tables of Envision's networks begin."""

COSTS = {"energy_uj": "least energy, uJ", "ms": "least time, ms",
         "energy_area_uj_mm2": "least uJ mm2"}  # fmt: skip
"""What a whole network is judged by, and how the columns are called."""


def measure_mixes(tech: Technology) -> Records:
    """Measure every unit at the published mixes."""
    found = _mixed(default_units(), tech)
    for digit in WIDE_DIGITS:
        wide: dict[str, MacSpec] = {
            name: make_spec(name, {"digit": digit})
            for name, spec in default_units().items()
            if "digit" in spec.parameter_names()
        }
        found += _mixed(wide, tech, f" `digit={digit}`")
    return found


def _mixed(units: Mapping[str, MacSpec], tech: Technology, what: str = "") -> Records:
    jobs = jobs_for(units, list(BOUNDARIES), list(Recipe), tech)
    measured = measure(jobs, tech, energy=EnergyPlan(boundaries=tuple(BOUNDARIES)))
    keys = ("unit", "boundary", "mode", "energy_pj_per_mac", "gmacs_per_s_per_mm2", "stimulus")
    return [
        {key: record[key] for key in keys} | {"what": f"`{record['unit']}`{what}"}
        for place in BOUNDARIES
        for record in rows_of(mix_records(measured, PUBLISHED_MIXES, place))
    ]


def mixes(runs: Sequence[LibraryRun]) -> Shown:
    """Return energy and throughput per area of every unit at the published mixes."""
    told = [
        f"{head}, {what}, and in brackets the ratio to `{REFERENCE}`:\n\n"
        + _at_mixes([r for r in runs[0].records if r["boundary"] == place], key, digits)
        for place, head in BOUNDARIES.items()
        for key, what, digits in (
            ("energy_pj_per_mac", "pJ a product", 3),
            ("gmacs_per_s_per_mm2", "GMAC/s/mm2 at one clock", 0),
        )
    ]
    return Shown("\n\n".join([*told, made(runs, "Units and cores")]))


def _at_mixes(records: Records, key: str, digits: int) -> str:
    """Return a table of a figure of every unit at every mix."""
    rows: dict[str, dict[str, Row]] = {}
    for record in records:
        rows.setdefault(record["what"], {})[record["mode"]] = record
    base = rows[f"`{REFERENCE}`"]
    lines = [
        [unit, *(f"{r[key]:.{digits}f} ({r[key] / base[m][key]:.2f})" for m, r in own.items())]
        for unit, own in rows.items()
    ]
    return table(["unit", *(f"`{mix}`" for mix in base)], lines)


def measure_networks(tech: Technology) -> Records:
    """Measure what each built-in table costs on every unit."""
    found = []
    for name, workload in TABLES.items():
        units, records = _network(workload, tech, fitting([], workload.width))
        found += [
            {
                "workload": name, "unit": record["unit"], "macs": workload.macs,
                "width": units[record["unit"]].act_width,
                **{key: record[key] for key in ("useful_share", *COSTS)},
            }
            for record in records
            if record["layer"] is None
        ]  # fmt: skip
    return found


def networks(runs: Sequence[LibraryRun]) -> Shown:
    """Return which unit takes least at each built-in table."""
    rows = []
    for name in dict.fromkeys(record["workload"] for record in runs[0].records):
        whole = [record for record in runs[0].records if record["workload"] == name]
        base = next(record for record in whole if record["unit"] == REFERENCE)
        cells = [f"`{name}`", str(base["width"]), f"{base['macs'] / 1e6:,.1f}"]
        for key in COSTS:
            best = min(whole, key=itemgetter(key))
            cells.append(f"`{best['unit']}` {_four(best[key])} ({best[key] / base[key]:.2f})")
        fewest = min(whole, key=itemgetter("useful_share"))
        rows.append([*cells, f"`{fewest['unit']}` {fewest['useful_share']:.3f}"])
    head = ["table", "unit's bits", "MMAC", *COSTS.values(), "least useful share"]
    return Shown(f"{table(head, rows)}\n\n{made(runs, 'Unit boundary')}")


def measure_envision(tech: Technology) -> Records:
    """Measure Envision's layers on our unit of its kind, built as wide as Envision."""
    settings = ["act_width=16", "weight_width=16"]
    keys = ("layer", "published", "act_bits", "weight_bits", "mode", "energy_pj_per_mac")
    found = []
    for name, workload in TABLES.items():
        if name.startswith(ENVISION):
            unit, core = (
                [
                    record
                    for record in _network(workload, tech, settings, (SUBWORD,), place)[1]
                    if record["layer"] and record["published"]
                ]
                for place in BOUNDARIES
            )
            found += [
                {"workload": name, "core_pj_per_mac": alone["energy_pj_per_mac"]}
                | {key: record[key] for key in keys}
                for record, alone in zip(unit, core, strict=True)
            ]
    return found


def envision(runs: Sequence[LibraryRun]) -> Shown:
    """Return Envision's layers beside ours; of those that it tells alike the first alone."""
    rows: list[list[str]] = []
    for record in runs[0].records:
        tops = [float(part) for part in record["published"]["tops_per_w"].split("-")]
        row = [
            f"`{record['workload']}`", record["layer"],
            f"{record['act_bits']}x{record['weight_bits']}", record["mode"],
            "-".join(f"{2 / one:.2f}" for one in reversed(tops)),
            f"{record['energy_pj_per_mac']:.2f}", f"{record['core_pj_per_mac']:.2f}",
        ]  # fmt: skip
        if not rows or (row[0], row[2:5]) != (rows[-1][0], rows[-1][2:5]):
            rows.append(row)
    head = ["table", "layer", "bits", "our mode", "Envision, pJ", f"`{SUBWORD}`, pJ", "core, pJ"]
    return Shown(f"{table(head, rows, 3)}\n\n{made(runs, 'Units and cores')}")


def _network(
    workload: Workload,
    tech: Technology,
    settings: Sequence[str],
    names: Sequence[str] = tuple(compared()),
    boundary: str = "unit",
) -> tuple[dict[str, MacSpec], Records]:
    """Return units and what a network costs on them."""
    parameters: dict[str, Any] = dict(_numbers(settings))
    units: dict[str, MacSpec] = {name: make_spec(name, parameters) for name in names}
    jobs = jobs_for(units, [boundary], list(Recipe), tech)
    return units, rows_of(network_records(jobs, measure(jobs, tech), tech, workload))


def _numbers(settings: Sequence[str]) -> Iterator[tuple[str, int]]:
    for setting in settings:
        key, _, value = setting.partition("=")
        yield key, int(value)


def _four(figure: float) -> str:
    return f"{float(f'{figure:.4g}'):,.15g}"


PAGE = Page(
    "docs/use-cases.md",
    (
        MeasuredRegion("mixes", Measured("mixes", measure_mixes), mixes),
        MeasuredRegion("networks", Measured("networks", measure_networks), networks),
        MeasuredRegion("envision", Measured("envision", measure_envision), envision),
    ),
)

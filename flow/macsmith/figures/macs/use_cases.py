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
    jobs = jobs_for(units, ["core"], list(Recipe), tech)
    records = rows_of(mix_records(measure(jobs, tech, energy=EnergyPlan()), PUBLISHED_MIXES))
    keys = ("unit", "mode", "energy_pj_per_mac", "gmacs_per_s_per_mm2", "stimulus")
    return [
        {key: record[key] for key in keys} | {"what": f"`{record['unit']}`{what}"}
        for record in records
    ]


def mixes(runs: Sequence[LibraryRun]) -> Shown:
    """Return energy and throughput per area of every unit at the published mixes."""
    rows: dict[str, dict[str, Row]] = {}
    for record in runs[0].records:
        rows.setdefault(record["what"], {})[record["mode"]] = record
    base = rows[f"`{REFERENCE}`"]

    def tabled(key: str, digits: int) -> str:
        lines = [
            [unit, *(f"{r[key]:.{digits}f} ({r[key] / base[m][key]:.2f})" for m, r in own.items())]
            for unit, own in rows.items()
        ]
        return table(["unit", *(f"`{mix}`" for mix in base)], lines)

    return Shown(
        f"pJ a product, and in brackets the ratio to `{REFERENCE}`:\n\n"
        f"{tabled('energy_pj_per_mac', 3)}\n\nGMAC/s/mm2 at one clock:\n\n"
        f"{tabled('gmacs_per_s_per_mm2', 0)}\n\n{made(runs, 'Core boundary')}"
    )


def measure_networks(tech: Technology) -> Records:
    """Measure what each built-in table costs on every unit."""
    found = []
    for name, workload in TABLES.items():
        units, records = _network(workload, tech, fitting([], workload.width))
        found += [
            {
                "workload": name, "unit": record["unit"], "macs": workload.macs,
                "width": units[record["unit"]].act_width, **{key: record[key] for key in COSTS},
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
        rows.append(cells)
    head = ["table", "unit's bits", "MMAC", *COSTS.values()]
    return Shown(f"{table(head, rows)}\n\n{made(runs, 'Core boundary')}")


def measure_envision(tech: Technology) -> Records:
    """Measure Envision's layers on our unit of its kind, built as wide as Envision."""
    settings = ["act_width=16", "weight_width=16"]
    keys = ("layer", "published", "act_bits", "weight_bits", "mode", "energy_pj_per_mac")
    return [
        {"workload": name} | {key: record[key] for key in keys}
        for name, workload in TABLES.items()
        if name.startswith(ENVISION)
        for record in _network(workload, tech, settings, (SUBWORD,))[1]
        if record["layer"] and record["published"]
    ]


def envision(runs: Sequence[LibraryRun]) -> Shown:
    """Return Envision's layers beside ours; of layers alike the first stands for all."""
    rows: list[list[str]] = []
    for record in runs[0].records:
        tops = [float(part) for part in record["published"]["tops_per_w"].split("-")]
        row = [
            f"`{record['workload']}`", record["layer"],
            f"{record['act_bits']}x{record['weight_bits']}", record["mode"],
            "-".join(f"{2 / one:.2f}" for one in reversed(tops)),
            f"{record['energy_pj_per_mac']:.2f}",
        ]  # fmt: skip
        if not rows or (row[0], row[-1]) != (rows[-1][0], rows[-1][-1]):
            rows.append(row)
    head = ["table", "layer", "bits", "our mode", "Envision, pJ", f"`{SUBWORD}` core, pJ"]
    return Shown(f"{table(head, rows, 3)}\n\n{made(runs, 'Core boundary')}")


def _network(
    workload: Workload,
    tech: Technology,
    settings: Sequence[str],
    names: Sequence[str] = tuple(compared()),
) -> tuple[dict[str, MacSpec], Records]:
    """Return units and what a network costs on them."""
    parameters: dict[str, Any] = dict(_numbers(settings))
    units: dict[str, MacSpec] = {name: make_spec(name, parameters) for name in names}
    jobs = jobs_for(units, ["core"], list(Recipe), tech)
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

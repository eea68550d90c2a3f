"""The measured tables of docs/use-cases.md; `figures.py usecases TECH` fills them."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from filling import markdown

from macsmith.analysis.network_cost import network_records
from macsmith.analysis.precision_mix import PUBLISHED_MIXES, fitting, mix_records
from macsmith.analysis.published.verdicts import REFERENCE
from macsmith.catalog.catalog import compared, make_spec
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import jobs_for
from macsmith.library.technology import Technology
from macsmith.mac.spec import MacSpec
from macsmith.networks.layer_tables.layers import Workload
from macsmith.networks.layer_tables.published import TABLES
from macsmith.records.record import Record
from macsmith.synthesis.yosys_abc import Recipe

SERIAL = ("serial-1d", "serial-2d")
"""Units that are measured with wider digits, too."""


def mixes(technology: Technology) -> str:
    """Return energy and throughput per area of every unit at the published mixes."""
    units = {name: make_spec(name) for name in compared()}
    found = _mixed(units, technology)
    rows = {f"`{name}`": _of(found, name) for name in units}
    for digit in (2, 4):
        wide = {name: make_spec(name, {"digit": digit}) for name in SERIAL}
        found = _mixed(wide, technology)
        rows |= {f"`{name}` `digit={digit}`": _of(found, name) for name in wide}
    base = rows[f"`{REFERENCE}`"]
    names = [mix.name for mix in PUBLISHED_MIXES]

    def table(key: str, digits: int) -> str:
        lines = [
            [unit, *(f"{r[key]:.{digits}f} ({r[key] / base[m][key]:.2f})" for m, r in own.items())]
            for unit, own in rows.items()
        ]
        return markdown(["unit", *(f"`{name}`" for name in names)], lines)

    return (
        f"pJ a product, and in brackets the ratio to `{REFERENCE}`:\n\n"
        f"{table('energy_pj_per_mac', 3)}\n\nGMAC/s/mm2 at one clock:\n\n"
        f"{table('gmacs_per_s_per_mm2', 0)}"
    )


def networks(technology: Technology) -> str:
    """Return which unit takes least at each built-in table."""
    rows = []
    for name, workload in TABLES.items():
        units, records = _network(workload, technology, fitting([], workload.width))
        whole = [record for record in records if record["layer"] is None]
        cells = [
            f"`{name}`",
            str(next(iter(units.values())).act_width),
            f"{workload.macs / 1e6:,.1f}",
        ]
        for key in ("energy_uj", "ms", "energy_area_uj_mm2"):
            best = min(whole, key=itemgetter(key))
            base = next(record for record in whole if record["unit"] == REFERENCE)
            cells.append(f"`{best['unit']}` {_four(best[key])} ({best[key] / base[key]:.2f})")
        rows.append(cells)
    head = ["table", "unit's bits", "MMAC", "least energy, uJ", "least time, ms", "least uJ mm2"]
    return markdown(head, rows)


def envision(technology: Technology) -> str:
    """Return Envision's layers beside our unit of its kind, built as wide as Envision."""
    rows = []
    for name, workload in TABLES.items():
        if not name.startswith("envision"):
            continue
        settings = ["act_width=16", "weight_width=16"]
        _, records = _network(workload, technology, settings, ("subword-sa",))
        for record in records:
            if record["layer"] and record["published"] and _is_new(record, rows):
                tops = [float(part) for part in record["published"]["tops_per_w"].split("-")]
                pj = "-".join(f"{2 / one:.2f}" for one in reversed(tops))
                rows.append(
                    [f"`{name}`", record["layer"], f"{record['act_bits']}x{record['weight_bits']}",
                     record["mode"], pj, f"{record['energy_pj_per_mac']:.2f}"]
                )  # fmt: skip
    head = ["table", "layer", "bits", "our mode", "Envision, pJ", "`subword-sa` core, pJ"]
    return markdown(head, rows, 3)


def _is_new(record: Record, rows: Sequence[Sequence[str]]) -> bool:
    """Return whether a layer differs from the one before; its name is the first of them."""
    last = f"{record['energy_pj_per_mac']:.2f}"
    return not rows or rows[-1][-1] != last or rows[-1][0] != f"`{record['workload']}`"


def _mixed(units: dict[str, MacSpec], technology: Technology) -> list[Record]:
    jobs = jobs_for(units, ["core"], list(Recipe), technology)
    return mix_records(measure(jobs, technology, energy=EnergyPlan()), PUBLISHED_MIXES)


def _of(records: Sequence[Record], unit: str) -> dict[str, Record]:
    return {record["mode"]: record for record in records if record["unit"] == unit}


def _network(
    workload: Workload,
    technology: Technology,
    settings: Sequence[str],
    names: Sequence[str] = tuple(compared()),
) -> tuple[dict[str, MacSpec], list[Record]]:
    """Return units and what a network costs on them."""
    parameters: dict[str, Any] = {key: int(v) for key, v in (s.split("=") for s in settings)}
    units = {name: make_spec(name, parameters) for name in names}
    jobs = jobs_for(units, ["core"], list(Recipe), technology)
    records = measure(jobs, technology)
    return units, network_records(jobs, records, technology, workload)


def _four(figure: float) -> str:
    return f"{float(f'{figure:.4g}'):,.15g}"

"""The measured tables of docs/scaling.md."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, cast

from macsmith.analysis.alpha_power import AlphaPower, model_of
from macsmith.analysis.published.envision import PLAIN, SUBWORD, compared
from macsmith.analysis.published.verdicts import REFERENCE
from macsmith.analysis.voltage_scaling import METHODS, scaled
from macsmith.catalog.settings import spec_of
from macsmith.figures.docs_page import LibraryRun, Measured, MeasuredRegion, Page, Records, Shown
from macsmith.figures.macs.mac_records import best, default_units
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
from macsmith.figures.record_keys import key_regions
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.library.technology import Technology
from macsmith.mac.spec import MacSpec
from macsmith.records.documentation import SCALING
from macsmith.records.record import Record, ScaledRecord

PUBLISHED = ["act_width=16", "weight_width=16", "act_signed=true", "modes=16x16,8x8,4x4"]
"""Settings of the published multiplier study, so far as a MAC has them."""

VARIED: tuple[dict[str, Any], ...] = (
    {},
    {"vth_v": 0.42},
    {"alpha": 1.6},
    {"vmin_v": 0.45},
    {"vmin_v": 0.65},
    {"step_v": 0.1},
)
"""What the table of sensitivity changes, one at a time."""


def styles(tech: Technology) -> Records:
    """Measure the energies of every style, for the supply to scale."""
    return _with_energy(tech, default_units())


def study(tech: Technology) -> Records:
    """Measure the energies of what was published, for the supply to scale."""
    return _with_energy(tech, {name: spec_of(name, PUBLISHED) for name in (PLAIN, SUBWORD)})


def _with_energy(tech: Technology, units: Mapping[str, MacSpec]) -> Records:
    model = asdict(model_of(tech))
    return [record | {"delay_model": model} for record in best(tech, units, EnergyPlan())]


def operating_points(runs: Sequence[LibraryRun]) -> Shown:
    """Return every style in its narrowest mode, by method."""
    model = _model(runs)
    rows = scaled(_records(runs), model)
    narrowest = rows[-1]["mode"]
    at = {(row["unit"], row["method"]): row for row in rows if row["mode"] == narrowest}
    lines = []
    for name in dict.fromkeys(row["unit"] for row in rows):
        das, dvas, dvafs = (at[name, method] for method in METHODS)
        lines.append(
            [
                f"`{name}`", f"{dvafs['products']:g}", f"{das['clock_mhz']:.0f}", *_energy(das),
                f"{dvas['voltage_v']:.2f}", *_energy(dvas), f"{dvafs['voltage_v']:.2f}",
                f"{dvafs['clock_mhz']:.0f}", *_energy(dvafs),
            ]
        )  # fmt: skip
    head = ["unit", "N", "MHz", "DAS pJ", "ratio", "DVAS V", "pJ", "ratio"]
    head += ["DVAFS V", "MHz", "pJ", "ratio"]
    what = f"At {narrowest}; ratios to `{REFERENCE}` at 8x8 and {model.nominal_v:g} V."
    return Shown(f"{table(head, lines)}\n\n{what}\n\n{made(runs, 'Core boundary')}")


def beside_published(runs: Sequence[LibraryRun]) -> Shown:
    """Return the published comparison, and how ours depends on the model's parameters."""
    records, model = _records(runs), _model(runs)
    lines = [
        [one.quantity, one.where, f"{one.published} {one.unit}", f"{one.ours:.2f} {one.unit}",
         "" if one.logic is None else f"{one.logic:.2f} {one.unit}"]
        for one in compared(scaled(records, model))
    ]  # fmt: skip
    beside = table(["quantity", "published of", "published", "ours", "logic"], lines, 2)
    head = ["Vth", "alpha", "Vmin", "step", "DVAFS V at 8x8", "at 4x4", "saved at 8x8", "at 4x4"]
    varied = table(head, [_sensitivity(records, model, change) for change in VARIED], 0)
    what = f"`{SUBWORD}` by DVAFS, if a parameter were another, the first line as above:"
    return Shown(f"{beside}\n\n{what}\n\n{varied}\n\n{made(runs, 'Core boundary')}")


def _sensitivity(records: list[Record], model: AlphaPower, change: dict[str, Any]) -> list[str]:
    changed = replace(model, **change)
    at = {(r["unit"], r["mode"], r["method"]): r for r in scaled(records, changed)}
    full = at[SUBWORD, "16x16", "DAS"]["energy_pj_per_mac"]
    low = [at[SUBWORD, mode, "DVAFS"] for mode in ("8x8", "4x4")]
    figures = (changed.vth_v, changed.alpha, changed.vmin_v, changed.step_v)
    return [
        *(f"{figure:g}" for figure in figures), *(f"{row['voltage_v']:.3f}" for row in low),
        *(f"{1 - row['energy_pj_per_mac'] / full:.1%}" for row in low),
    ]  # fmt: skip


def _records(runs: Sequence[LibraryRun]) -> list[Record]:
    return [cast(Record, record) for record in runs[0].records]


def _model(runs: Sequence[LibraryRun]) -> AlphaPower:
    """Return the delay model of the library that records are of."""
    return AlphaPower(**runs[0].records[0]["delay_model"])


def _energy(row: ScaledRecord) -> list[str]:
    return [f"{row['energy_pj_per_mac']:.3f}", f"{row['energy_relative']:.3f}"]


PAGE = Page(
    "docs/scaling.md",
    (
        MeasuredRegion("scaling", Measured("styles", styles), operating_points),
        MeasuredRegion("envision", Measured("study", study), beside_published),
        *key_regions(SCALING),
    ),
)

"""The tables of docs/scaling.md, which docs/figures.py fills."""

from dataclasses import replace

from filling import markdown

from macsmith.analysis.alpha_power import AlphaPower, model_of
from macsmith.analysis.area_delay_front import fronts_of
from macsmith.analysis.published.envision import PLAIN, SUBWORD, compared
from macsmith.analysis.voltage_scaling import METHODS, scaled
from macsmith.catalog.catalog import compared as all_compared
from macsmith.catalog.catalog import make_spec
from macsmith.catalog.settings import spec_of
from macsmith.jobs.area_delay_jobs import curve_jobs
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import jobs_for, measured
from macsmith.library.technology import Technology
from macsmith.mac.spec import MacSpec
from macsmith.records.record import Record
from macsmith.synthesis.yosys_abc import Recipe

PUBLISHED = ["act_width=16", "weight_width=16", "act_signed=true", "modes=16x16,8x8,4x4"]
"""Settings of the published multiplier study, so far as a MAC has them."""

VARIED = ({}, {"vth_v": 0.42}, {"alpha": 1.6}, {"vmin_v": 0.45}, {"vmin_v": 0.65}, {"step_v": 0.1})
"""What the table of sensitivity changes, one at a time."""


def operating_points(tech: Technology) -> str:
    """Return every style in its narrowest mode, by method."""
    model = model_of(tech)
    rows = scaled(_with_energy(tech, {name: make_spec(name) for name in all_compared()}), model)
    narrowest = rows[-1]["mode"]
    at = {(row["unit"], row["method"]): row for row in rows if row["mode"] == narrowest}
    lines = []
    for name in all_compared():
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
    what = f"At {narrowest}; ratios to `data-gated` at 8x8 and {model.nominal_v:g} V."
    return f"{markdown(head, lines)}\n\n{what}"


def published(tech: Technology) -> str:
    """Return the published comparison, and how ours depends on the model's parameters."""
    units = {name: spec_of(name, PUBLISHED) for name in (PLAIN, SUBWORD)}
    records, model = _with_energy(tech, units), model_of(tech)
    lines = [
        [one.quantity, one.where, f"{one.published} {one.unit}", f"{one.ours:.2f} {one.unit}",
         "" if one.logic is None else f"{one.logic:.2f} {one.unit}"]
        for one in compared(scaled(records, model))
    ]  # fmt: skip
    table = markdown(["quantity", "published of", "published", "ours", "logic"], lines, 2)
    varied = [_sensitivity(records, model, change) for change in VARIED]
    head = ["Vth", "alpha", "Vmin", "step", "DVAFS V at 8x8", "at 4x4", "saved at 8x8", "at 4x4"]
    what = f"`{SUBWORD}` by DVAFS, if a parameter were another, the first line as above:"
    return f"{table}\n\n{what}\n\n{markdown(head, varied, 0)}"


def _sensitivity(records: list[Record], model: AlphaPower, change: dict[str, float]) -> list[str]:
    changed = replace(model, **change)
    at = {(r["unit"], r["mode"], r["method"]): r for r in scaled(records, changed)}
    full = at[SUBWORD, "16x16", "DAS"]["energy_pj_per_mac"]
    low = [at[SUBWORD, mode, "DVAFS"] for mode in ("8x8", "4x4")]
    figures = (changed.vth_v, changed.alpha, changed.vmin_v, changed.step_v)
    return [
        *(f"{figure:g}" for figure in figures), *(f"{row['voltage_v']:.3f}" for row in low),
        *(f"{1 - row['energy_pj_per_mac'] / full:.1%}" for row in low),
    ]  # fmt: skip


def curve(techs: list[Technology]) -> str:
    """Return the fronts of ``data-gated``."""
    lines = []
    for tech in techs:
        units = {PLAIN: make_spec(PLAIN)}

        def results(jobs: list, tech: Technology = tech) -> list:  # type: ignore[type-arg]
            measure(jobs, tech)
            return [measured(job, tech) for job in jobs]

        records = measure(curve_jobs(units, ["core"], tech, results), tech)
        ((_, kept),) = fronts_of(records, "core")
        for record in kept:
            lines.append(
                [
                    tech.name, record["recipe"] + ", cells" * (record["adders"] == "cells"),
                    f"{record['area_um2']:.0f}", f"{record['period_ns']:.3f}",
                    f"{record['period_ns'] / kept[0]['period_ns']:.2f}",
                    f"{record['area_um2'] * record['period_ns']:.0f}",
                ]
            )  # fmt: skip
    return markdown(["library", "netlist", "um2", "ns", "over fastest", "um2 ns"], lines, 2)


def _with_energy(tech: Technology, units: dict[str, MacSpec]) -> list[Record]:
    return measure(jobs_for(units, ["core"], list(Recipe), tech), tech, energy=EnergyPlan())


def _energy(row: Record) -> list[str]:
    return [f"{row['energy_pj_per_mac']:.3f}", f"{row['energy_relative']:.3f}"]

"""The command ``macsmith scaling``: measure, model, write, print."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from macsmith.analysis.alpha_power import AlphaPower, fitted, model_of
from macsmith.analysis.published.envision import compared, idle_share
from macsmith.analysis.voltage_scaling import OTHERS, WRAPPER, check_fixed, scaled, with_part
from macsmith.cli.measurement import Measurement, measure_shown
from macsmith.cli.outputs import write_json
from macsmith.contract.errors import UserError
from macsmith.energy.power_model import check_power
from macsmith.energy.unit_replay import check_compiler
from macsmith.host.plain_folder import plain_folder
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.netlist_job import Job, jobs_for, measured, netlist_of
from macsmith.library.resolve import resolve
from macsmith.library.technology import Conditions, Technology
from macsmith.mac.spec import MacSpec
from macsmith.operands.stimulus import Stimulus
from macsmith.output.terminal import err, out
from macsmith.output.whole_file import check_folder, check_output, write_whole
from macsmith.records.record import Record, ScaledRecord
from macsmith.records.selection import smallest_product, unit_of
from macsmith.report.terminal.scaling import operating_points, published_points
from macsmith.report.terminal.units import to_csv
from macsmith.synthesis.yosys_abc import Recipe
from macsmith.timing.timing import minimum_period

LEAST_CORNERS = 3
"""A threshold, an exponent and a scale are three unknowns."""


@dataclass(frozen=True, kw_only=True)
class Supply:
    """What a user says of the supply and of the process; None where the library's is meant.

    Members
    -------
    vth, alpha, vmin, step
        See `AlphaPower`.
    corners
        Liberty files or folders of the same cells at other voltages, to fit vth and alpha to.
    fixed
        Parts of energy outside the scaled supply.
    others_pj
        Energy of a cycle in whatever else is outside of it, such as memories, in pJ.
    boundary
        ``core``, or ``unit`` to count the wrapper round the core, at the nominal supply.
    """

    vth: float | None = None
    alpha: float | None = None
    vmin: float | None = None
    step: float = 0.0
    corners: Sequence[str] = field(default_factory=tuple)
    fixed: Sequence[str] = field(default_factory=tuple)
    others_pj: float = 0.0
    boundary: str = "core"

    def check(self) -> None:
        """Raise a sentence about what is wrong whatever the library is."""
        check_fixed(self.fixed)
        if not 0 <= self.others_pj < float("inf"):
            raise UserError(f"others must be an energy of at least 0 pJ, not {self.others_pj:g} pJ")
        if self.corners and (self.vth, self.alpha) != (None, None):
            raise UserError("--corner must not be given with --vth or --alpha, which it finds")
        if self.corners and len(self.corners) + 1 < LEAST_CORNERS:
            raise UserError(
                f"--corner must be given at least {LEAST_CORNERS - 1} times, beside the library "
                f"itself, not {len(self.corners)} times"
            )


@dataclass(frozen=True, kw_only=True)
class ScalingOutputs:
    """Where modelled records go, besides the terminal."""

    json: Path | None = None
    csv: Path | None = None
    plots: Path | None = None

    def check(self) -> None:
        """Raise a sentence if one of them could not be written."""
        for path in (self.json, self.csv):
            check_output(path)
        check_folder(self.plots)

    def write(self, rows: Sequence[ScaledRecord]) -> None:
        """Write what was asked for; only plots load the charting library."""
        write_json(self.json, rows)
        if self.csv is not None:
            write_whole(self.csv, to_csv(rows))
        if self.plots is not None:
            from macsmith.report.page.scaling import write_scaling_plots

            write_scaling_plots(rows, self.plots)


def run_scaling(
    units: Mapping[str, MacSpec],
    tech: str | None,
    supply: Supply,
    stimulus: Stimulus,
    outputs: ScalingOutputs,
    conditions: Conditions | None = None,
) -> list[ScaledRecord]:
    """Measure units, model their voltage and frequency scaling, write and print it."""
    outputs.check()
    supply.check()
    technology = resolve(tech, conditions)
    model = model_of(
        technology, vth=supply.vth, alpha=supply.alpha, vmin=supply.vmin, step=supply.step
    )
    check_power(technology)
    check_compiler()
    corners = [_corner(text, technology) for text in supply.corners]
    boundaries = tuple(dict.fromkeys(("core", supply.boundary)))
    jobs = jobs_for(units, boundaries, list(Recipe), technology)
    plan = EnergyPlan(stimulus, boundaries)
    (records,) = measure_shown([Measurement(jobs, technology, plan)])
    if corners:
        model = _fitted(jobs, technology, corners, supply)
    rows = scaled(_with_fixed(records, supply), model, supply.fixed)
    outputs.write(rows)
    if model.assumed:
        hint = f"{technology.name}: {model.source}; see --vth, --alpha, --vmin and --corner"
        err.print(hint, soft_wrap=True, markup=False)
    out.print(operating_points(rows))
    if comparisons := compared(rows):
        out.print(published_points(comparisons, idle_share(rows)))
    return rows


def _with_fixed(records: Sequence[Record], supply: Supply) -> list[Record]:
    """Return records of cores with what stays at the nominal supply as parts of their energy."""
    known = [record for record in records if record["energy_parts"]]
    cores = smallest_product([record for record in known if record["boundary"] == "core"])
    wholes = {
        (*unit_of(record), record["point"]): sum(record["energy_parts"].values())
        for record in known
        if record["boundary"] == "unit"
    }
    made = []
    for core in cores:
        whole = wholes.get((*unit_of(core), core["point"]))
        if whole is not None:
            core = with_part(core, WRAPPER, whole - sum(core["energy_parts"].values()))
        if supply.others_pj:
            core = with_part(core, OTHERS, supply.others_pj / core["operations_per_cycle"])
        made.append(core)
    return made


def _corner(text: str, nominal: Technology) -> Technology:
    """Return a corner of the library that is used, or raise a sentence."""
    corner = resolve(text, nominal.conditions)
    if not corner.library.voltage:
        raise UserError(f"corner {corner.name} must state nom_voltage, but does not")
    if missing := sorted(set(nominal.library.cells) - set(corner.library.cells)):
        raise UserError(
            f"corner {corner.name} must have the cells of {nominal.name}, but lacks {missing[0]}"
        )
    return corner


def _fitted(
    jobs: Sequence[Job], tech: Technology, corners: Sequence[Technology], supply: Supply
) -> AlphaPower:
    """Return the model fitted to the periods of one netlist, the first, in all corners."""
    with plain_folder() as folder:
        netlist = netlist_of(jobs[0], tech, folder)
        pairs = [(tech.library.voltage, measured(jobs[0], tech)["period"])]
        for corner in corners:
            pairs.append((corner.library.voltage, minimum_period(netlist, corner).period_ns))
    vth, alpha = fitted(pairs)
    vmin = supply.vmin or min(volts for volts, _ in pairs)
    periods = ", ".join(f"{ns:.4g} ns at {volts:g} V" for volts, ns in sorted(pairs))
    found = model_of(tech, vth=vth, alpha=alpha, vmin=vmin, step=supply.step)
    return found.sourced(f"vth, alpha: fitted to {jobs[0].name}, {periods}; vmin: the lowest")

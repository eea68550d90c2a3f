"""One netlist at work, by part: our energies, with OpenSTA's readings one after the other, and
OpenSTA's.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.power.cell_view import CellView, cell_views
from benchmarks.power.left_out import LeftOut
from benchmarks.power.opensta_power import Watts, power
from benchmarks.power.readings import Reading, energies
from macsmith.catalog.catalog import TOP
from macsmith.energy.power_model import EnergyModel
from macsmith.energy.saif import to_saif
from macsmith.jobs.energy_job import replay_of
from macsmith.jobs.netlist_job import Job, measured, netlist_of
from macsmith.library.cell_library import Array, Cell
from macsmith.library.technology import Technology
from macsmith.library.wire_models import under
from macsmith.operands.stimulus import Stimulus
from macsmith.timing import nldm_sta

PARTS = ("switching", "combinational", "sequential", "clock gates", "leakage")
"""Nets that cells drive; inside of gates, of flip-flops, of clock gates; leakage. OpenSTA counts
nets of input ports with whatever drives them, so they are left out."""

STEPS = ("wires", *(reading.value for reading in Reading))
"""What differs: the energies that we print have wires, by the library's wire load or by fanout, and
OpenSTA, which has dropped the library's, is given none; the rest is `Reading`."""


@dataclass(frozen=True)
class Comparison:
    """Energies of a mean cycle in pJ by `PARTS`.

    Members
    -------
    ours
        As we have them, and after each of `STEPS`.
    theirs
        By OpenSTA.
    """

    job: Job
    ours: tuple[Array, ...]
    theirs: Array

    @property
    def effects(self) -> Mapping[str, Array]:
        """What each of `STEPS` adds, relative to OpenSTA's."""
        steps = np.diff(np.array(self.ours), axis=0)
        return dict(zip(STEPS, steps / self._base, strict=True))

    @property
    def off(self) -> tuple[Array, ...]:
        """Differences from OpenSTA's, relative: at first, and after each of `STEPS`."""
        return tuple(ours / self._base - 1 for ours in self.ours)

    @property
    def _base(self) -> Array:
        return np.where(self.theirs == 0, np.nan, self.theirs)


def without_wires(tech: Technology) -> Technology:
    """Return a technology without a wire model."""
    return under(tech, replace(tech.conditions, wires="none"))


def compare(
    program: str, job: Job, tech: Technology, left_out: LeftOut, stimulus: Stimulus, mode: int
) -> Comparison:
    """Return the energies of a netlist."""
    replay = replay_of(job, tech)
    activity = max(replay.runs(stimulus, mode), key=lambda run: run.share).activity()
    # SAIF has whole picoseconds.
    period = round(measured(job, tech)["period"], 3)
    with TemporaryDirectory() as folder:
        verilog = netlist_of(job, tech, Path(folder)).verilog
        saif = Path(folder) / "activity.saif"
        saif.write_text(to_saif(replay.module, TOP, replay.timed, activity, period))
        watts = power(program, tech, verilog, saif, period)
    wired, bare = (nldm_sta.analyse(replay.module, one) for one in (tech, without_wires(tech)))
    cells, bare_cells = (
        list(cell_views(replay.timed, activity, analysis, tech.library, left_out))
        for analysis in (wired, bare)
    )
    volts = tech.library.voltage
    ours = [by_part(cells, (), volts, period)]
    model = EnergyModel(replay.timed, tech, wired, period).table(activity).sum(axis=1)
    ports = [replay.timed.bits[bit] for bits in replay.module.inputs.values() for bit in bits]
    total = model.sum() - model[[len(cells) + net for net in ports]].sum()
    if not np.isclose(ours[0].sum(), total, rtol=1e-6):
        raise AssertionError(f"the energy must be {total} pJ by part, not {ours[0].sum()}")
    for count in range(len(Reading) + 1):
        ours.append(by_part(bare_cells, list(Reading)[:count], volts, period))
    theirs = sum(
        (_theirs(cell.cell, watts[plain(cell.name)]) for cell in cells), np.zeros(len(PARTS))
    )
    return Comparison(job, tuple(ours), theirs * period * 1e3)


def by_part(
    cells: Collection[CellView],
    readings: Collection[Reading],
    volts: float,
    period_ns: float,
) -> Array:
    """Return the energy of a mean cycle in pJ by `PARTS`."""
    total = np.zeros(len(PARTS))
    for cell in cells:
        one = energies(cell, readings, volts)
        # One nW over one ns is 0.001 fJ.
        total += _parts(cell.cell, one.switching, one.internal, one.leakage_nw * period_ns * 1e-3)
    return total * 1e-3


def plain(name: str) -> str:
    """Return an instance's name without escapes, as `opensta_power.by_cell` has it."""
    return name.replace("\\", "")


def _theirs(cell: Cell, watts: Watts) -> Array:
    return _parts(cell, watts.switching, watts.internal, watts.leakage)


def _parts(cell: Cell, switching: float, internal: float, leakage: float) -> Array:
    part = (
        "clock gates" if cell.clock_gate else "sequential" if cell.sequential else "combinational"
    )
    found = {"switching": switching, part: internal, "leakage": leakage}
    return np.array([found.get(name, 0.0) for name in PARTS])

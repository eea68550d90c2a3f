"""One netlist at work, by part: our energies, with OpenSTA's readings one after the other, and
OpenSTA's.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.power.cell_view import CellView, cell_views
from benchmarks.power.opensta_power import Watts, power
from benchmarks.power.readings import Reading, energies
from macsmith.catalog.catalog import TOP
from macsmith.energy.power_model import EnergyModel
from macsmith.energy.saif import to_saif
from macsmith.jobs.energy_job import replay_of
from macsmith.jobs.netlist_job import Job, measured, netlist_of
from macsmith.library.cell_library import Array, Cell
from macsmith.library.liberty_parser import LibertyGroup, read
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Stimulus
from macsmith.timing import nldm_sta

PARTS = ("switching", "combinational", "sequential", "clock gates", "leakage")
"""Nets that cells drive; inside of gates, of flip-flops, of clock gates; leakage. OpenSTA counts
nets of input ports with whatever drives them, so they are left out."""


@dataclass(frozen=True)
class Comparison:
    """Energies of a mean cycle in pJ by `PARTS`.

    Members
    -------
    ours
        In our reading, and with one more of `Reading` each.
    theirs
        By OpenSTA.
    """

    job: Job
    ours: tuple[Array, ...]
    theirs: Array

    @property
    def effects(self) -> Mapping[Reading, Array]:
        """What each reading adds, relative to OpenSTA's."""
        steps = np.diff(np.array(self.ours), axis=0)
        return dict(zip(Reading, steps / self._base, strict=True))

    @property
    def unread(self) -> Array:
        """Our own reading against OpenSTA's energies, relative."""
        return self.ours[0] / self._base - 1

    @property
    def left(self) -> Array:
        """The difference that no reading explains, relative."""
        return self.ours[-1] / self._base - 1

    @property
    def _base(self) -> Array:
        return np.where(self.theirs == 0, np.nan, self.theirs)


def without_wires(tech: Technology) -> Technology:
    """Return a technology without a wire model."""
    return replace(tech, library=replace(tech.library, wire_load=None))


def compare(
    program: str, job: Job, tech: Technology, stimulus: Stimulus, mode: int, rails: Collection[str]
) -> Comparison:
    """Return the energies of a netlist; ``rails`` are the cells of `both_rails`."""
    replay = replay_of(job, tech)
    activity = max(replay.runs(stimulus, mode), key=lambda run: run.share).activity()
    bare, period = without_wires(tech), measured(job, tech)["period"]
    analysis = nldm_sta.analyse(replay.module, bare)
    with TemporaryDirectory() as folder:
        verilog = netlist_of(job, tech, Path(folder)).verilog
        saif = Path(folder) / "activity.saif"
        saif.write_text(to_saif(replay.module, TOP, replay.timed, activity, period))
        watts = power(program, bare, verilog, saif, period)
    views = list(cell_views(replay.timed, activity, analysis, bare.library.tables))
    done = [list(Reading)[:count] for count in range(len(Reading) + 1)]
    ours = [by_part(views, step, bare.library.voltage, period, rails) for step in done]
    model = EnergyModel(replay.timed, bare, analysis, period).table(activity).sum(axis=1)
    ports = [replay.timed.bits[bit] for bits in replay.module.inputs.values() for bit in bits]
    total = model.sum() - model[[len(views) + net for net in ports]].sum()
    if not np.isclose(ours[0].sum(), total, rtol=1e-6):
        raise AssertionError(f"the energy must be {total} pJ by part, not {ours[0].sum()}")
    theirs = sum((_theirs(view.cell, watts[plain(view.name)]) for view in views), np.zeros(5))
    return Comparison(job, tuple(ours), theirs * period * 1e3)


def by_part(
    cells: Collection[CellView],
    readings: Collection[Reading],
    volts: float,
    period_ns: float,
    rails: Collection[str] = (),
) -> Array:
    """Return the energy of a mean cycle in pJ by `PARTS`."""
    total = np.zeros(len(PARTS))
    for cell in cells:
        one = energies(cell, readings, volts, cell.cell.name in rails)
        # One nW over one ns is 0.001 fJ.
        total += _parts(cell.cell, one.switching, one.internal, one.leakage_nw * period_ns * 1e-3)
    return total * 1e-3


def both_rails(tech: Technology) -> frozenset[str]:
    """Return the cells whose internal energies are stated of a ground pin as well."""
    return frozenset(
        cell.name
        for path in tech.liberty
        for cell in read(path).select("cell")
        if any(_grounded(cell, pin) for pin in cell.select("pin"))
    )


def _grounded(cell: LibertyGroup, pin: LibertyGroup) -> bool:
    grounds = {
        one.name for one in cell.select("pg_pin") if "ground" in one.attributes.get("pg_type", "")
    }
    return any(
        one.attributes.get("related_pg_pin") in grounds for one in pin.select("internal_power")
    )


def plain(name: str) -> str:
    """Return an instance's name without escapes, as `opensta_power.by_cell` has it."""
    return name.replace("\\", "")


def _theirs(cell: Cell, watts: Watts) -> Array:
    return _parts(cell, watts.switching, watts.internal, watts.leakage)


def _parts(cell: Cell, switching: float, internal: float, leakage: float) -> Array:
    kind = 3 if cell.clock_gate else 2 if cell.sequential else 1
    return np.array([switching, *(internal * (kind == place) for place in (1, 2, 3)), leakage])

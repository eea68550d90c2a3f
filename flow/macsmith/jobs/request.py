"""What a user asks for besides area and period: energies and cross-checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from macsmith.array.engine.spec import EngineSpec
from macsmith.array.spec import SystolicSpec
from macsmith.contract.errors import UserError
from macsmith.contract.unit import UnitSpec
from macsmith.energy.power_model import check_power
from macsmith.energy.unit_replay import check_compiler
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.icarus_check_job import check_icarus
from macsmith.library.technology import Technology
from macsmith.operands import array_tiles
from macsmith.operands.stimulus import Network, Stimulus, Uniform
from macsmith.operands.user_file import OwnOperands
from macsmith.output.terminal import err


@dataclass(frozen=True, kw_only=True)
class Request:
    """Energies and cross-checks to be made of all units on all libraries.

    Members
    -------
    energy
        Whether to measure energy; None measures it where that is possible.
    stimuli
        Operands, each for energies of its own.
    boundaries
        Where to cut a unit for its energy; None is at its core, or where it is measured at all.
    every_netlist
        Whether all netlists have energies; else those of least area x period.
    cross_check
        Whether toggles of cores are compared with those of Icarus Verilog.
    """

    energy: bool | None = None
    stimuli: tuple[Stimulus, ...] = (Uniform(),)
    boundaries: tuple[str, ...] | None = None
    every_netlist: bool = False
    cross_check: bool = False

    @property
    def asks_energy(self) -> bool:
        """Whether energies must be measured, rather than where they can be."""
        return bool(self.energy) or self.boundaries is not None or self.every_netlist

    def check(self, units: Mapping[str, UnitSpec], measured: Sequence[str]) -> None:
        """Refuse what cannot be, before any work.

        Parameters
        ----------
        measured
            The boundaries at which area and period are measured.

        Raises
        ------
        UserError
            If options contradict each other, a stimulus fits no mode of a unit, or a tool for
            cross-checks is missing.
        """
        if missing := set(self.boundaries or ()).difference(measured):
            raise UserError(
                f"energy-boundary must be one that is measured, which is {' and '.join(measured)}, "
                f"not {', '.join(missing)}"
            )
        asked = {
            "energy-boundary": self.boundaries is not None,
            "energy-netlists": self.every_netlist,
        }
        for option, given in asked.items():
            if given and self.energy is False:
                raise UserError(f"--{option} must not be given with --no-energy")
        if self.cross_check and "core" not in measured:
            raise UserError("a cross-check must have the core measured, not the unit alone")
        if self.cross_check:
            check_icarus()
        for stimulus in self.stimuli if self.energy is not False else ():
            for name, spec in units.items():
                if isinstance(spec, SystolicSpec):
                    if not isinstance(stimulus, Uniform):
                        array_tiles.check(stimulus, spec)
                elif isinstance(stimulus, OwnOperands | Network):
                    stimulus.check(name, spec)

    def of_array(self, name: str, spec: UnitSpec, measured: Sequence[str]) -> "Request":
        """Return a request for an array, without energies where they cannot be.

        Raises
        ------
        UserError
            If cross-checks were asked for, or energies that cannot be.
        """
        if self.cross_check:
            raise UserError(f"a cross-check must be left out for {name}: it is made of MACs alone")
        if not isinstance(spec, SystolicSpec) or isinstance(spec, EngineSpec):
            if self.asks_energy:
                raise UserError(
                    f"energy must be left out for {name}: it is measured of MACs and PEs alone"
                )
            return replace(self, energy=False)
        if spec.dataflow == "output" and not spec.joint and tuple(measured) == ("pe",):
            return self
        if self.asks_energy and spec.joint:
            raise UserError(f"energy of {name} must be without sparsity = {spec.sparsity!r} yet")
        if self.asks_energy:
            cut = f"its {measured[0]} with dataflow = {spec.dataflow!r}"
            raise UserError(
                f"energy of {name} must be that of a pe with dataflow = 'output', not of {cut}"
            )
        return replace(self, energy=False)

    def plans(self, technology: Technology, measured: Sequence[str]) -> list[EnergyPlan]:
        """Return a plan for each stimulus, or one without energies where they cannot be.

        Raises
        ------
        UserError
            If energy was asked for and cannot be measured.
        """
        if self.energy is False or not energy_possible(technology, asked=self.asks_energy):
            return [EnergyPlan(self.stimuli[0], boundaries=())]
        boundaries = self.boundaries or ("core",)
        if self.boundaries is None and "core" not in measured:
            boundaries = tuple(measured)
        return [EnergyPlan(one, boundaries, self.every_netlist) for one in self.stimuli]


def energy_possible(technology: Technology, *, asked: bool = False) -> bool:
    """Return whether energy can be measured; if not, say why, or refuse if it was asked for."""
    try:
        check_power(technology)
        check_compiler()
    except UserError as error:
        if asked:
            raise
        err.print(f"no energies: {error}", soft_wrap=True, markup=False)
        return False
    return True

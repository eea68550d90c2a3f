"""What a user asks for besides area and period: energies and cross-checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from macsmith.catalog.catalog import cut, lookup
from macsmith.contract.errors import UserError
from macsmith.contract.unit import UnitSpec, resolve
from macsmith.energy.power_model import check_power
from macsmith.energy.unit_replay import check_compiler
from macsmith.jobs.energy_job import EnergyPlan, energy_limit
from macsmith.jobs.icarus_check_job import check_icarus
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Stimulus, Uniform
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
    netlists
        Which of a unit have energies, as `EnergyPlan` has it.
    cross_check
        Whether toggles of cores are compared with those of Icarus Verilog.
    """

    energy: bool | None = None
    stimuli: tuple[Stimulus, ...] = (Uniform(),)
    boundaries: tuple[str, ...] | None = None
    netlists: str = "best"
    cross_check: bool = False

    @property
    def asks_energy(self) -> bool:
        """Whether energies must be measured, rather than where they can be."""
        return bool(self.energy) or self.boundaries is not None or self.netlists == "all"

    def check(self, units: Mapping[str, UnitSpec], measured: Sequence[str] | None) -> None:
        """Refuse what cannot be, before any work.

        Parameters
        ----------
        measured
            The boundaries at which area and period are measured; None is each unit's own.

        Raises
        ------
        UserError
            If options contradict each other, a unit has no energy though it was asked for, a
            stimulus fits no point of a unit, or a tool for cross-checks is missing.
        """
        at = {name: lookup(name).measured if measured is None else measured for name in units}
        every = list(dict.fromkeys(place for places in at.values() for place in places))
        if missing := set(self.boundaries or ()).difference(every):
            raise UserError(
                f"energy-boundary must be one that is measured, which is {' and '.join(every)}, "
                f"not {', '.join(missing)}"
            )
        asked = {
            "energy-boundary": self.boundaries is not None,
            "energy-netlists": self.netlists == "all",
        }
        for option, given in asked.items():
            if given and self.energy is False:
                raise UserError(f"--{option} must not be given with --no-energy")
        if self.cross_check:
            self._check_cross_check(at)
        for name, spec in units.items():
            if self.energy is not False:
                self._check_energy(name, spec, at[name])

    def _check_cross_check(self, at: Mapping[str, Sequence[str]]) -> None:
        """Refuse cross-checks of what has no published boundary, or none that is measured."""
        for name, places in at.items():
            known = [one for one, place in lookup(name).cuts.items() if place.published]
            if not known:
                raise UserError(
                    f"a cross-check must be left out for {name}: it is made of MACs alone"
                )
            if not set(known) & set(places):
                raise UserError("a cross-check must have the core measured, not the unit alone")
        check_icarus()

    def _check_energy(self, name: str, spec: UnitSpec, places: Sequence[str]) -> None:
        """Refuse energies that were asked for and cannot be, and operands that fit no point."""
        able = [place for place in places if energy_limit(name, spec, place) is None]
        if not able:
            if self.asks_energy:
                reason = next(filter(None, (energy_limit(name, spec, one) for one in places)))
                raise UserError(f"energy of {name} must be {reason}")
            return
        replay = resolve(cut(name, able[0]).replay or "")
        for stimulus in self.stimuli:
            replay.check(stimulus, name, spec)

    def plans(self, technology: Technology) -> list[EnergyPlan]:
        """Return a plan for each stimulus, or one without energies where they cannot be.

        Raises
        ------
        UserError
            If energy was asked for and cannot be measured.
        """
        if self.energy is False or not energy_possible(technology, asked=self.asks_energy):
            return [EnergyPlan(self.stimuli[0], boundaries=())]
        return [EnergyPlan(one, self.boundaries, self.netlists) for one in self.stimuli]


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

"""A mapped netlist at work: operands through its unit, and what the netlist's nets do meanwhile."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import ClassVar

from macsmith.contract.errors import UserError
from macsmith.contract.unit import UnitSpec
from macsmith.energy.attribution import Places, places
from macsmith.energy.netlist_to_delays import to_timed
from macsmith.energy.netlist_to_gates import to_gates
from macsmith.energy.power_model import EnergyModel
from macsmith.host import cxx
from macsmith.host.plain_folder import plain_folder
from macsmith.library.technology import Technology
from macsmith.netlist.event_driven import Activity, simulate
from macsmith.netlist.gate_netlist import GateNetlist, read_netlist
from macsmith.netlist.zero_delay import GateEngine, Words
from macsmith.operands.batches import Batch
from macsmith.operands.gate_traffic import follow
from macsmith.operands.stimulus import Stimulus, cycles, play
from macsmith.synthesis.mapped_netlist import MappedNetlist
from macsmith.timing import nldm_sta


def check_compiler() -> None:
    """Refuse a machine that cannot compile the simulation.

    Raises
    ------
    UserError
        If there is no C++ compiler.
    """
    if not cxx.available():
        raise UserError("energy needs a C++ compiler: install one, or name one in CXX")


@dataclass(frozen=True)
class StimulusRun:
    """Some of a stimulus, run by itself.

    Members
    -------
    share
        Of the products of the stimulus, those that this run stands for.
    macs
        Useful products a cycle: without those that fill up beats, and of sparse operands those of
        the dense ones.
    issued
        Products a cycle with those that fill up beats.
    executed
        Multiplications a cycle.
    activity
        Simulates, and returns what the netlist's nets do.
    """

    share: float
    macs: float
    issued: float
    executed: float
    activity: Callable[[], Activity]


class Replay:
    """One netlist of a unit or of its core, and operands through it.

    Parameters
    ----------
    unit
        RTLIL of the unit around a core, top module ``unit``; None if the netlist is the unit's.
    period_ns
        The clock period: for leakage, and for when the clock falls.
    operands
        Of each input port the bits that carry operands, for energies by place; None for none.
    """

    resets_at_clock: ClassVar[bool] = False
    """Whether asynchronous resets may be taken for synchronous ones."""

    def __init__(
        self,
        name: str,
        spec: UnitSpec,
        netlist: MappedNetlist,
        tech: Technology,
        period_ns: float,
        unit: str | None = None,
        operands: Mapping[str, Collection[int]] | None = None,
    ) -> None:
        self.name, self.spec = name, spec
        self.module = netlist.module()
        self.gates = to_gates(netlist, tech, resets_at_clock=self.resets_at_clock)
        analysis = nldm_sta.analyse(self.module, tech)
        self.timed = to_timed(self.module, tech, analysis, period_ns)
        self._power = tech, analysis, period_ns
        self._around = _gates(unit) if unit is not None else None
        self._operands = operands

    @classmethod
    def check(cls, stimulus: Stimulus, name: str, spec: UnitSpec) -> None:
        """Refuse a unit at none of whose points the stimulus has operands.

        Raises
        ------
        UnfitError
            Of the point that comes first.
        """
        stimulus.check(name, spec)

    def energies(self, stimulus: Stimulus, mode: int) -> dict[str, float]:
        """Return the energy of a useful product in pJ by the columns of `EnergyModel`."""
        return self.divided(stimulus, mode)[0]

    def divided(
        self, stimulus: Stimulus, mode: int
    ) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
        """Return the same, for a unit the energy of a product by `attribution.PLACES`, and for each
        product those ``issued`` and the multiplications ``executed``.
        """
        parts: dict[str, float] = {}
        by_place: dict[str, float] = {}
        work = {"issued": 0.0, "executed": 0.0}
        for run in self.runs(stimulus, mode):
            activity = run.activity()
            work["issued"] += run.share * run.issued / run.macs
            work["executed"] += run.share * run.executed / run.macs
            found = [(parts, self._model.parts(activity))]
            if self._places:
                found.append((by_place, self._model.by_place(activity, self._places)))
            for total, energies in found:
                for key, pj in energies.items():
                    total[key] = total.get(key, 0.0) + run.share * pj / run.macs
        return parts, by_place, work

    def runs(self, stimulus: Stimulus, mode: int) -> Iterator[StimulusRun]:
        """Yield what a stimulus consists of; shares add up to 1."""
        each = self.spec.operations_per_cycle(self.spec.points[mode])
        for share, batch in stimulus.parts(self.name, self.spec, mode):
            macs = each * batch.useful
            yield StimulusRun(share, macs, each, each, partial(self.activity, batch))

    def activity(self, batch: Batch) -> Activity:
        """Return what the netlist's nets do while a batch goes through."""
        return simulate(self.timed.gates, self.sources(batch), batch.packets)

    def sources(self, batch: Batch) -> Words:
        """Return what ports and registers do meanwhile, as `event_driven.simulate` takes it."""
        netlist = GateEngine(self.gates)
        recording = self.timed.record(self.gates)
        unit = GateEngine(self._around) if self._around else netlist
        netlist.reset(batch.packets)
        for _ in play(unit, self.name, self.spec, batch):
            if unit is not netlist:
                follow(netlist, unit)
            recording.sample(netlist.rows())
            if unit is not netlist:
                netlist.tick()
        return recording.words(cycles(self.spec, batch))

    @cached_property
    def _model(self) -> EnergyModel:
        return EnergyModel(self.timed, *self._power)

    @cached_property
    def _places(self) -> Places | None:
        if self._operands is None:
            return None
        bits = {self.module.inputs[port][k] for port, of in self._operands.items() for k in of}
        return places(self.module, self._power[0].library.cells, bits)


def _gates(rtlil: str) -> GateNetlist:
    with plain_folder() as folder:
        return read_netlist(rtlil, "unit", folder)

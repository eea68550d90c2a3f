"""How thoroughly to verify, and what a family brings to do it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from macsmith.host.verification_run import Run, Told, untold
from macsmith.netlist.gate_netlist import GateNetlist
from macsmith.rtlsim.subject import Subject

QUICK = "icarus"
"""The simulator that needs no C++ compiler: what compiles fastest runs most variants."""


@dataclass(frozen=True)
class Plan:
    """How thoroughly to verify.

    Members
    -------
    simulators:
        Simulators of the protocol layer.
    seed:
        Seed of all random operands and stalls.
    accumulations:
        Random packets at each point in the bulk layer.
    simulated:
        Random packets at all points in the protocol layer, on each simulator.
    images:
        Images whose network layers are streamed; 0 leaves the network out.
    waves:
        Whether simulators write waveforms.
    boundary:
        Where units are cut: ``unit``, or ``axi-stream`` for their wrappers.
    subject:
        RTL with faults that is verified in place of the generated one; see `macsmith.mutation`.
    told:
        Is told each finding of the bulk layer; what it raises ends that.
    """

    simulators: Sequence[str]
    seed: int = 1
    accumulations: int = 100_000
    simulated: int = 2_000
    images: int = 0
    waves: bool = False
    boundary: str = "unit"
    subject: Subject | None = None
    told: Told = untold

    def shorter(self) -> "Plan":
        """Return a tenth of the random packets, on one simulator, the quickest."""
        quick = [simulator for simulator in self.simulators if simulator == QUICK]
        return replace(
            self,
            simulators=tuple(quick or self.simulators[:1]),
            accumulations=max(1, self.accumulations // 10),
            simulated=max(1, self.simulated // 10),
        )


class Verification(Protocol):
    """How units of a family are compared with their golden model; made of a unit's name."""

    def __init__(self, name: str) -> None: ...

    def check_tools(self, boundary: str = "unit") -> None:
        """Raise a sentence if the bench of a boundary lacks something on this machine."""

    def missing_for_bulk(self) -> str | None:
        """Return what the bulk layer lacks on this machine, or None if it can run."""

    def bulk(self, spec: Any, plan: Plan) -> Iterable[Run]:
        """Compare with arrays of operands, and return runs."""

    def on_gates(self, spec: Any, gates: GateNetlist, plan: Plan) -> Iterable[Run]:
        """Compare a mapped netlist with arrays of operands; no runs if nothing drives its gates."""

    def protocol(
        self, spec: Any, simulator: str, folder: Path, plan: Plan, verilog: str | None = None
    ) -> list[Run]:
        """Run the cocotb bench on a simulator, and return its runs.

        With ``verilog`` that is the unit, such as a mapped netlist with models of its cells.
        """

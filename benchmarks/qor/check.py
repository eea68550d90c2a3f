"""What was measured, at work: the bench and the toggles of idle nets, on one netlist."""

from dataclasses import dataclass
from pathlib import Path

from macsmith.catalog.catalog import build
from macsmith.energy.gate_level_unit import unit_verilog
from macsmith.energy.netlist_to_gates import to_gates
from macsmith.library.technology import Technology
from macsmith.mac.spec import MacSpec
from macsmith.netlist.gate_netlist import read_netlist
from macsmith.rtl.emit import to_rtlil
from macsmith.rtlsim.cocotb_runner import available_simulators, run_bench
from macsmith.synthesis.mapped_netlist import MappedNetlist
from macsmith.verify.idle_logic import IdleCheck, Violation

ACCUMULATIONS = 500
"""Random accumulations of the bench."""


@dataclass(frozen=True)
class Verdict:
    """What the bench and the toggles say of a netlist.

    Members
    -------
    vectors, mismatches:
        Beats that the bench sent, results that were wrong.
    violations:
        For each mode the idle nets that toggle.
    """

    vectors: int
    mismatches: int
    violations: dict[str, list[Violation]]

    def nets(self, criterion: str) -> int:
        """Return in how many pairs of mode and net a criterion is broken."""
        return sum(v.criterion == criterion for found in self.violations.values() for v in found)

    @property
    def passed(self) -> bool:
        """Whether the bench passes and idle products, registers and slices stand still.

        Adders that go on into idle bits (the criterion of cones) are counted, and no failure.
        """
        return not self.mismatches and not self.nets("registers") and not self.nets("products")


def check(
    name: str, spec: MacSpec, netlist: MappedNetlist, technology: Technology, folder: Path
) -> Verdict:
    """Try a netlist of a unit's core, within the unit."""
    verilog = unit_verilog(name, spec, netlist, technology)
    simulator = available_simulators()[-1]  # Icarus, which takes no compiler, where there is one
    runs = run_bench(name, spec, simulator, folder, accumulations=ACCUMULATIONS, verilog=verilog)
    unit = read_netlist(to_rtlil(build(name, spec), "unit"), "unit", folder)
    idle = IdleCheck(name, spec, unit, to_gates(netlist, technology))
    return Verdict(
        sum(run.vectors for run in runs),
        sum(run.mismatches for run in runs),
        {str(mode): idle.violations(index) for index, mode in enumerate(spec.modes)},
    )

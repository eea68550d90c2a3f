"""What verifications have in common, whatever the family: the part that is none's own."""

from collections.abc import Iterable
from typing import Any

from macsmith.contract.axi_stream import AXI_STREAM
from macsmith.host.verification_run import Run
from macsmith.netlist.gate_netlist import GateNetlist
from macsmith.rtl.emit import to_verilog
from macsmith.rtlsim.cocotb_runner import check_axi, missing_for
from macsmith.rtlsim.unwrapped import with_own_streams
from macsmith.verify.plan import Plan


class UnitVerification:
    """That of a unit; see `macsmith.verify.plan.Verification`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def check_tools(self, boundary: str = "unit") -> None:
        """Raise a sentence if the models of AXI4-Stream are asked for and not installed."""
        if boundary == AXI_STREAM:
            check_axi(self.name)


class VerilatorVerification(UnitVerification):
    """That of a unit which C++ drives on Verilator in bulk."""

    def missing_for_bulk(self) -> str | None:
        """Return what Verilator lacks."""
        return missing_for("verilator")

    def on_gates(self, spec: Any, gates: GateNetlist, plan: Plan) -> Iterable[Run]:
        """Return nothing: the bulk layer drives RTL on Verilator alone."""
        return ()


def verilog_for(name: str, spec: Any, plan: Plan) -> str:
    """Return the Verilog of a unit at a plan's boundary, or of what has faults in its place."""
    if plan.subject is not None:
        return plan.subject.for_library("unit")
    return to_verilog(with_own_streams(name, spec, plan.boundary), "unit")

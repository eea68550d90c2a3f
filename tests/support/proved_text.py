"""Verilog that is proved to be the RTLIL that it was written of."""

from pathlib import Path

from macsmith.host.yosys import run_yosys
from macsmith.rtl.emit import CLOCK_GATE, CLOCK_GATE_RTLIL
from macsmith.rtl_text.lines.clock_gate import clock_gate
from macsmith.rtl_text.verilog_writer import Written, verilog_of
from macsmith.synthesis.netlist_proof import PROVED, Proof, prove, rtl_gates
from tests.support.renamed_rtlil import renamed


def compared(rtlil: str, written: Written, folder: Path) -> Proof:
    """Return the proof that Verilog of a module ``unit`` is its RTLIL, or what came of it."""
    gate = clock_gate(CLOCK_GATE, "verilog") if CLOCK_GATE_RTLIL in rtlil else ""
    (folder / "unit.v").write_text(written.text + gate)
    run_yosys(
        ["read_verilog unit.v", "hierarchy -check -top unit", "proc", "wreduce", "memory_collect",
         "write_rtlil unit.il"],
        folder,
    )  # fmt: skip
    rtl = rtl_gates(renamed(rtlil, written.names), "unit", folder / "rtl")
    text = rtl_gates((folder / "unit.il").read_text(), "unit", folder / "text")
    return prove(rtl, text)


def is_the_rtlil(rtlil: str, folder: Path) -> bool:
    """Return whether the Verilog of a module ``unit`` is proved to be its RTLIL."""
    return compared(rtlil, written_of(rtlil), folder).verdict == PROVED


def written_of(rtlil: str) -> Written:
    """Return the Verilog of a module ``unit``; that of a clock gate stands ready."""
    return verilog_of(rtlil.replace(CLOCK_GATE_RTLIL, ""), "unit")

"""The core file of FuseSoC (CAPI2): targets for lint and for simulation of the testbench."""

from collections.abc import Mapping
from importlib.metadata import version

from macsmith.bundle.shipped_design import Design
from macsmith.bundle.template_files import render
from macsmith.bundle.testbench import bench_module, vector_files
from macsmith.rtlsim.cocotb_child import WAIVED

FILE_TYPES = {"verilog": "verilogSource-2005", "systemverilog": "systemVerilogSource"}
"""What FuseSoC calls the languages."""


def core_name(design: Design) -> str:
    """Return the name by which other cores depend on it."""
    return f"macsmith:units:{design.module}:{version('macsmith')}"


def fusesoc_core(design: Design) -> Mapping[str, str]:
    """Return the core file; one without a testbench has the target for lint alone."""
    text = render(
        "unit.core.jinja",
        design=design, core=core_name(design), summary=design.spec.summary,
        file_type=FILE_TYPES[design.language], bench=bench_module(design),
        vectors=vector_files(design), waived=tuple(WAIVED),
        icarus="-g2005" if design.language == "verilog" else "-g2012",
    )  # fmt: skip
    return {f"{design.module}.core": text}

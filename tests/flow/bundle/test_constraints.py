"""Constraints of a bundle: OpenSTA reads them, and a mode's period is that of its case analysis."""

import re
from pathlib import Path

import pytest

from macsmith.bundle.constraints import constants, constraints, sdc_file
from macsmith.bundle.layout_flows import layout_flows
from macsmith.bundle.shipped_design import Design
from macsmith.catalog.catalog import rtlil
from macsmith.library.technology import Technology
from macsmith.synthesis.mapped_netlist import MappedNetlist
from macsmith.synthesis.yosys_abc import Recipe, synthesise
from macsmith.timing.timing import minimum_periods
from tests.support.bundled import call, design

PERIOD = 1000.0
"""Longer than any path, in the library's time."""


def needed(netlist: MappedNetlist, tech: Technology, file: Path, more: str = "") -> float:
    """Return the period that OpenSTA finds with a file of constraints read as it is."""
    (liberty,) = tech.liberty
    script = netlist.verilog.parent / "read.tcl"
    script.write_text(
        f"read_liberty {{{liberty}}}\nread_verilog {netlist.verilog.name}\n"
        f"link_design {netlist.top}\nset_cmd_units -time ns -capacitance fF\n"
        f"set macsmith_period {PERIOD}\nset macsmith_share 0\nsource {{{file}}}\n{more}\n"
        "report_checks -path_delay max -digits 5\n"
    )
    done = call(script.parent, "sta", "-no_splash", "-exit", script.name)
    said = done.stdout + done.stderr
    assert done.returncode == 0 and not re.search(r"Warning|Error", said), said
    (slack,) = re.findall(r"(\S+)\s+slack", said)
    return PERIOD - float(slack)


def driven(of: Design, tech: Technology) -> str:
    """Return what measurement adds to the constraints: drivers and loads of ports."""
    inputs = " ".join(port.name for port in of.ports if port.direction == "input")
    outputs = " ".join(port.name for port in of.ports if port.direction == "output")
    return (
        f"set_driving_cell -lib_cell {tech.driver} [get_ports {{{inputs.replace('clk ', '')}}}]\n"
        f"set_load {tech.load_ff} [get_ports {{{outputs}}}]"
    )


@pytest.mark.needs("opensta")
def test_the_periods_of_modes_are_those_that_are_measured(
    generic: Technology, tmp_path: Path
) -> None:
    core = design("data-gated", "stages=1", "modes=8x8,4x4,2x2", boundary="core")
    text = rtlil(core.name, core.spec, core.boundary)
    netlist = synthesise(text, "unit", generic, Recipe.AREA, tmp_path)
    widths = {port.name: port.width for port in core.directed("input")}
    still = core.cut.constants
    assert still is not None
    cases = [dict(still(core.spec, mode, widths)) for mode in core.spec.points]
    measured = [timing.period_ns for timing in minimum_periods(netlist, generic, cases)][1:]
    found = []
    for point in core.spec.points:
        file = tmp_path / sdc_file(core, point)
        file.write_text(constraints(core)[file.name])
        found.append(needed(netlist, generic, file, driven(core, generic)))
    assert found == pytest.approx(measured, rel=0.02)
    assert min(found) < 0.95 * max(found)


@pytest.mark.needs("opensta")
def test_the_files_of_a_unit_are_read(generic: Technology, tmp_path: Path) -> None:
    unit = design("data-gated", "act_width=4", "weight_width=4", "modes=4x4,2x2")
    text = rtlil(unit.name, unit.spec, unit.boundary)
    netlist = synthesise(text, "unit", generic, Recipe.AREA, tmp_path)
    layout = layout_flows(unit)
    whole = {f"{unit.module}.sdc": layout[f"{unit.module}.sdc"]}
    for name, content in (constraints(unit) | whole).items():
        (tmp_path / name).write_text(content.replace("macsmith_period 10.0", f"macsmith_period {PERIOD}")
                                     .replace("* 0.3", "* 0"))  # fmt: skip
        assert 0 < needed(netlist, generic, tmp_path / name) < PERIOD


def test_what_stands_still() -> None:
    unit = design("data-gated", "modes=8x8,8x4,4x4")
    assert constants(unit, 2) == {"i__payload[16]": 0, "i__payload[17]": 1}
    core = design("data-gated", "modes=8x8,8x4,4x4", boundary="core")
    assert constants(core, 0) == {}
    assert constants(core, 1) == {f"weight[{place}]": 0 for place in range(4)}

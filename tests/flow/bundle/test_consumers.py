"""What reads the files of a bundle takes those of every family."""

import ast
import json
import re
from pathlib import Path

import pytest
import yaml
from systemrdl import RDLCompiler

from macsmith.bundle.shipped_design import Design
from macsmith.catalog.catalog import units
from tests.support.bundled import (
    call,
    component_of,
    design,
    fusesoc,
    ports_are_those_of,
    written,
)
from tests.support.needs import THINGS
from tests.support.small_units import SMALL

QUICK = "packer", "ternary"
"""Those that the quick suite tries."""


def small(name: str) -> Design:
    """Return a unit of a family that takes little time."""
    return design(name, *(f"{key}={value}" for key, value in SMALL.get(name, {}).items()))


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in units()],
)
def test_every_file_is_taken(name: str, tmp_path: Path) -> None:
    unit = small(name)
    folder = written(tmp_path / "b", unit)
    found = component_of((folder / f"{unit.module}.xml").read_text(), tmp_path)
    ports_are_those_of(found, unit)
    for file in folder.glob("*.py"):
        ast.parse(file.read_text())
    for file in folder.glob("*_waves*.json"):
        assert json.loads(file.read_text())["signal"]
    registers_are_read(folder, unit)
    layouts_find_their_files(folder, unit)
    if THINGS["opensta"].here():
        constraints_are_read(folder, unit)
    done = fusesoc(tmp_path, "lint", f"macsmith:units:{unit.module}")
    assert done.returncode == 0 and "%Warning" not in done.stdout + done.stderr, done.stderr


def registers_are_read(folder: Path, unit: Design) -> None:
    """Compile the register map, if the unit has one."""
    maps = list(folder.glob("*.rdl"))
    assert bool(maps) == bool(unit.unit.registers)
    for file in maps:
        compiler = RDLCompiler()
        compiler.compile_file(str(file))
        assert len(list(compiler.elaborate().top.registers())) > 1
    for file in folder.glob("*.h"):
        done = call(folder, "cc", "-std=c11", "-Wall", "-Werror", "-fsyntax-only", file.name)
        assert done.returncode == 0, done.stderr


def layouts_find_their_files(folder: Path, unit: Design) -> None:
    """Look up what the configurations of LibreLane and OpenROAD-flow-scripts name."""
    lane = yaml.safe_load((folder / f"{unit.module}_librelane.yaml").read_text())
    assert lane["DESIGN_NAME"] == unit.module
    named = [*lane["VERILOG_FILES"], lane["PNR_SDC_FILE"], lane["SIGNOFF_SDC_FILE"]]
    assert all((folder / file.removeprefix("dir::")).is_file() for file in named)
    config = folder / f"{unit.module}_orfs.mk"
    (folder.parent / "Makefile").write_text(
        "include $(DESIGN_CONFIG)\nshow:\n\t@echo $(DESIGN_NAME) $(VERILOG_FILES) $(SDC_FILE)\n"
    )
    done = call(folder.parent, "make", "-s", "show", f"DESIGN_CONFIG={config}", "PLATFORM=sky130hd")
    top, *files = done.stdout.split()
    assert top == unit.module and len(files) == 2 and all(Path(file).is_file() for file in files)


def constraints_are_read(folder: Path, unit: Design) -> None:
    """Let OpenSTA read each file of constraints for a netlist that has the ports alone."""
    ports = ",\n".join(f"{port.direction} {port.range} {port.name}" for port in unit.ports)
    (folder.parent / "ports.v").write_text(f"module {unit.module} (\n{ports}\n);\nendmodule\n")
    files = [*folder.glob("*.sdc"), *folder.glob("*.xdc")]
    assert len(files) == 2 + len(unit.spec.points)
    library = Path(__file__).parents[2] / "support" / "base.lib"
    script = [f"read_liberty {{{library}}}"]
    for file in files:
        script += ["read_verilog ports.v", f"link_design {unit.module}", f"source {{{file}}}"]
    (folder.parent / "read.tcl").write_text("\n".join(script) + "\n")
    done = call(folder.parent, "sta", "-no_splash", "-exit", "read.tcl")
    said = done.stdout + done.stderr
    assert done.returncode == 0 and not re.search(r"Warning|Error", said), said


@pytest.mark.slow
@pytest.mark.needs("icarus")
@pytest.mark.parametrize("simulator", ["sim", "sim_verilator"])
@pytest.mark.parametrize("name", units())
def test_fusesoc_runs_the_testbench(name: str, simulator: str, tmp_path: Path) -> None:
    unit = small(name)
    written(tmp_path / "b", unit)
    done = fusesoc(tmp_path, simulator, f"macsmith:units:{unit.module}")
    assert done.returncode == 0 and "\nPASS: " in done.stdout, (done.stdout + done.stderr)[-2000:]

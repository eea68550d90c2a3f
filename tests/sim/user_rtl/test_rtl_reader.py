"""A user's files: what is read of them, and a sentence for what cannot be measured."""

from pathlib import Path

import pytest

from macsmith.contract.errors import UserError
from macsmith.user_rtl.pins import Port
from macsmith.user_rtl.rtl_reader import read_rtl
from tests.support.hand_written import FILES, spec_of

HEAD = "(input clk, en, input [7:0] d, output reg [7:0] q);"

WRONG = {
    "two_clocks": (
        "(input clk_a, clk_b, input [7:0] d, output reg [7:0] q, r);\n"
        "always @(posedge clk_a) q <= d;\nalways @(posedge clk_b) r <= d;",
        "two_clocks must have one clock, not clk_a and clk_b",
    ),
    "two_ports_of_a_memory": (
        "(input clk_a, clk_b, input [3:0] at, input [7:0] d, output reg [7:0] q);\n"
        "reg [7:0] words [0:15];\nalways @(posedge clk_a) words[at] <= d;\n"
        "always @(posedge clk_b) q <= words[at];",
        "two_ports_of_a_memory must have one clock, not clk_a and clk_b",
    ),
    "falling": (
        f"{HEAD} always @(negedge clk) q <= d;",
        "falling must be clocked by the rising edge, not the falling one",
    ),
    "gated": (
        f"{HEAD} wire gclk = clk & en; always @(posedge gclk) q <= d;",
        "gated must be clocked by an input port, not by gclk",
    ),
    "latch": (f"{HEAD} always @* if (en) q = d;", "latch must have flip-flops alone, but q is a latch"),
    "loaded": (
        f"{HEAD} always @(posedge clk or posedge en) if (en) q <= ~d; else q <= d;",
        "loaded must have registers that are reset to a constant, but q is loaded",
    ),
    "loop": (
        "(input a, output y); wire z; assign z = z ^ a; assign y = z;",
        "loop must have no combinational loop, but Yosys finds one",
    ),
    "twice": (
        "(input a, b, output y); assign y = a; assign y = b;",
        "twice must drive each net once, but ",
    ),
    "both_ways": (
        "(input a, inout b, output y); assign y = a & b;",
        "both_ways must have inputs and outputs alone, but b is an inout",
    ),
    "boxed": (
        "(input a, output y); unknown one (.a(a), .y(y));",
        "verilog must be what Yosys can read, but of bad.v it says: Module `\\unknown' referenced in",
    ),
    "bare": ("(input a);", "bare must have logic in it, but has none"),
    "syntax": (
        "(input a, output y); assign y = ;",
        "verilog must be what Yosys can read, but of bad.v it says: bad.v:1: syntax error",
    ),
}  # fmt: skip


@pytest.mark.parametrize("top", WRONG)
def test_what_cannot_be_measured_is_one_sentence(top: str, tmp_path: Path) -> None:
    body, sentence = WRONG[top]
    file = tmp_path / "bad.v"
    file.write_text(f"module {top} {body}\nendmodule\n")
    with pytest.raises(UserError) as raised:
        read_rtl([file], top, {})
    assert str(raised.value).startswith(sentence)
    assert "\n" not in str(raised.value) and str(tmp_path) not in str(raised.value)


def test_slang_says_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "bad.sv"
    file.write_text("module top (input logic a, output logic y);\n  assign y = b;\nendmodule\n")
    with pytest.raises(UserError) as raised:
        read_rtl([file], "top", {})
    assert "of bad.sv it says: bad.sv:2: use of undeclared identifier 'b'" in str(raised.value)


@pytest.mark.parametrize(
    ("top", "hint"), [("acc_mull", "did you mean acc_mul"), ("x", "there are acc_mul")]
)
def test_a_missing_module_gets_the_nearest(top: str, hint: str) -> None:
    with pytest.raises(UserError) as raised:
        read_rtl([FILES["acc_mul"]], top, {})
    assert str(raised.value) == f"top must be a module of acc_mul.v, not {top!r}; {hint}"


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^verilog .*no\.v could not be read: No such file or dir"):
        read_rtl([tmp_path / "no.v"], "top", {})


def test_an_unknown_parameter_is_one_sentence() -> None:
    with pytest.raises(UserError, match=r"of acc_mul\.v it says: .*`W`"):
        read_rtl([FILES["acc_mul"]], "acc_mul", {"W": "9"})


def test_ports_and_clock_are_those_of_the_module() -> None:
    rtl = read_rtl([FILES["acc_mul"]], "acc_mul", {})
    assert list(rtl.ports)[:4] == ["clk", "rst", "act", "weight"]
    assert (rtl.ports["weight"], rtl.ports["acc"]) == (Port(8, True), Port(20, False))
    assert rtl.clock == "clk" and list(rtl.files) == ["acc_mul.v"]


def test_the_text_does_not_depend_on_where_it_lies(tmp_path: Path) -> None:
    spaced = tmp_path / "a b"
    spaced.mkdir()
    there = spaced / "acc_mul.v"
    there.write_bytes(FILES["acc_mul"].read_bytes())
    here = read_rtl([FILES["acc_mul"]], "acc_mul", {})
    assert read_rtl([there], "acc_mul", {}).rtlil == here.rtlil
    assert "\\src" not in here.rtlil and str(FILES["acc_mul"].parent) not in here.rtlil


def test_included_files_and_modules_of_other_files_are_found(tmp_path: Path) -> None:
    (tmp_path / "wide.vh").write_text("`define WIDE 12\n")
    (tmp_path / "top.v").write_text(
        '`include "wide.vh"\nmodule top (input [`WIDE-1:0] a, output [`WIDE-1:0] y);\n'
        "  inner #(.N(`WIDE)) one (.a(a), .y(y));\nendmodule\n"
    )
    (tmp_path / "inner.v").write_text(
        "module inner #(parameter N = 4) (input [N-1:0] a, output [N-1:0] y);\n"
        "  assign y = ~a;\nendmodule\n"
    )
    rtl = read_rtl([tmp_path / "top.v", tmp_path / "inner.v"], "top", {})
    assert rtl.ports == {"a": Port(12, True), "y": Port(12, False)} and rtl.clock is None
    narrow = read_rtl([tmp_path / "inner.v"], "inner", {"N": "3"})
    assert narrow.ports["y"] == Port(3, False)


def test_what_simulators_print_and_assert_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "told.sv").write_text(
        "module told (input logic clk, a, output logic y);\n  always_ff @(posedge clk) begin\n"
        '    y <= a;\n    $display("%b", a);\n    assert (a || y);\n  end\nendmodule\n'
    )
    rtl = read_rtl([tmp_path / "told.sv"], "told", {})
    assert "$print" not in rtl.rtlil and "$assert" not in rtl.rtlil and "$check" not in rtl.rtlil


def test_a_map_with_another_clock_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = spec_of("acc_mul")
    assert dict(spec.ports)["clk"] == Port(1, True)
    file = tmp_path / "acc_mul.v"
    file.write_bytes(FILES["acc_mul"].read_bytes())
    text = FILES["acc_mul"].with_suffix(".toml").read_text()
    swapped = text.replace('"clk"', '"rst"').replace('reset = "rst"', 'reset = "clk"')
    (tmp_path / "acc_mul.toml").write_text(swapped)
    monkeypatch.setitem(FILES, "acc_mul", file)
    with pytest.raises(UserError, match=r"acc_mul\.toml: clock must be clk, not rst$"):
        spec_of("acc_mul")


def test_names_of_modules_and_files_are_free(tmp_path: Path) -> None:
    """A module within it may be called as ours are, be kept by an attribute, and lie anywhere."""
    file = tmp_path / "a;b 'c'.v"
    file.write_bytes(
        b"// \xff is no UTF-8\n(* keep_hierarchy *) module unit (input a, output y);\n"
        b"  assign y = ~a;\nendmodule\nmodule top (input a, output y);\n"
        b"  unit one (.a(a), .y(y));\nendmodule\n"
    )
    rtl = read_rtl([file], "top", {})
    assert rtl.rtlil.count("module ") == 1 and list(rtl.files) == [file.name]
    assert read_rtl([file], "unit", {}).ports == rtl.ports

"""Hand-written MACs against the golden model, through the maps of their ports."""

from pathlib import Path

import pytest

from macsmith.catalog.catalog import FOREIGN
from macsmith.user_rtl.entry import Given, specification
from macsmith.verify.plan import Plan
from macsmith.verify.verify import verification
from tests.support.hand_written import FILES, spec_of
from tests.support.sample import every

PLAN = Plan((), accumulations=700)


def runs_of(spec, top: str):
    """Return the runs of a module in bulk."""
    return list(verification(f"{FOREIGN}{top}").bulk(spec, PLAN))


@pytest.mark.parametrize("top", FILES)
def test_hand_written_macs_are_right(top: str) -> None:
    spec = spec_of(top)
    runs = runs_of(spec, top)
    assert [run.mode for run in runs] == [str(mode) for mode in spec.points]
    for run in runs:
        assert run.right and run.exhaustive and run.random >= 690, run.examples[:1]


def test_a_wrong_parameter_shows() -> None:
    """The sign of a weight is taken from its seventh bit."""
    (run,) = runs_of(spec_of("bit_serial", BITS=7), "bit_serial")
    assert not run.right and run.mismatches > 10_000


CHANGES = [
    ("acc_mul", ("latency = 2", "latency = 1")),
    ("acc_mul", ("first_delay = 1", "first_delay = 0")),
    ("acc_mul", ('signed = ["w"]', 'signed = ["a", "w"]')),
    ("bit_serial", ("cycles = 8", "cycles = 9")),
    ("bit_serial", ("latency = 1", 'latency = 1\nmsb_first = ["w"]')),
    ("two_precisions", ("value = 2, lanes = 2", "value = 1, lanes = 2")),
    ("two_precisions", ("lanes = 2", 'lanes = 2, sums = "apart"')),
]


@pytest.mark.parametrize(("top", "change"), every(2, CHANGES))
def test_a_wrong_map_shows(top: str, change: tuple[str, str], tmp_path: Path) -> None:
    text = FILES[top].with_suffix(".toml").read_text()
    assert text.count(change[0]) == 1
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(text.replace(*change))
    spec = specification(Given(files=[FILES[top]], top=top, map=wrong))
    assert not all(run.right for run in runs_of(spec, top))


def module(tmp_path: Path, text: str, roles: str):
    """Return the specification of a module ``top`` with a map."""
    (tmp_path / "top.sv").write_text(text)
    (tmp_path / "top.toml").write_text(roles)
    given = Given(files=[tmp_path / "top.sv"], top="top", map=tmp_path / "top.toml")
    return specification(given)


def test_a_multiplier_without_a_clock(tmp_path: Path) -> None:
    spec = module(
        tmp_path,
        "module top (input [3:0] x, input signed [3:0] y, output [7:0] p);\n"
        "  assign p = $signed({1'b0, x}) * y;\nendmodule\n",
        'a = "x"\nw = "y"\nresult = "p"\nsigned = ["w"]\nlatency = 0\n',
    )
    (run,) = runs_of(spec, "top")
    assert run.right and run.exhaustive


def test_a_weight_that_comes_from_its_highest_bit(tmp_path: Path) -> None:
    spec = module(
        tmp_path,
        """
        module top (input logic clk, start, first, w, input logic [3:0] a,
                    output logic [15:0] acc);
          logic [9:0] product, doubled;
          logic [15:0] total;
          assign doubled = start ? '0 : product << 1;
          assign acc = total + 16'(product);
          always_ff @(posedge clk) begin
            product <= doubled + (w ? 10'(a) : '0);
            if (start) total <= first ? '0 : acc;
          end
        endmodule
        """,
        """
        clock = "clk"
        start = "start"
        first = "first"
        a = "a"
        w = "w"
        result = "acc"
        signed = []
        msb_first = ["w"]
        latency = 1
        [modes]
        "4x5" = { cycles = 5 }
        """,
    )
    (run,) = runs_of(spec, "top")
    assert run.right and run.exhaustive


def test_sums_apart(tmp_path: Path) -> None:
    apart = module(
        tmp_path,
        """
        module top (input logic clk, first, input logic [7:0] a, w, output logic [31:0] acc);
          for (genvar k = 0; k < 2; k++)
            always_ff @(posedge clk)
              acc[16*k +: 16] <= (first ? '0 : acc[16*k +: 16])
                + 16'($signed(a[4*k +: 4]) * $signed(w[4*k +: 4]));
        endmodule
        """,
        """
        clock = "clk"
        first = "first"
        a = "a"
        w = "w"
        result = "acc"
        signed = ["a", "w"]
        latency = 1
        [modes]
        "4x4" = { lanes = 2, sums = "apart" }
        """,
    )
    (run,) = runs_of(apart, "top")
    assert run.right and run.exhaustive


def test_operands_and_sums_wider_than_words(tmp_path: Path) -> None:
    """Twenty MACs side by side: ports of 80 bits, results of 320."""
    spec = module(
        tmp_path,
        """
        module top (input logic clk, rst, first, input logic [79:0] a, w,
                    output logic [319:0] acc);
          for (genvar k = 0; k < 20; k++)
            always_ff @(posedge clk)
              if (rst) acc[16*k +: 16] <= '0;
              else acc[16*k +: 16] <= (first ? '0 : acc[16*k +: 16])
                + 16'($signed({1'b0, a[4*k +: 4]}) * $signed(w[4*k +: 4]));
        endmodule
        """,
        """
        clock = "clk"
        reset = "rst"
        first = "first"
        a = "a"
        w = "w"
        result = "acc"
        signed = ["w"]
        latency = 1
        [modes]
        "4x4" = { lanes = 20, sums = "apart" }
        """,
    )
    (run,) = list(verification(f"{FOREIGN}top").bulk(spec, Plan((), accumulations=100)))
    assert run.right and run.vectors > 20 * 4096


def test_what_only_an_initial_value_makes_right_is_wrong(tmp_path: Path) -> None:
    counter = """
        module top (input clk, input [3:0] a, w, input first, output reg [11:0] acc);
          reg broken = 1'b0;
          always @(posedge clk) begin
            broken <= broken;
            acc <= (first ? 12'd0 : acc) + a * w + broken;
          end
        endmodule
    """
    roles = """
        clock = "clk"
        first = "first"
        a = "a"
        w = "w"
        result = "acc"
        signed = []
        latency = 1
    """
    (run,) = runs_of(module(tmp_path, counter, roles), "top")
    assert not run.right

"""Lines of at most 100 characters: where they break, and numbers that no line would hold."""

import re
from pathlib import Path

import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.catalog.verilog import generate, top_name
from macsmith.rtl_text.lines.expression_text import BREAK, TIGHT_BREAK, ExpressionText
from macsmith.rtl_text.lines.line_breaks import LONGEST, lines_of
from macsmith.rtl_text.words.expressions import Constant
from tests.support.readers import slang_says, verible_says, verilator_says


def test_a_mark_is_a_space_or_nothing_where_the_line_goes_on() -> None:
    assert list(lines_of(f"  fa one ({TIGHT_BREAK}.a(x),{BREAK}.b(y));")) == [
        "  fa one (.a(x), .b(y));"
    ]


def test_what_does_not_fit_is_further_in() -> None:
    name = "n" * 87
    assert list(lines_of(f"  fa one ({TIGHT_BREAK}.a({name}),{BREAK}.b(y));")) == [
        "  fa one (", f"      .a({name}),", "      .b(y));",
    ]  # fmt: skip


@pytest.mark.parametrize("value", [0x5 << 700, (1 << 777) - 1, 3 << 255, int("9" * 230)])
def test_a_number_in_pieces_is_the_number(value: int) -> None:
    text = ExpressionText({}).of(Constant(777, value))
    assert all(len(line) <= LONGEST for line in lines_of(f"      x ={BREAK}{text};"))
    text = re.sub(r"\{(\d+)\{1'b1\}\}", lambda ones: f"{ones[1]}'b{'1' * int(ones[1])}", text)
    read = total = 0
    for width, base, digits in re.findall(r"(\d+)'([bdh])(\w+)", text):
        read = read << int(width) | int(digits, {"b": 2, "d": 10, "h": 16}[base])
        total += int(width)
    assert (total, read) == (777, value)


def test_tables_of_thousands_of_bits_are_read(tmp_path: Path) -> None:
    spec = make_spec("exp2", {"segments": 2048, "degree": 1})
    text = generate("exp2", spec, "unit")
    assert max(map(len, text.splitlines())) <= LONGEST
    top = top_name("exp2", spec, "unit")
    source = tmp_path / f"{top}.v"
    source.write_text(text)
    assert verilator_says(source, top=top) + slang_says(source) + verible_says(source) == ""

"""Rows of partial products are words in the Verilog, and flags of which one is up have short names."""

import re

import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.catalog.verilog import generate


@pytest.mark.parametrize(
    ("name", "parameters", "row"),
    [
        ("data-gated", {}, "wire [7:0] pp_row_3 = act & {8{weight[3]}};"),
        ("data-gated", {"length": 2}, "wire [7:0] pp_row_9 = act[15:8] & {8{weight[9]}};"),
        ("dnc-1d-st", {}, "wire [7:0] a0_00_w0_00_row_1 = a0_00 & {8{w0_00[1]}};"),
    ],
)
def test_rows_are_words(name: str, parameters: dict[str, int], row: str) -> None:
    text = generate(name, make_spec(name, parameters), "core")
    assert row in text
    assert not re.search(r"[( ]act\[\d+\] & weight\[\d+\]", text)


def test_sums_that_are_operators_take_words_as_they_are() -> None:
    text = generate("data-gated", make_spec("data-gated", {"arith": "operators"}), "core")
    assert "_row_" not in text and "act & {8{weight[0]}}" in " ".join(text.split())


def test_flags_of_which_one_is_up_have_names() -> None:
    text = generate("data-gated", make_spec("data-gated"), "unit")
    assert "wire is_in_0_to_2 = is_in_0 | is_in_1 | is_in_2;" in text
    assert "wire is_in_1_or_3 = is_in_1 | is_in_3;" in text
    assert not re.search(r"\w+_term(_\d+)? =", text)

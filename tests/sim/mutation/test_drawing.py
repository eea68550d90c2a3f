"""What is drawn: the same faults of one seed, of control and of the datapath, all in one design."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from macsmith.catalog.settings import spec_of
from macsmith.mutation.miter import Rules, miter
from macsmith.mutation.mutants import Mutants, draw
from macsmith.mutation.regions import CONTROL, DATAPATH, Regions
from macsmith.mutation.source_lines import Lines
from macsmith.rtl.leaf_cells import CLOCK_GATE

SMALL = ("act_width=4", "weight_width=4", "modes=4x4,2x2")


@pytest.fixture(scope="module")
def spec() -> Any:
    """A small MAC of two modes."""
    return spec_of("data-gated", SMALL)


@pytest.fixture(scope="module")
def drawn(spec: Any, tmp_path_factory: pytest.TempPathFactory) -> Mutants:
    """Faults of it."""
    return draw("data-gated", spec, 120, 1, tmp_path_factory.mktemp("drawn"))


def test_a_seed_gives_the_same_faults_in_the_same_order(
    spec: Any, drawn: Mutants, tmp_path: Path
) -> None:
    assert draw("data-gated", spec, 120, 1, tmp_path).mutants == drawn.mutants
    assert draw("data-gated", spec, 120, 2, tmp_path).mutants != drawn.mutants


def test_half_of_the_faults_are_in_control(drawn: Mutants) -> None:
    assert [one.number for one in drawn.mutants] == list(range(1, 121))
    assert [one.region for one in drawn.mutants] == [CONTROL] * 60 + [DATAPATH] * 60


def test_every_fault_has_a_line_and_none_is_in_the_clock(drawn: Mutants) -> None:
    for one in drawn.mutants:
        assert one.sources and all(
            line.startswith(("macsmith/", "amaranth/")) for line in one.sources
        )
        assert one.port not in ("clk", "CLK"), one
        assert one.sources[0] in one.description


def test_products_are_datapath_and_modes_are_control(drawn: Mutants) -> None:
    regions = {line: one.region for one in drawn.mutants for line in one.sources[:1]}
    of = {name: {region for line, region in regions.items() if name in line} for name in
          ("partial_products", "prefix_adder", "mac/unit")}  # fmt: skip
    assert of["partial_products"] == of["prefix_adder"] == {DATAPATH}
    assert CONTROL in of["mac/unit"]


def test_of_a_clock_gate_the_enable_alone_is_faulty(tmp_path: Path) -> None:
    gated = spec_of("data-gated", [*SMALL, "clock_gating=cell"])
    mutants = draw("data-gated", gated, 200, 1, tmp_path).mutants
    assert not [one for one in mutants if one.module == CLOCK_GATE]
    (port,) = {one.port for one in mutants if one.cell.endswith("_gclk_gate")}
    assert port == "en"


def gate(kind: str, pins: Mapping[str, list[int]], src: str = "") -> dict[str, Any]:
    """Return a cell as Yosys writes it; ``Y`` and ``Q`` are its outputs."""
    ways = {pin: "output" if pin in "YQ" else "input" for pin in pins}
    return {"type": kind, "connections": pins, "port_directions": ways, "parameters": {},
            "attributes": {"src": src} if src else {}}  # fmt: skip


def test_a_register_of_both_is_told_apart_bit_by_bit() -> None:
    """Bit 0 of one register is valid, bit 1 an operand, which has an inverter of its own."""
    cells = {
        "both": gate("$dff", {"CLK": [2], "D": [3, 6], "Q": [5, 7]}),
        "inverts": gate("$not", {"A": [4], "Y": [6]}, "/x/macsmith/a.py:3"),
        "passes": gate("$not", {"A": [8], "Y": [3]}, "/x/macsmith/a.py:5"),
    }
    ways = {"clk": ("input", [2]), "i_valid": ("input", [8]), "i": ("input", [4]),
            "o_valid": ("output", [5]), "o": ("output", [7])}  # fmt: skip
    ports = {name: {"direction": way, "bits": bits} for name, (way, bits) in ways.items()}
    module = {"ports": ports, "cells": cells, "netnames": {}}
    regions = Regions({"modules": {"top": module}}, "top", {"i": [0]}, {"o": [0]})
    assert regions.of(("top", "inverts", "A", 0)) == DATAPATH
    assert regions.of(("top", "passes", "Y", 0)) == CONTROL
    assert regions.of(("top", "both", "CLK", 0)) is None
    # A register that carries both is where control can be hurt.
    assert regions.of(("top", "both", "D", 1)) == CONTROL
    lines = Lines({"modules": {"top": module}})
    assert lines.of("top", "passes") == ("macsmith/a.py:5",)


def test_a_cell_without_a_line_takes_that_of_what_it_drives() -> None:
    cells = {
        "nameless": gate("$mux", {"A": [2], "B": [3], "S": [4], "Y": [5]}),
        "behind": gate("$not", {"A": [5], "Y": [6]}, "/y/hw/macsmith/b.py:7|/y/hw/macsmith/b.py:9"),
    }
    lines = Lines({"modules": {"top": {"ports": {}, "cells": cells, "netnames": {}}}})
    assert lines.of("top", "nameless") == ("macsmith/b.py:7", "macsmith/b.py:9")


def test_payloads_are_compared_while_they_are_valid(spec: Any, drawn: Mutants) -> None:
    text = miter(spec, replace(drawn.subject, mutant=7), Rules(streams=True, points=True))
    assert "right_o__valid & (right_o__payload != faulty_o__payload)" in text
    assert "(right_o__valid != faulty_o__valid)" in text
    assert "i__payload == held_i__payload" in text and "< 2)" in text
    assert ".mutant(7'd7)" in text and ".mutant(7'd0)" in text
    free = miter(spec, replace(drawn.subject, mutant=7), Rules())
    assert "wire legal = 1;" in free and "held" not in free

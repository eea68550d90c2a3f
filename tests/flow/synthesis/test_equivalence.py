"""Netlists proved equal to their RTL on every library; a gate that differs is found."""

import copy
from pathlib import Path
from typing import Any

import pytest

from macsmith.catalog.catalog import build, make_spec
from macsmith.energy.netlist_to_gates import to_gates
from macsmith.library.technology import Technology
from macsmith.netlist.gate_netlist import GateGroup, GateNetlist
from macsmith.rtl.emit import to_rtlil
from macsmith.synthesis import equivalence
from macsmith.synthesis.netlist_equivalence import DIFFERENT, PROVED, UNMATCHED, prove, rtl_gates
from macsmith.synthesis.yosys_abc import Recipe, synthesise

SMALL = {"act_width": 4, "weight_width": 4}
UNITS: dict[str, tuple[str, dict[str, Any]]] = {
    "data-gated": ("data-gated", SMALL),
    "serial-1d": ("serial-1d", SMALL),
    "dap": ("dap", {"block": 4, "nonzeros": 2}),
}


def both(
    name: str, parameters: dict[str, Any], tech: Technology, folder: Path
) -> tuple[GateNetlist, GateNetlist]:
    """Return the gates of a unit's RTL and those of its netlist."""
    text = to_rtlil(build(name, make_spec(name, parameters)), "unit")
    gated = tech.clock_gate is not None
    netlist = synthesise(
        text, "unit", tech, Recipe.BALANCED, folder, leaf_cells=tech.full_adder is not None,
        clock_gates=gated,
    )  # fmt: skip
    return rtl_gates(text, "unit", folder / "rtl"), to_gates(netlist, tech)


@pytest.mark.parametrize(
    "unit",
    ["data-gated", *(pytest.param(unit, marks=pytest.mark.slow) for unit in ("serial-1d", "dap"))],
)
def test_a_netlist_is_its_rtl(unit: str, technology: Technology, tmp_path: Path) -> None:
    rtl, netlist = both(*UNITS[unit], technology, tmp_path)
    proof = prove(rtl, netlist)
    assert proof.verdict == PROVED, proof
    assert proof.registers == len(netlist.next_state) and proof.outputs > proof.registers > 20


def with_other_gate(netlist: GateNetlist, kind: str, other: str) -> GateNetlist:
    """Return a netlist in which one gate is of another kind."""
    place, group = next((k, one) for k, one in enumerate(netlist.groups) if one.kind == kind)
    last = group.rows.stop - 1
    groups = [
        GateGroup(kind, slice(group.rows.start, last), group.inputs[:, :-1]),
        GateGroup(other, slice(last, last + 1), group.inputs[:, -1:]),
    ]
    broken = copy.copy(netlist)
    broken.groups = [*netlist.groups[:place], *groups, *netlist.groups[place + 1 :]]
    return broken


@pytest.mark.parametrize(("kind", "other"), [("$_AND_", "$_XOR_"), ("$_XOR_", "$_OR_")])
def test_a_gate_that_differs_is_found(
    kind: str, other: str, generic: Technology, tmp_path: Path
) -> None:
    rtl, netlist = both(*UNITS["data-gated"], generic, tmp_path)
    assert prove(rtl, with_other_gate(netlist, kind, other)).verdict == DIFFERENT


def test_registers_are_found_without_their_names(generic: Technology, tmp_path: Path) -> None:
    rtl, netlist = both(*UNITS["serial-1d"], generic, tmp_path)
    named = equivalence.match(rtl, netlist)
    netlist.nets = {}
    assert prove(rtl, netlist).verdict == PROVED
    assert equivalence.match(rtl, netlist).keys() == named.keys()


def test_a_register_too_many_is_told(generic: Technology, tmp_path: Path) -> None:
    rtl, _ = both(*UNITS["serial-1d"], generic, tmp_path / "one")
    _, other = both(*UNITS["data-gated"], generic, tmp_path / "other")
    proof = prove(rtl, other)
    assert proof.verdict == UNMATCHED and "of the RTL (" in proof.note

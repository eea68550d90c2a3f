"""In low modes idle bits stand still: toggles counted on the gates of every design, mode by mode."""

from pathlib import Path
from typing import Any

import pytest

from macsmith.catalog.catalog import build, compared, make_spec
from macsmith.contract.modes import Mode
from macsmith.mac.parallel.subword_st import SubwordSt
from macsmith.mac.unit import MacUnit
from macsmith.netlist.gate_netlist import read_netlist
from macsmith.rtl.emit import to_rtlil
from macsmith.verify.idle_logic import IdleCheck
from tests.support.broken import NeverGates, Wastes

EBSP_MODES = tuple(map(Mode.parse, ("8x6", "4x6")))

DESIGNS: list[tuple[str, dict[str, Any]]] = [
    ("data-gated", {}),
    *((name, {"levels": n}) for name in compared() if name[:3] in ("sub", "dnc") for n in (1, 2)),
    *((name, {"digit": n}) for name in ("serial-1d", "serial-2d") for n in (1, 2, 4)),
    *((name, {"clock_gating": "cell"}) for name in ("data-gated", "serial-2d", "subword-sa")),
    *(("ebsp", {"modes": EBSP_MODES, **more}) for more in ({}, {"clock_gating": "cell"},
      {"lut": "signed-digits", "steering": "datapath"})),
]  # fmt: skip

# Adders that are idle and yet add: no partial products, registers or slices. With their modes.
RUNS = "adders of slots and of bricks that the mode does not use still add"
TOPS = "the accumulator's adder goes on above the mode's sum, where its carry meets idle bits"
KNOWN = {
    ("subword-st", 1): ("4x4 2x2", TOPS),
    ("subword-st", 2): ("4x4 2x2", TOPS),
    ("dnc-1d-sa", 1): ("8x8", RUNS),
    ("dnc-1d-sa", 2): ("8x8 8x4 4x4", RUNS),
    ("dnc-1d-st", 1): ("8x4 8x2 4x4 2x2", TOPS),
    ("dnc-1d-st", 2): ("8x4 8x2 4x4 2x2", TOPS),
    ("dnc-2d-sa", 1): ("8x8 8x4 8x2", RUNS),
    ("dnc-2d-sa", 2): ("8x8 8x4 8x2 4x4", RUNS),
    ("dnc-2d-st", 1): ("8x4 8x2 4x4 2x2", TOPS),
    ("dnc-2d-st", 2): ("8x4 8x2 4x4 2x2", TOPS),
    ("ebsp", "cell"): ("4x6", TOPS),
}


def check(unit: Any, name: str, folder: Path) -> IdleCheck:
    return IdleCheck(name, unit.spec, read_netlist(to_rtlil(unit, "unit"), "unit", folder))


@pytest.mark.parametrize(("name", "parameters"), DESIGNS, ids=str)
def test_idle_bits_stand_still(name: str, parameters: dict[str, Any], tmp_path: Path) -> None:
    spec = make_spec(name, parameters)
    idle = check(build(name, spec), name, tmp_path)
    found: dict[str, list[str]] = {}
    for index, mode in enumerate(spec.modes):
        violations = idle.violations(index)
        # Of EBSP a lane alone: where either operand is zero, nothing that both reach toggles. Signed
        # digits move the activation before they multiply it.
        if (name == "ebsp" and "lut" not in parameters) or (
            name.startswith("subword") and spec.products(mode) > 1
        ):
            violations += idle.products(index)
        for criterion in {violation.criterion for violation in violations}:
            found.setdefault(criterion, []).append(str(mode))
    modes, _ = KNOWN.get((name, parameters.get("levels", parameters.get("clock_gating"))), ("", ""))
    assert found == ({"cones": modes.split()} if modes else {})


def test_something_is_idle(tmp_path: Path) -> None:
    """The sets that must stand still are as large as the specification says."""
    spec = make_spec("dnc-2d-sa", {"levels": 1})
    core = check(build("dnc-2d-sa", spec), "dnc-2d-sa", tmp_path).core
    mode = spec.modes[0]
    idle = set(range(spec.product_width)) - set(spec.product_alive(mode))
    enables = sum(mode not in group.modes for group in spec.product_groups + spec.acc_groups)
    bits = len(idle) + spec.acc_width - len(spec.acc_source(mode)) + enables
    assert len(idle) == 16 and core.idle_registers(mode).sum() == bits
    assert core.idle_cones(mode).sum() > bits


def test_registers_without_gating_are_found(tmp_path: Path) -> None:
    spec = make_spec("subword-st")
    idle = check(NeverGates(SubwordSt(spec)), "subword-st", tmp_path)
    assert not [v for v in idle.violations(0) if v.criterion == "registers"]
    nets = {v.net for v in idle.violations(3) if v.criterion == "registers"}
    assert {"acc[17]", "acc[18]", "acc[19]"} <= nets
    assert any(net.startswith("acc_en") for net in nets), nets


def test_a_product_for_nothing_is_found(tmp_path: Path) -> None:
    spec = make_spec("subword-st")
    idle = check(MacUnit(Wastes(spec)), "subword-st", tmp_path)
    found = {(v.criterion, v.net) for v in idle.violations(3) + idle.products(3)}
    assert {("cones", "core.wasted"), ("products", "core.wasted")} <= found

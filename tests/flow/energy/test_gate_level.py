"""Mapped netlists at work: cells do what Liberty says, the bench passes, idle nets stand still."""

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest

from macsmith.catalog.catalog import build, make_spec
from macsmith.energy.gate_level_unit import unit_verilog
from macsmith.energy.netlist_to_gates import to_gates
from macsmith.golden.catalog import golden
from macsmith.library import resolve
from macsmith.library.technology import Technology
from macsmith.library.verilog_models import cell_models
from macsmith.mac.spec import MacSpec
from macsmith.netlist.gate_netlist import read_netlist
from macsmith.netlist.toggles import ToggleCounter
from macsmith.netlist.zero_delay import GateEngine
from macsmith.operands.gate_traffic import beats_of, drive, follow
from macsmith.operands.mac_source import MacSource
from macsmith.rtl.emit import to_rtlil
from macsmith.rtlsim.cocotb_runner import run_bench
from macsmith.synthesis.mapped_netlist import MappedNetlist
from macsmith.synthesis.yosys_abc import Recipe, synthesise
from macsmith.verify.idle_logic import Core, IdleCheck
from tests.support.cells import NANGATE
from tests.support.designs import MultiplyAccumulate
from tests.support.simulators import quick_simulator, simulators


@pytest.fixture(scope="module")
def library() -> Technology:
    """Nangate45, real cells with power data."""
    return resolve.resolve(NANGATE)


def mapped(name: str, spec: MacSpec, library: Technology, folder: Path) -> MappedNetlist:
    """Return a core as it is measured: fast, with clock gates."""
    text = to_rtlil(build(name, spec, "core"), "core")
    return synthesise(text, "core", library, Recipe.SPEED, folder, clock_gates=True)


@pytest.mark.parametrize("clock_gates", [True, False])
def test_gates_compute_what_the_netlist_does(
    technology: Technology, tmp_path: Path, clock_gates: bool
) -> None:
    text = to_rtlil(MultiplyAccumulate(), "top")
    netlist = synthesise(
        text, "top", technology, Recipe.AREA, tmp_path, clock_gates=clock_gates, leaf_cells=True
    )
    engine = GateEngine(to_gates(netlist, technology))
    engine.reset(100)
    rng = np.random.default_rng(3)
    counter = ToggleCounter(engine)
    product, acc, enabled = np.zeros(100, np.int64), np.zeros(100, np.int64), 0
    for _ in range(20):
        a, w, en = rng.integers(256, size=100), rng.integers(-128, 128, 100), rng.integers(2)
        engine.set("a", a)
        engine.set("w", w)
        engine.set("en", int(en))
        assert (engine.get("acc") == acc % (1 << 24)).all()
        counter.sample()
        engine.tick()
        enabled += int(en)
        acc, product = acc + en * product, np.where(en, a * w, product)
    # All registers hang on one clock gate; the last cycle's pulse came after the last sample.
    pulses = counter.counts[engine.netlist.pulses]
    assert pulses.tolist() == [2 * 100 * (enabled - int(en))] * clock_gates


IDLE = {
    "data-gated": "",
    # As in tests/sim/verify/test_idle.py.
    # A net or two: ABC puts a gate of the guards before the gating.
    "subword-sa": "8x8 8x4 8x2 4x4",
    "dnc-1d-sa": "8x8 8x4 4x4",
    "dnc-2d-st": "8x4 8x2 4x4 2x2",
    "serial-1d": "",
}
"""Designs, and the modes in which nets may toggle that reach no live register."""


@pytest.mark.parametrize("name", IDLE)
def test_idle_bits_of_a_netlist_stand_still(name: str, library: Technology, tmp_path: Path) -> None:
    spec = make_spec(name)
    netlist = mapped(name, spec, library, tmp_path)
    unit = read_netlist(to_rtlil(build(name, spec), "unit"), "unit", tmp_path)
    idle = IdleCheck(name, spec, unit, to_gates(netlist, library))
    found: dict[str, list[str]] = {"registers": [], "cones": []}
    for index, mode in enumerate(spec.modes):
        for criterion in {violation.criterion for violation in idle.violations(index)}:
            found[criterion].append(str(mode))
    assert found["registers"] == []
    assert set(found["cones"]) <= set(IDLE[name].split())


def test_registers_without_a_name_are_an_error(library: Technology, tmp_path: Path) -> None:
    spec = make_spec("serial-1d")
    netlist = mapped("serial-1d", spec, library, tmp_path)
    text = netlist.json.read_text()
    netlist.json.write_text(
        text.replace('"product[0]"', '"other"').replace('"product[1]"', '"more"')
    )
    with pytest.raises(
        ValueError, match=r"^netlist must name the registers of its core, but 2 lack one$"
    ):
        Core(to_gates(netlist, library), spec)


def test_a_netlist_accumulates_as_its_rtl_does(library: Technology, tmp_path: Path) -> None:
    spec = make_spec("dnc-1d-sa")
    core = GateEngine(to_gates(mapped("dnc-1d-sa", spec, library, tmp_path), library))
    text = to_rtlil(build("dnc-1d-sa", spec), "unit")
    unit = GateEngine(read_netlist(text, "unit", tmp_path))
    core.reset(70)
    model, rng = golden("dnc-1d-sa", spec), np.random.default_rng(4)
    beats = [
        beat
        for mode in range(len(spec.modes))
        for beat in beats_of(MacSource(spec, model, mode, rng).uniform(70, 3), spec)
    ]
    cycles = 0
    for _ in drive(unit, beats):
        follow(core, unit)
        expected = unit.rows()[unit.netlist.nets["core.acc"]]
        assert (core.rows()[core.netlist.ports["acc"].rows] == expected).all(), cycles
        core.tick()
        cycles += 1
    assert cycles > len(beats)


@simulators
def test_the_bench_passes_on_a_netlist(simulator: str, library: Technology, tmp_path: Path) -> None:
    spec = make_spec("subword-st")
    netlist = mapped("subword-st", spec, library, tmp_path)
    assert library.clock_gate and netlist.histogram[library.clock_gate.cell] > 1
    verilog = unit_verilog("subword-st", spec, netlist, library)
    tests = ["random_packets", "point_changes", "throughput_and_latency"]
    runs = run_bench(
        "subword-st", spec, simulator, tmp_path, packets=100, tests=tests, verilog=verilog
    )
    assert sum(run.vectors for run in runs) > 300
    assert not any(run.mismatches for run in runs)


def test_the_bench_sees_a_wrong_cell(library: Technology, tmp_path: Path) -> None:
    spec = make_spec("serial-1d")
    netlist = mapped("serial-1d", spec, library, tmp_path)
    verilog = unit_verilog("serial-1d", spec, netlist, library)
    wrong = re.sub(r"(module XOR2_X1 [^^]*)\^", r"\1|", verilog, count=1)
    assert wrong != verilog
    simulator = quick_simulator()
    runs = run_bench(
        "serial-1d", spec, simulator, tmp_path, packets=20, tests=["extremes"], verilog=wrong
    )
    assert any(run.mismatches for run in runs)


def test_models_of_flip_flops_and_clock_gates(generic: Technology) -> None:
    cells = generic.library.cells
    flip_flop = dataclasses.replace(
        cells["DFF_X1"], name="DFFR", next_state="D' | Q2", states=("Q1", "Q2"), clear="!D"
    )
    pins = {"Q": dataclasses.replace(cells["DFF_X1"].pins["Q"], function="Q1")}
    flip_flop = dataclasses.replace(flip_flop, pins=cells["DFF_X1"].pins | pins)
    text = cell_models([flip_flop])
    for line in (
        "always @(posedge clock or posedge event_) if (event_) Q1 <= 1'b0; else Q1 <= ((D ^ 1'b1) | Q2);",
        "wire event_ = (D ^ 1'b1);",
        "assign Q = Q1;",
    ):
        assert f"  {line}\n" in text


def test_cells_without_a_model(generic: Technology) -> None:
    cells = generic.library.cells
    latch = dataclasses.replace(cells["DFF_X1"], name="LATCH", sequential="latch")
    with pytest.raises(ValueError, match=r"^LATCH must be a gate or a flip-flop with set or "):
        cell_models([latch])
    falling = dataclasses.replace(cells["CLKGATE_X2"], clock_gate="latch_negedge")
    with pytest.raises(
        ValueError, match=r"^CLKGATE_X2 must gate a rising clock, not be latch_negedge$"
    ):
        cell_models([falling])
    pins = {
        name: dataclasses.replace(pin, function=None) for name, pin in cells["INV_X1"].pins.items()
    }
    with pytest.raises(ValueError, match=r"^INV_X1 must have functions of its pins, not None$"):
        cell_models([dataclasses.replace(cells["INV_X1"], pins=pins)])

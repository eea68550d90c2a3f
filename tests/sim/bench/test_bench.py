"""The cocotb bench on real simulators: every unit passes, broken protocols do not."""

import json
from pathlib import Path
from typing import Any

import pytest

from macsmith.catalog.catalog import compared, make_spec
from macsmith.contract.errors import UserError
from macsmith.host.verification_run import Run
from macsmith.mac.parallel.data_gated import DataGated
from macsmith.mac.unit import MacUnit
from macsmith.rtl.emit import to_verilog
from macsmith.rtlsim.cocotb_runner import (
    BenchError,
    available_simulators,
    check_simulator,
    run_bench,
)
from macsmith.verify.verify import Case, Plan, verify
from tests.support.broken import ChangesResult, LosesCarry, ReadyBeforeValid
from tests.support.simulators import quick_simulator, simulators

QUICK = ("dnc-2d-st",)
"""Benches of the other styles are slow tests; a serial one has other specifications below."""


def each_style(name: str) -> Any:
    """Return a style as a parameter, slow unless it is one of a few."""
    return pytest.param(name, marks=() if name in QUICK else pytest.mark.slow)


@simulators
@pytest.mark.parametrize("name", [each_style(name) for name in compared()])
def test_unit_passes(name: str, simulator: str, tmp_path: Path) -> None:
    runs = run_bench(name, make_spec(name), simulator, tmp_path, seed=3, packets=150)
    assert {run.mode for run in runs} == {"8x8", "8x4", "8x2", "4x4", "2x2", "mixed"}
    assert sum(run.mismatches for run in runs) == 0
    assert sum(run.vectors for run in runs) > 500
    assert {(run.layer, run.simulator, run.seed) for run in runs} == {("protocol", simulator, 3)}


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("data-gated", {"act_width": 7, "weight_width": 5, "act_signed": True}),
        ("subword-sa", {"headroom": 0, "weight_signed": False}),
        ("dnc-2d-st", {"act_width": 16, "weight_width": 16}),
        ("serial-1d", {"digit": 4, "act_signed": True}),
        ("serial-2d", {"digit": 2, "act_width": 5, "weight_width": 9}),
    ],
)
def test_other_specifications_pass(
    name: str, parameters: dict[str, object], tmp_path: Path
) -> None:
    runs = run_bench(name, make_spec(name, parameters), quick_simulator(), tmp_path, packets=100)
    assert runs and not any(run.mismatches for run in runs)


@pytest.mark.parametrize(
    ("unit", "reason"),
    [
        (ChangesResult, "o.payload changed before o.ready rose"),
        (ReadyBeforeValid, "no end after"),
    ],
)
def test_broken_protocol_is_found(unit: type[MacUnit], reason: str, tmp_path: Path) -> None:
    spec = make_spec("data-gated")
    verilog = to_verilog(unit(DataGated(spec)), "unit")
    with pytest.raises(BenchError, match=reason):
        run_bench("data-gated", spec, quick_simulator(), tmp_path, verilog=verilog)


def test_mismatch_is_reported_with_operands(tmp_path: Path) -> None:
    spec = make_spec("data-gated")
    verilog = to_verilog(MacUnit(LosesCarry(spec)), "unit")
    runs = run_bench("data-gated", spec, quick_simulator(), tmp_path, verilog=verilog)
    wrong = next(run for run in runs if run.mismatches)
    sentence = wrong.examples[0].sentence(wrong.unit, wrong.mode)
    assert sentence.startswith(f"data-gated {wrong.mode}, ")
    for part in (": a = [[", "w = [[", "expected 0x", "got 0x"):
        assert part in sentence


def test_waveforms_are_written_on_request(tmp_path: Path) -> None:
    spec, simulator = make_spec("data-gated"), quick_simulator()
    tests = ["throughput_and_latency"]
    run_bench("data-gated", spec, simulator, tmp_path, waves=True, tests=tests)
    (waves,) = tmp_path.rglob(WAVES[simulator])
    assert waves.stat().st_size > 1000


WAVES = {"icarus": "*.fst", "verilator": "*.vcd"}
"""What each simulator writes."""


def test_network_layers_go_through(tmp_path: Path) -> None:
    units = {"subword-sa": make_spec("subword-sa", {"headroom": 9})}
    simulator = quick_simulator()
    plan = Plan([simulator], accumulations=100, simulated=20, images=1)
    cases = [Case(name, spec, plan) for name, spec in units.items()]
    done: list[tuple[str, str]] = []
    runs = verify(cases, tmp_path, lambda *part: done.append(part))
    assert sorted(done) == [("subword-sa", "bulk"), ("subword-sa", simulator)]
    network = [run for run in runs if run.mode.endswith("network")]
    assert [run.mode for run in network] == [f"{m} network" for m in units["subword-sa"].modes]
    # 64 pixels x 16 channels of 9 terms and so on, two or four outputs at a time in low modes.
    assert [run.vectors for run in network][:3] == [network[0].vectors] * 3
    assert network[3].vectors * 2 == network[0].vectors
    assert not any(run.mismatches for run in runs)


def test_run_survives_json() -> None:
    run = Run("data-gated", {}, "8x8", "bulk", "compiled", 1, vectors=3)
    assert Run.from_json(json.loads(json.dumps(run.to_json()))) == run


def test_unknown_simulator_is_refused() -> None:
    with pytest.raises(UserError, match=r"^simulator must be verilator or icarus, not 'vcs'$"):
        check_simulator("vcs")


def test_simulator_that_lacks_something_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert available_simulators() == []
    with pytest.raises(UserError, match=r"^simulator icarus needs iverilog, which was not found$"):
        check_simulator("icarus")
    with pytest.raises(UserError, match=r"^simulator verilator needs perl, which was not found$"):
        check_simulator("verilator")

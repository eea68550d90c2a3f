"""Units in their AXI4-Stream wrapper on simulators: models of cocotbext-axi at all ends."""

import re
from pathlib import Path
from typing import Any

import pytest

from macsmith.catalog.catalog import build, make_spec, units
from macsmith.contract.axi_stream import AXI_STREAM
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.rtl.emit import to_verilog
from macsmith.rtlsim import cocotb_runner
from macsmith.rtlsim.cocotb_runner import BenchError, run_bench
from macsmith.verify.plan import Plan
from macsmith.verify.verify import verification
from tests.support.sample import every
from tests.support.simulators import quick_simulator, simulators

SMALL: dict[str, dict[str, Any]] = {
    "data-gated": {
        "act_width": 4,
        "weight_width": 4,
        "modes": (Mode.parse("4x4"), Mode.parse("2x2")),
    },
    "dap": {"block": 4, "nonzeros": 2, "act_width": 5, "form": "index"},
    "systolic": {"rows": 2, "cols": 1, "mac.act_width": 3, "mac.weight_width": 3, "acc_width": 9},
}
QUICK = ("dap",)

DATAFLOWS: list[dict[str, Any]] = [
    {"dataflow": "weight", "rows": 2, "cols": 3, "depth": 6, "mac.act_width": 5},
    {"dataflow": "input", "rows": 2, "cols": 2, "b": 8, "sparsity": "dbb", "depth": 4},
    {"rows": 1, "cols": 2, "b": 8, "sparsity": "joint-dbb"},
]


def checked(name: str, parameters: dict[str, Any], simulator: str, folder: Path) -> None:
    """Fail unless a unit passes its own bench, at rates and latencies as stated."""
    spec = make_spec(name, parameters)
    plan = Plan((simulator,), seed=5, simulated=150, boundary=AXI_STREAM)
    runs = verification(name).protocol(spec, simulator, folder, plan)
    assert runs and all(run.vectors for run in runs)
    assert [run for run in runs if not run.right] == []


@pytest.mark.parametrize("name", QUICK)
def test_a_unit_passes(name: str, tmp_path: Path) -> None:
    checked(name, SMALL.get(name, {}), quick_simulator(), tmp_path)


@pytest.mark.slow
@simulators
@pytest.mark.parametrize("name", [name for name in units() if not units()[name].speaks_axi])
def test_every_unit_passes(name: str, simulator: str, tmp_path: Path) -> None:
    checked(name, {}, simulator, tmp_path) if name not in SMALL else checked(
        name, SMALL[name], simulator, tmp_path
    )


@pytest.mark.slow
@simulators
@pytest.mark.parametrize("parameters", DATAFLOWS)
def test_arrays_pass(parameters: dict[str, Any], simulator: str, tmp_path: Path) -> None:
    checked("systolic", parameters, simulator, tmp_path)


@pytest.mark.parametrize("name", ["data-gated", pytest.param("systolic", marks=pytest.mark.slow)])
def test_it_passes_in_bulk(name: str) -> None:
    plan = Plan((), accumulations=300, boundary=AXI_STREAM)
    runs = list(verification(name).bulk(make_spec(name, SMALL[name]), plan))
    assert runs and all(run.right and run.vectors for run in runs)


FAULTS = {
    "a held beat that is lost": ("full ? held : i__payload", "i__payload", ""),
    "a held beat that a reset leaves": ("full <= 1'b0;", "full <= full;", ""),
    "ready while a beat is held": ("assign i__ready = ~full;", "assign i__ready = 1'b1;", ""),
    "no last": ("{s_axis_tlast, ", "{1'b0, ", "no end after"),
    "a field at another byte": ("s_axis_tdata[11:8]", "s_axis_tdata[15:12]", ""),
    "zeros above a negative sum": ("{4{o__payload[11]}}", "4'd0", "acc is filled up wrongly"),
}
"""Faults of the wrapper of a small MAC: a text, what stands in its place, and what is said."""


@pytest.fixture(scope="module")
def verilog() -> str:
    """The Verilog of a MAC of one mode in its wrapper."""
    return to_verilog(build("data-gated", _mac(), AXI_STREAM), "unit")


def _mac() -> Any:
    return make_spec(
        "data-gated",
        {"act_width": 4, "weight_width": 4, "modes": (Mode.parse("4x4"), Mode.parse("4x2"))},
    )


@pytest.mark.parametrize("fault", every(5, FAULTS))
def test_a_broken_wrapper_is_found(fault: str, verilog: str, tmp_path: Path) -> None:
    right, wrong, said = FAULTS[fault]
    assert verilog.count(right) == 1, verilog[:3000]
    broken = verilog.replace(right, wrong)
    how: dict[str, Any] = {"boundary": AXI_STREAM, "packets": 60}
    try:
        runs = run_bench("data-gated", _mac(), quick_simulator(), tmp_path, verilog=broken, **how)
    except BenchError as error:
        assert re.search(said, str(error) + (tmp_path / "test.log").read_text())
    else:
        assert sum(run.mismatches for run in runs) and not said


def test_what_its_bench_lacks_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cocotb_runner, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="the bench of dap needs cocotbext-axi, which was not"):
        verification("dap").check_tools(AXI_STREAM)
    verification("dap").check_tools()

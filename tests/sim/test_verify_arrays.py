"""Verification of arrays and engines: runs of both layers, and what breaks them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from macsmith import verify as verification
from macsmith import verify_arrays
from macsmith.array_variants import ARRAYS, ENGINES
from macsmith.bench.gemm import Gemm
from macsmith.bench.report import Run, merged
from macsmith.catalog import build, make_spec
from macsmith.emit import to_verilog
from macsmith.simulate import missing_for, run_array_bench
from macsmith.stream_array import stream_model
from macsmith.variants import variants
from macsmith.verify import BULK, Case, Plan, parts, verify

needs_icarus = pytest.mark.skipif(missing_for("icarus") is not None, reason="no icarus")
needs_verilator = pytest.mark.skipif(missing_for("verilator") is not None, reason="no verilator")

TINY = {
    "rows": 2, "cols": 1, "act_width": 2, "weight_width": 2, "acc_width": 12, "depth": 4,
    "arith": "operators",
}  # fmt: skip


@needs_verilator
@pytest.mark.parametrize("dataflow", ["output", "weight"])
def test_bulk_compares_sums_and_cycles(
    dataflow: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spec = make_spec("systolic", TINY | {"dataflow": dataflow})
    (run,) = verify([Case("systolic", spec, Plan((), seed=3, accumulations=50))], tmp_path)
    assert (run.layer, run.simulator, run.mode) == (BULK, "verilator", "2x2")
    assert run.right and run.random >= 50 and run.vectors > run.random
    # Another array in its place, and another formula.
    other = stream_model(replace(spec, weight_signed=False))
    monkeypatch.setattr(verify_arrays, "stream_model", lambda spec: other)
    (wrong,) = verify_arrays.bulk("systolic", spec, 3, 50)
    assert wrong.mismatches > 0 and not wrong.failure and not wrong.right
    first = wrong.examples[0]
    row, column = (int(words.split()[-1]) for words in first.label.split(", ")[1:])
    assert len(first.acts) == len(first.weights) == int(first.label.split(",")[0].split()[2])
    product = sum(a[0] * w[0] for a, w in zip(first.acts, first.weights, strict=True))
    assert first.expected == hex(product) != first.got and row >= 0 and column >= 0
    monkeypatch.setattr(Gemm, "cycles", lambda self: 1)
    (late,) = verify_arrays.bulk("systolic", spec, 3, 1)
    assert "cycles of" in late.failure and late.failure.endswith("not 1")


@needs_icarus
def test_protocol_of_an_array_gives_runs(tmp_path: Path) -> None:
    spec = make_spec("systolic", TINY)
    (run,) = run_array_bench(spec, "icarus", tmp_path / "right", count=1)
    assert run.right and run.random > 3 * (1 + 7 * 5 + 3 * 14 + 13 * 4)
    broken = to_verilog(build("systolic", replace(spec, weight_signed=False)), "unit")
    (run,) = run_array_bench(spec, "icarus", tmp_path / "wrong", verilog=broken)
    assert run.mismatches > 0 and "x" in run.examples[0].label


@needs_icarus
@needs_verilator
def test_verify_takes_an_engine(tmp_path: Path) -> None:
    tiny: dict[str, Any] = {**TINY, "out_lanes": 1, "act_depth": 6, "weight_depth": 9}
    spec = make_spec("systolic-engine", tiny | {"channel_depth": 7, "out_width": 4})
    case = Case("systolic-engine", spec, Plan(("icarus",), accumulations=500))
    assert [what for _, what in parts([case])] == [BULK, "icarus"]
    bulk, protocol = verify([case], tmp_path)
    assert bulk.right and bulk.random >= 500 and bulk.simulator == "verilator"
    assert protocol.right and protocol.random > 100 and protocol.layer == "protocol"


def test_without_verilator_arrays_have_no_bulk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "missing_for", lambda simulator: "perl")
    plan = Plan(("icarus",))
    cases = [Case(name, make_spec(name), plan) for name in ("systolic", "data-gated")]
    assert [what for _, what in parts(cases)] == ["icarus", BULK, "icarus"]


def test_variants_of_arrays_are_all_dataflows_and_engines() -> None:
    found = variants(["systolic", "systolic-engine"])
    assert len(found) == 3 * len(ARRAYS) + 1 + len(ENGINES) and len(ENGINES) == 8
    for dataflow in ("output", "weight", "input"):
        mine = [one.spec for one in found if one.design == f"{dataflow} stationary"]
        assert {spec.dataflow for spec in mine} == {dataflow}  # type: ignore[attr-defined]
        assert {spec.sparsity for spec in mine} == {"dense", "zero-gated", "dbb"}  # type: ignore[attr-defined]


def test_runs_of_a_mode_become_one() -> None:
    def run(mode: str, count: int, wrong: int = 0) -> Run:
        return Run("systolic", {}, mode, "protocol", "icarus", 1, vectors=count, random=2 * count,
                   mismatches=wrong)  # fmt: skip

    whole, other = merged([run("8x8", 3), run("4x4", 1), run("8x8", 4, wrong=2)])
    assert (whole.mode, whole.vectors, whole.random, whole.mismatches) == ("8x8", 7, 14, 2)
    assert (other.mode, other.vectors) == ("4x4", 1)


def test_a_run_tells_which_element_is_wrong() -> None:
    run = Run("systolic", {}, "8x8", "bulk", "verilator", 1)
    acts, weights = np.array([[1, 2], [3, 4]]), np.array([[5, 6], [7, -8]])
    right = acts @ weights
    wrong = right + np.array([[0, 0], [0, 1]])
    run.compare(
        "2 x 2 x 2",
        wrong,
        right,
        lambda row, column: (acts[row, :, None], weights[:, column, None]),
    )
    assert (run.random, run.mismatches) == (4, 1)
    assert run.examples[0].sentence(run.title, run.mode) == (
        "systolic 8x8, 2 x 2 x 2, row 1, column 1: a = [[3], [4]], w = [[6], [-8]]: "
        "expected -0xe, got -0xd"
    )

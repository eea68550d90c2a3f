"""Verification of arrays and engines: runs of both layers, and what breaks them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from macsmith.array.design_variants import ARRAYS, ENGINES, FLOATING, OUTPUT_STATIONARY
from macsmith.array.sparsity import SPARSITIES
from macsmith.array.spec import SystolicSpec
from macsmith.catalog.catalog import build, make_spec
from macsmith.formal.streams.engine_rules import SMALL as SMALL_ENGINE
from macsmith.host.verification_run import Run, merged
from macsmith.matmul.array_gemm import Gemm
from macsmith.matmul.stream_array import stream_model
from macsmith.matmul.verilated_engine import library
from macsmith.rtl.emit import to_verilog
from macsmith.verify import arrays, base, engines
from macsmith.verify.arrays import run_array_bench
from macsmith.verify.variants import variants
from macsmith.verify.verify import BULK, Case, Plan, parts, verify
from tests.support import planted_faults as planted
from tests.support import products
from tests.support.engines import HALF

TINY = {
    "rows": 2, "cols": 1, "act_width": 2, "weight_width": 2, "acc_width": 12, "depth": 4,
    "arith": "operators",
}  # fmt: skip


@pytest.mark.parametrize(
    "spec", [products.ARRAYS["classic"], make_spec("systolic", TINY | {"dataflow": "weight"})],
    ids=["output", "weight"],
)  # fmt: skip
def test_bulk_compares_sums_and_cycles(
    spec: SystolicSpec, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Output stationary is an array of `test_stream_array`, so that it is compiled once."""
    unit = stream_model(spec)
    monkeypatch.setattr(arrays, "stream_model", lambda spec, subject, wrapper: unit)
    (run,) = verify([Case("systolic", spec, Plan((), seed=3, accumulations=50))], tmp_path)
    assert (run.layer, run.simulator, run.mode) == (BULK, "verilator", str(spec.modes[0]))
    assert run.right and run.random >= 50 and run.vectors > run.random
    # The same array in place of another, and another formula.
    bulk = arrays.ArrayVerification("systolic").bulk
    changed: Any = spec
    other = replace(changed, weight_signed=False)
    (wrong,) = bulk(other, Plan((), seed=3, accumulations=50))
    assert wrong.mismatches > 0 and not wrong.failure and not wrong.right
    first = wrong.examples[0]
    row, column = (int(words.split()[-1]) for words in first.label.split(", ")[1:])
    acts, weights = first.operands["a"], first.operands["w"]
    assert len(acts) == len(weights) == int(first.label.split(",")[0].split()[2])
    product = sum(a[0] * w[0] for a, w in zip(acts, weights, strict=True))
    assert first.expected == hex(product) != first.got and row >= 0 and column >= 0
    monkeypatch.setattr(Gemm, "cycles", lambda self: 1)
    (late,) = bulk(spec, Plan((), seed=3, accumulations=1))
    assert "cycles of" in late.failure and late.failure.endswith("not 1")


@pytest.mark.needs("icarus")
def test_protocol_of_an_array_gives_runs(tmp_path: Path) -> None:
    spec = make_spec("systolic", TINY)
    verilog = to_verilog(build("systolic", spec), "unit")
    (run,) = run_array_bench(
        "systolic", spec, "icarus", tmp_path / "right", count=1, verilog=verilog
    )
    assert run.right and run.random > 3 * (1 + 7 * 5 + 3 * 14 + 13 * 4)
    changed: Any = spec
    other = replace(changed, weight_signed=False)
    (run,) = run_array_bench("systolic", other, "icarus", tmp_path / "wrong", verilog=verilog)
    assert run.mismatches > 0 and "x" in run.examples[0].label


def test_verify_takes_an_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bench is that of `test_engine_bench`, which gives runs on both simulators."""
    monkeypatch.setattr(
        engines, "run_engine_bench",
        lambda name, spec, simulator, folder, **rest: [
            Run("systolic-engine", spec.parameters(), "8x8", "protocol", simulator, rest["seed"])
        ],
    )  # fmt: skip
    case = Case("systolic-engine", HALF, Plan(("icarus",), seed=2, accumulations=500))
    assert [what for _, what in parts([case])] == [BULK, "icarus"]
    bulk, protocol = verify([case], tmp_path)
    assert bulk.right and bulk.random >= 500 and bulk.simulator == "verilator"
    assert (protocol.layer, protocol.simulator, protocol.seed) == ("protocol", "icarus", 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("control", "sentence"),
    [
        (planted.ForgetsData, "changed, withdrew or invented an answer on AXI4-Lite"),
        (planted.ReadsAhead, "answers an access wrongly"),
    ],
)
def test_bulk_finds_a_broken_register_bus(
    control: Any, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("macsmith.array.engine.axi_shell.EngineControl", control)
    bulk = engines.EngineVerification("systolic-engine").bulk
    # A specification of its own: models are kept by specification.
    spec = make_spec("systolic-engine", {**SMALL_ENGINE, "weight_depth": 5})
    with pytest.raises(RuntimeError, match=f"^the engine {sentence}"):
        list(bulk(spec, Plan((), accumulations=10)))
    library.cache_clear()


def test_without_verilator_arrays_have_no_bulk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "missing_for", lambda simulator: "perl")
    plan = Plan(("icarus",))
    cases = [Case(name, make_spec(name), plan) for name in ("systolic", "data-gated")]
    assert [what for _, what in parts(cases)] == ["icarus", BULK, "icarus"]


def test_variants_of_arrays_are_all_dataflows_and_engines() -> None:
    found = variants(["systolic", "systolic-engine"])
    counts = [3 * len(ARRAYS), len(OUTPUT_STATIONARY), len(FLOATING), len(ENGINES)]
    assert len(found) == sum(counts)
    assert len(ENGINES) == 8
    for dataflow in ("output", "weight", "input"):
        mine = [one.spec for one in found if one.design == f"{dataflow} stationary"]
        assert {spec.dataflow for spec in mine} == {dataflow}
        possible = SPARSITIES if dataflow == "output" else SPARSITIES[:-1]
        assert {spec.sparsity for spec in mine} == set(possible)


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

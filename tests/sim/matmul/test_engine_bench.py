"""The systolic engine: on both simulators over AXI, and driven in C++ with many products."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from macsmith.array.engine.axi_shell import Engine
from macsmith.array.engine.register_map import Error
from macsmith.array.engine.spec import EngineSpec
from macsmith.contract.modes import Mode
from macsmith.matmul.engine_products import Products
from macsmith.matmul.verilated_engine import run_jobs
from macsmith.rtl.emit import to_verilog
from macsmith.rtlsim.cocotb_runner import BenchError
from macsmith.verify.engines import run_engine_bench
from tests.support.simulators import quick_simulator

# Small memories, so that panels fit, stream through, and wrap around.
SMALL = {"act_depth": 7, "weight_depth": 20, "channel_depth": 8, "arith": "operators"}
CLASSIC = EngineSpec(rows=3, cols=2, out_lanes=2, **SMALL)
HALF = EngineSpec(rows=2, cols=2, b=8, sparsity="dbb", block=4, nonzeros=2, out_lanes=2, **SMALL)
TENSOR = EngineSpec(
    rows=2, cols=2, a=2, b=3, c=2, out_lanes=3, out_width=6, out_signed=True, act_signed=True,
    acc_width=21, stages=2, sparsity="zero-gated", **SMALL,
)  # fmt: skip


EBSP = EngineSpec(
    rows=2, cols=1, c=2, mac="ebsp", weight_width=6, lut="whole", out_lanes=1, **SMALL
)


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param(CLASSIC, id="classic"),
        pytest.param(HALF, id="2:4"),
        pytest.param(TENSOR, id="tensor", marks=pytest.mark.slow),
        pytest.param(EBSP, id="ebsp", marks=pytest.mark.slow),
    ],
)
def test_bench_passes(spec: EngineSpec, tmp_path: Path) -> None:
    (run,) = run_engine_bench("systolic-engine", spec, quick_simulator(), tmp_path, seed=5)
    assert run.right and run.random > 100 and run.layer == "protocol"


def test_bench_on_verilator(tmp_path: Path) -> None:
    spec = EngineSpec(
        rows=2, cols=1, b=4, sparsity="dbb", block=4, nonzeros=3, out_lanes=1, **SMALL
    )
    run_engine_bench("systolic-engine", spec, "verilator", tmp_path, seed=6)


@pytest.mark.parametrize(
    ("broken", "test", "reason"),
    [
        ({"out_signed": True}, "products_with_stalls", "C differs"),
        ({"stages": 2}, "products_without_stalls", "cycles, not"),
    ],
)
def test_bench_finds_another_engine(
    broken: dict[str, Any], test: str, reason: str, tmp_path: Path
) -> None:
    verilog = to_verilog(Engine(replace(CLASSIC, **broken)), "unit")
    try:
        runs = run_engine_bench(
            "systolic-engine", CLASSIC, quick_simulator(), tmp_path, tests=[test], verilog=verilog
        )
        assert any(run.mismatches for run in runs)
    except BenchError:
        assert reason != "C differs"
    assert reason in (tmp_path / "test.log").read_text()


MODES = tuple(map(Mode.parse, ("8x8", "4x4", "2x2")))


@pytest.mark.parametrize(
    "spec",
    [
        EngineSpec(
            rows=3, cols=2, b=2, out_lanes=2, mac="subword-st", modes=MODES,
            act_depth=16, weight_depth=40, channel_depth=16, arith="operators",
        ),
        EngineSpec(
            rows=2, cols=3, b=8, sparsity="dbb", block=8, nonzeros=2, out_lanes=2, out_width=16,
            act_depth=6, weight_depth=24, channel_depth=16, arith="operators",
        ),
    ],
    ids=["scalable", "2:8"],
)  # fmt: skip
def test_many_products(spec: EngineSpec) -> None:
    products = Products(spec, np.random.default_rng(7))
    for stalls in ((0, 0, 0, 0), (0.5, 0, 0, 0), (0, 0.5, 0, 0), (0, 0, 0, 0.7), (0.3,) * 4):
        batch = [products.any(70) for _ in range(6)]
        results = run_jobs(spec, [each.job for each in batch], stalls=stalls)
        assert len(results) == len(batch)
        for each, result in zip(batch, results, strict=True):
            plan = each.job.schedule(spec)
            assert result.error == Error.NONE and result.matrix is not None, plan
            assert np.array_equal(result.matrix, each.expected), plan
            if not any(stalls):
                assert result.counters["cycles"] == plan.cycles, plan

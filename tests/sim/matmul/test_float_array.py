"""Arrays of floating-point MACs on RTL: products by every dataflow, exact or in a window."""

from typing import Any

import numpy as np
import pytest

from macsmith.array.design_variants import FLOATING
from macsmith.catalog.catalog import make_spec
from macsmith.host.verification_run import Run
from macsmith.matmul.array_gemm import EDGES, Gemm
from macsmith.matmul.stream_array import stream_model
from macsmith.verify.arrays import PAUSES

SHAPES = [*EDGES, (7, 9, 11), (12, 5, 18)]


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=[pytest.mark.slow] * (case != ("weight", "FP8"))) for case in FLOATING],
    ids=" ".join,
)  # fmt: skip
def test_products_equal_the_model_under_stalls_and_in_time(case: tuple[str, str]) -> None:
    spec: Any = make_spec("systolic", {**FLOATING[case], "dataflow": case[0]})
    unit = stream_model(spec)
    for mode, point in enumerate(spec.points):
        rng = np.random.default_rng([1, mode])
        run = Run("systolic", spec.parameters(), str(point), "bulk", "verilator", 1)
        for pauses in PAUSES[:2]:
            for gemm in [Gemm.random(spec, shape, rng, mode) for shape in SHAPES]:
                results, cycles = unit.run_timed(
                    list(gemm.beats(rng).values()), gemm.result_count(), pauses, 1
                )
                gemm.compare(run, results)
                assert any(pauses) or cycles == gemm.cycles(), gemm.title
        assert run.right, run.examples

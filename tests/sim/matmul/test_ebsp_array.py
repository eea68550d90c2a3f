"""EBSP MACs in systolic arrays: what weights become, where, and a trained network."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from macsmith.array.arrays import pe_of
from macsmith.array.output_stationary.array import Systolic
from macsmith.array.spec import SystolicSpec
from macsmith.catalog.catalog import build
from macsmith.golden.array import ArrayModel
from macsmith.matmul.array_gemm import Gemm
from macsmith.matmul.stream_array import StreamArray
from macsmith.networks import ebsp_networks
from macsmith.rtl.emit import to_rtlil, to_verilog
from macsmith.rtlsim.compiled_rtl import CompiledUnit

SPEC = SystolicSpec(rows=2, cols=2, mac="ebsp", weight_width=6)


def test_the_model_cuts_weights_to_their_windows() -> None:
    """11 = 1011b reads as 10, -13 as -12, 31 as 28; -32 has no magnitude of 5 bits and reads as 0."""
    weights = np.array([[11, -13], [31, -32], [12, 1]])
    acts = np.array([[1, 100, 10]])
    sums = ArrayModel(SPEC).matmul(SPEC.modes[0], acts, weights)
    assert sums.tolist() == [[10 + 2800 + 120, -12 + 0 + 10]]
    other = SystolicSpec(rows=2, cols=2, mac="ebsp", weight_width=6, lut="dual-window")
    # 100 = 1100100b reads as 96.
    sums = ArrayModel(other).matmul(other.modes[0], acts, weights)
    assert sums.tolist() == [[10 + 2688 + 120, -12 + 0 + 10]]


def test_weights_of_joint_density_bounds() -> None:
    """A bank is shared by the columns of a PE, whose activations carry their places."""
    spec = SystolicSpec(
        rows=2, cols=1, b=4, c=2, sparsity="joint-dbb", block=4, nonzeros=2, act_nonzeros=3,
        mac="ebsp", act_width=4, weight_width=6, lut="bank",
    )  # fmt: skip
    unit, rng = Systolic(spec), np.random.default_rng(3)
    i, o = (len(port.payload.as_value()) for port in (unit.i, unit.o))
    compiled = CompiledUnit(to_rtlil(unit, "unit"), i, o)
    job = Gemm.random(spec, (5, 7, 30), rng)
    job = replace(job, weights=np.where(job.weights < -24, -32, job.weights))
    sums = compiled.run(job.beats()["i"], job.result_count(), 0.2)
    assert np.array_equal(job.sums(sums), job.expected())


@pytest.mark.parametrize("dataflow", ["output", "weight", "input"])
def test_detectors_stand_at_the_edge(dataflow: str) -> None:
    """PEs hold codes and find no leading ones: these are found once for each weight that enters."""
    spec: Any = SystolicSpec(rows=3, cols=2, b=2, mac="ebsp", weight_width=8, dataflow=dataflow)
    pe = pe_of(spec)
    # A sign, an exponent of 0 to 5, and a fraction of two bits.
    assert pe.width("weight") == 2 * (1 + 3 + 2)
    assert "_lod" not in to_verilog(pe, "pe")
    magnitudes = pe_of(replace(spec, lut="shared-rows"))
    assert magnitudes.width("weight") == 2 * 8
    assert "_lod" in to_verilog(build("systolic", spec, "unit"), "unit")
    assert "_lod" not in to_verilog(magnitudes, "pe")


@pytest.mark.parametrize(
    ("parameters", "bits"),
    [
        # 1, 3, 5 and 7 times an activation of 8 bits.
        ({"c": 2}, 8 + 10 + 11 + 11),
        ({"c": 1}, 8),
        ({"c": 2, "sparsity": "dbb", "b": 4, "block": 4, "nonzeros": 1}, 8),
    ],
    ids=["shared", "one column", "chosen by weights"],
)
def test_a_bank_is_shared_where_columns_see_the_same_activations(
    parameters: dict[str, Any], bits: int
) -> None:
    spec = SystolicSpec(mac="ebsp", lut="bank", weight_width=6, **parameters)
    dot = to_verilog(pe_of(spec), "pe").partition("module pe_dot")[2]
    assert re.findall(r"input  wire \[(\d+):0\] act,", dot)[:1] == [str(bits - 1)]


def test_a_trained_network_is_exact() -> None:
    """Its weights are legal: sums are those of whole multiplications."""
    network = ebsp_networks.load("digits", ebsp_networks.PATTERNED["ebsp-6-3"])
    images = network.images[:2]
    spec = SystolicSpec(rows=2, cols=2, b=2, c=2, mac="ebsp", weight_width=6, lut="bank")
    array = StreamArray(spec)
    for index in range(len(network.layers)):
        acts, columns = network.gemm(index, images)
        sums, _ = array.gemm(acts, columns.T)
        assert np.array_equal(sums, acts @ columns.T)

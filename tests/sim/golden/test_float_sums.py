"""Sums of arrays of floating-point MACs: their order, by fractions; their rules, by sentences."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.contract.errors import UserError
from macsmith.contract.number_format import FORMATS, NumberFormat
from macsmith.formats.number_codes import decode, encode
from macsmith.golden.array import ArrayModel
from macsmith.golden.array_sums import SCALE_PLACE

FP16, E5M2 = FORMATS["fp16"], FORMATS["e5m2"]


def array(**parameters: Any) -> Any:
    """Return the specification of a small array of floating-point MACs."""
    return make_spec("systolic", {"mac": "fp-dot", "rows": 3, "cols": 2, **parameters})


def rounded(fmt: NumberFormat, value: Fraction) -> Fraction:
    """Return the nearest number of a format; float64 holds these exactly."""
    assert Fraction(float(value)) == value
    return Fraction(float(decode(fmt, encode(fmt, np.array(float(value))))))


@pytest.mark.parametrize("dataflow", ["output", "weight", "input"])
@pytest.mark.parametrize("b", [1, 2])
def test_the_order_in_which_steps_are_rounded(dataflow: str, b: int) -> None:
    settings = {"mac.formats": ("e5m2",), "mac.acc": "fp16", "mac.alignment": "exact"}
    spec = array(dataflow=dataflow, b=b, **settings)
    rng = np.random.default_rng(5)
    # Numbers up to 28, so that sums of 2^-12 up to hundreds are rounded often.
    acts, weights = rng.integers(0, 0x50, (2, 2, 13)) | rng.integers(0, 2, (2, 2, 13)) << 7
    found = decode(FP16, ArrayModel(spec).matmul(spec.points[0], acts, weights.T))
    a, w = decode(E5M2, acts), decode(E5M2, weights)
    layer = 3 * b if dataflow != "output" else b
    for row in range(2):
        for column in range(2):
            acc = Fraction(0)
            for start in range(0, 13, layer):
                groups = list(range(start, start + layer, b))
                for group in groups if dataflow == "output" else reversed(groups):
                    pairs = zip(
                        a[row, group : group + b], w[column, group : group + b], strict=True
                    )
                    acc = rounded(FP16, acc + sum(Fraction(x) * Fraction(y) for x, y in pairs))
            assert Fraction(float(found[row, column])) == acc


def test_raw_sums_do_not_depend_on_order_and_tell_what_is_no_number() -> None:
    raw = {"mac.formats": ("e4m3",), "mac.acc": "raw", "acc_width": 50}
    spec = array(**raw)
    rng = np.random.default_rng(6)
    acts, weights = rng.integers(0, 0x77, (2, 3, 9))
    model = ArrayModel(spec)
    sums = model.matmul(spec.points[0], acts, weights.T)
    turned = ArrayModel(array(dataflow="weight", **raw))
    assert np.array_equal(turned.matmul(spec.points[0], acts[:, ::-1], weights[:, ::-1].T), sums)
    e4m3 = FORMATS["e4m3"]
    exact = decode(e4m3, acts) @ decode(e4m3, weights).T
    assert np.array_equal(np.ldexp(sums.astype(float), spec.mac.grid_lsb), exact)
    acts[0, 0], acts[1, 1] = 0x78, 0xF8  # plus and minus infinity
    weights[:, :2] = 0x38  # 1
    weights[2, 0] = 0
    kinds = model.matmul(spec.points[0], acts, weights.T) >> spec.mac.raw_bits
    assert kinds.tolist() == [[2, 2, 1], [3, 3, 3], [0, 0, 0]]


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"mac.formats": ("mxfp8",), "mac.alignment": "window"},
         "mac.formats must be of numbers without scales in an array, whose lanes carry no scales, "
         "such as e4m3fnxe4m3fn, not mxfp8"),
        ({"acc_width": 24},
         "acc_width must be 32, the bits of mac.acc = fp32, not 24"),
        ({"sparsity": "zero-gated"},
         "sparsity must be dense for mac = fp-dot, where zero times infinity is no zero, not "
         "'zero-gated'"),
        ({"dataflow": "weight", "mac.formats": ("fp16", "e4m3fn")},
         "modes must be one alone for dataflow = 'weight', where tiles follow one another within "
         "the grid, not fp16, e4m3fn"),
        ({"result": "mxfp8"},
         "result must be a format whose blocks fill the 3 sums of a beat that lie in one row or "
         "column of C, not mxfp8, with blocks of 32"),
        ({"result": "bf16", "mac.acc": "raw", "acc_width": 48},
         "result must be empty unless sums are of a floating-point format, as those of mac = "
         "fp-dot with mac.acc = fp32 are, not 'bf16'"),
        ({"mac": "data-gated", "result": "bf16"},
         "result must be empty unless sums are of a floating-point format, as those of mac = "
         "fp-dot with mac.acc = fp32 are, not 'bf16'"),
    ],
)  # fmt: skip
def test_what_an_array_refuses(parameters: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError) as error:
        array(**parameters)
    assert str(error.value) == sentence


def test_an_engine_scales_whole_numbers() -> None:
    with pytest.raises(UserError, match="mac must be of integers in an engine"):
        make_spec("systolic-engine", {"mac": "fp-dot"})


def test_accumulators_are_as_wide_as_their_format() -> None:
    spec = array(**{"mac.acc": "bf16"})
    assert (spec.acc_width, spec.mac.stages, spec.mac_name) == (16, 3, "fp-dot")
    assert type(spec).of_parameters(spec.parameters()) == spec
    with pytest.raises(
        UserError, match="acc_width must be from 39 to 64 for raw sums of 1 lanes of e4m3fn"
    ):
        array(**{"mac.acc": "raw", "acc_width": 30})


@pytest.mark.parametrize(
    ("parameters", "along_rows"),
    [({"rows": 2, "a": 16}, False), ({"dataflow": "weight", "cols": 16, "c": 2}, True)],
)
def test_blocks_of_results_lie_along_a_beat(parameters: dict[str, Any], along_rows: bool) -> None:
    spec = array(**{"mac.acc": "bf16", "result": "mxfp8", "overflow": "saturate", **parameters})
    assert (spec.scales, spec.sum_width, spec.result_latency) == (1, 8, 2)
    sums = np.random.default_rng(7).integers(0x3F00, 0x4300, (32, 32))  # 0.5 to 128
    found = ArrayModel(spec).as_left(sums)
    values = decode(FORMATS["bf16"], sums)
    most = values.max(axis=1 if along_rows else 0, keepdims=True)
    scales = np.exp2(np.floor(np.log2(most)) - 8)
    assert (found >> SCALE_PLACE == 127 + np.log2(scales)).all()
    e4m3 = FORMATS["e4m3fn"]
    assert np.array_equal(found & 0xFF, encode(e4m3, values / scales, "nearest-even", True))

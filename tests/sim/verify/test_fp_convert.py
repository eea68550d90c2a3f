"""Converters against their golden model: formats, overflow, blocks with every scale rule."""

from pathlib import Path
from typing import Any

import pytest

from macsmith.bench.bulk import verify_bulk
from macsmith.catalog.catalog import make_spec
from macsmith.contract.errors import UserError
from macsmith.fp.convert.spec import FpConvertSpec
from macsmith.golden.catalog import golden
from macsmith.rtlsim.bulk_engine import bulk_engine
from macsmith.rtlsim.cocotb_runner import run_bench
from tests.support.sample import every
from tests.support.simulators import quick_simulator

TO_BLOCKS: dict[str, Any] = {"source": "e5m2", "lanes": 32}
SPECS: dict[str, dict[str, Any]] = {
    "FP32 to E4M3": {"lanes": 1},
    "BF16 to fnuz": {"source": "bf16", "target": "e4m3fnuz", "lanes": 1},
    "FP16 to P3109, away": {"source": "fp16", "target": "k8p3", "rounding": "ties-away", "lanes": 1},
    "FP16 to HFP8, toward zero": {"source": "fp16", "target": "hfp8-fwd", "rounding": "toward-zero",
                                  "lanes": 1},
    "fixed point to DLFloat16": {"source": "fix12.5", "target": "dlfloat16", "lanes": 2},
    "long fixed point to BF16": {"source": "fix64.20", "target": "bf16", "lanes": 1},
    "FP8 to integers": {"source": "e5m2", "target": "int8", "lanes": 2},
    "integers to FP8": {"source": "int8", "target": "e4m3", "overflow": "saturate", "lanes": 2},
    "MXFP4 by floor": TO_BLOCKS | {"target": "mxfp4"},
    "MXFP4 by ceil": TO_BLOCKS | {"target": "mxfp4", "scale_rule": "ceil"},
    "MXFP6 by rceil": TO_BLOCKS | {"target": "mxfp6-e2m3", "scale_rule": "rceil"},
    "MXFP8 by even": TO_BLOCKS | {"target": "mxfp8-e5m2", "scale_rule": "even"},
    "NVFP4": {"source": "e5m2", "target": "nvfp4", "lanes": 16, "scale_rule": "even"},
    "NVFP4 by floor, away": {"source": "e4m3", "target": "nvfp4", "lanes": 16,
                             "rounding": "ties-away"},
    "NVFP4 by ceil, toward zero": {"source": "dl8", "target": "nvfp4", "lanes": 16,
                                   "scale_rule": "ceil", "rounding": "toward-zero"},
    "from NVFP4": {"source": "nvfp4", "target": "fp16", "lanes": 16},
    "from MXFP4": {"source": "mxfp4", "target": "fp16", "lanes": 32},
}  # fmt: skip


def right(kind: str, parameters: dict[str, Any], count: int) -> bool:
    """Return whether a unit is right in bulk, and say where it is not."""
    spec = make_spec("fp-convert", parameters)
    engine = bulk_engine("fp-convert", spec)
    runs = verify_bulk("fp-convert", spec, golden("fp-convert", spec), engine, len(kind), count)
    wrong = [run.examples[0].sentence(kind, run.mode) for run in runs if run.mismatches]
    assert not wrong, wrong[0]
    return True


LARGE = [kind for kind, spec in SPECS.items() if spec["lanes"] == 32]
"""Blocks of 32 elements; those of 16 go the same ways."""


@pytest.mark.parametrize(
    "kind",
    [
        *every(2, [kind for kind in SPECS if kind not in LARGE]),
        *(pytest.param(kind, marks=pytest.mark.slow) for kind in LARGE),
    ],
)
def test_bulk(kind: str) -> None:
    assert right(kind, SPECS[kind], 300)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [kind for _, kind in FpConvertSpec.variants()])
def test_variants(kind: str) -> None:
    assert right(kind, dict(FpConvertSpec.variants()["", kind]), 4000)


def test_streams(tmp_path: Path) -> None:
    spec = make_spec("fp-convert", SPECS["FP8 to integers"])
    runs = run_bench("fp-convert", spec, quick_simulator(), tmp_path, seed=2, packets=200)
    assert runs and not any(run.mismatches for run in runs)


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"target": "mxfp4"}, "lanes must be a multiple of 32 for blocks of mxfp4, not 4"),
        ({"target": "nvfp4"}, "lanes must be a multiple of 16 for blocks of nvfp4, not 4"),
        ({"target": "nv-e2m3"}, "target must be a format, or one of blocks of MX or nvfp4, not nv-e2m3"),
        ({"target": "fix8.2"}, "target must be a format, not fix8.2, which is fixed point"),
        ({"source": "fix8.8"}, "fraction bits of source must be from 0 to 7, not 8; the nearest is 7"),
        ({"source": "int8", "target": "mxfp4", "lanes": 32}, "source must be a floating-point format with a negative zero for blocks of mxfp4, not int8"),
        ({"source": "e8m0"}, "source must be a format with a sign, not e8m0"),
        ({"scale_rule": "round"}, "scale_rule must be one of floor, ceil, rceil, even, not 'round'"),
        ({"overflow": "saturated"}, "overflow must be one of special, saturate, not 'saturated'; did you mean saturate"),
    ],
)  # fmt: skip
def test_refusal(parameters: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        make_spec("fp-convert", parameters)
    assert str(caught.value) == sentence

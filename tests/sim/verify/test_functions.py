"""Function units against their models: every code of narrow formats, stalls, a planted fault."""

from pathlib import Path
from typing import Any

import pytest

from macsmith.bench.bulk import verify_bulk
from macsmith.catalog.catalog import build, lookup, make_spec
from macsmith.catalog.verilog import generate
from macsmith.golden.catalog import golden
from macsmith.rtl.emit import to_verilog
from macsmith.rtlsim.bulk_engine import bulk_engine
from macsmith.rtlsim.cocotb_runner import run_bench
from tests.support.simulators import quick_simulator

FUNCTIONS = (
    "reciprocal", "sqrt", "rsqrt", "exp", "exp2", "ln", "log2", "sigmoid", "tanh", "gelu"
)  # fmt: skip


def right(name: str, parameters: dict[str, Any], count: int) -> bool:
    """Return whether a unit is right in bulk, and say where it is not."""
    spec = make_spec(name, parameters)
    runs = verify_bulk(name, spec, golden(name, spec), bulk_engine(name, spec), 3, count)
    wrong = [run.examples[0].sentence(name, run.mode) for run in runs if run.mismatches]
    assert not wrong, wrong[0]
    return all(run.exhaustive for run in runs)


@pytest.mark.parametrize(
    "name",
    [
        name if name in ("rsqrt", "exp", "ln") else pytest.param(name, marks=pytest.mark.slow)
        for name in FUNCTIONS
    ],
)
def test_every_code_of_fp16(name: str) -> None:
    assert right(name, {}, 300)


SMALL: dict[str, dict[str, Any]] = {
    "two lanes": {"format": "e4m3", "lanes": 2},
    "a wide exponent range": {"format": "e3m4", "subnormals": "flushed", "overflow": "saturate"},
    "numbers alone": {"format": "e3m2", "undefined": "zero"},
    "no subnormal numbers": {"format": "dl8", "degree": 1, "arith": "operators"},
    "cubic": {"format": "bf16", "degree": 3, "compressor": "4:2", "adder": "sklansky"},
}


ONCE = {
    ("reciprocal", "two lanes"), ("reciprocal", "no subnormal numbers"), ("sqrt", "cubic"),
    ("exp2", "no subnormal numbers"), ("exp", "numbers alone"), ("ln", "a wide exponent range"),
    ("gelu", "two lanes"), ("tanh", "two lanes"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (name, kind) if (name, kind) in ONCE
        else pytest.param(name, kind, marks=pytest.mark.slow)
        for name in FUNCTIONS for kind in SMALL
    ],
)  # fmt: skip
def test_parameters(name: str, kind: str) -> None:
    assert right(name, SMALL[kind], 300)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind"),
    [(name, kind) for name in FUNCTIONS for _, kind in lookup(name).spec.variants()],
)
def test_variants(name: str, kind: str) -> None:
    right(name, dict(lookup(name).spec.variants()["", kind]), 4000)


@pytest.mark.parametrize(
    "name",
    ["rsqrt", "exp2", *(pytest.param(one, marks=pytest.mark.slow) for one in FUNCTIONS[-3:])],
)
def test_streams(name: str, tmp_path: Path) -> None:
    spec = make_spec(name, {"format": "e4m3"})
    runs = run_bench(name, spec, quick_simulator(), tmp_path, seed=2, packets=200)
    assert runs and not any(run.mismatches for run in runs)


def test_a_wrong_bit_of_a_table_is_found(tmp_path: Path) -> None:
    spec = make_spec("reciprocal")
    verilog = to_verilog(build("reciprocal", spec), "unit")
    broken = verilog.replace("8'h3f >> ", "8'h1f >> ", 1)
    assert broken != verilog
    runs = run_bench(
        "reciprocal", spec, quick_simulator(), tmp_path, tests=["random_packets"], verilog=broken,
        packets=300,
    )  # fmt: skip
    assert any(run.mismatches for run in runs)


def test_header_says_what_the_table_is() -> None:
    text = generate("reciprocal", make_spec("reciprocal"), "unit")
    for line in ("i__payload[15:0] x", "o__payload[16:16] undefined", "reciprocal of fp16: "
                 "polynomials of degree 2 in 8 segments, 184 bits of coefficients"):  # fmt: skip
        assert f"// {line}\n" in text, line

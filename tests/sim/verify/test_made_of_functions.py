"""Softmax and batch normalisation: against their models, and these against float64."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from macsmith.bench.bulk import verify_bulk
from macsmith.catalog.catalog import lookup, make_spec
from macsmith.contract.errors import UserError
from macsmith.contract.number_format import NumberFormat
from macsmith.formats.number_codes import Floats, decode, encode
from macsmith.golden.catalog import golden
from macsmith.golden.functions.batch_norm import exact_batch_norm
from macsmith.golden.functions.softmax import exact_softmax
from macsmith.operands.number_sources.channels import Channels
from macsmith.rtlsim.bulk_engine import bulk_engine
from macsmith.rtlsim.cocotb_runner import run_bench
from tests.support.simulators import quick_simulator

SMALL: dict[str, dict[str, Any]] = {
    "softmax": {"format": "e4m3", "elements": 2, "integer_bits": 4},
    "batch-norm": {"format": "e4m3", "lanes": 1, "epsilon": -15},
}


def right(name: str, parameters: dict[str, Any], count: int) -> bool:
    """Return whether a unit is right in bulk, and say where it is not."""
    spec = make_spec(name, parameters)
    runs = verify_bulk(name, spec, golden(name, spec), bulk_engine(name, spec), 3, count)
    wrong = [run.examples[0].sentence(name, run.mode) for run in runs if run.mismatches]
    assert not wrong, wrong[0]
    return all(run.vectors > 1 << 16 for run in runs)


@pytest.mark.parametrize("name", SMALL)
def test_bulk(name: str) -> None:
    """Every pair of codes of softmax, many beats of a channel."""
    assert right(name, SMALL[name], 300)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind"), [(name, kind) for name in SMALL for _, kind in lookup(name).spec.variants()]
)
def test_variants(name: str, kind: str) -> None:
    assert right(name, dict(lookup(name).spec.variants()["", kind]), 2000)


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_streams(name: str, tmp_path: Path) -> None:
    spec = make_spec(name, SMALL[name])
    runs = run_bench(name, spec, quick_simulator(), tmp_path, seed=2, packets=200)
    assert runs and not any(run.mismatches for run in runs)


def places(fmt: NumberFormat, values: Floats, sizes: Floats) -> Floats:
    """Return differences in last places of some magnitudes."""
    last = np.maximum(np.frexp(sizes)[1] - 1 - fmt.fraction_bits, fmt.lsb)
    return np.ldexp(np.abs(values), -last)


@pytest.mark.parametrize(
    ("fmt", "elements", "degree"),
    [("fp16", 8, 2), ("bf16", 16, 2), ("dlfloat16", 3, 2), ("e4m3", 32, 2), ("fp32", 8, 3)],
)
def test_softmax_is_near_that_of_float64(fmt: str, elements: int, degree: int) -> None:
    spec = make_spec("softmax", {"format": fmt, "elements": elements, "degree": degree})
    drawn = np.random.default_rng(1).normal(0, 4, (5_000, 1, elements))
    codes = encode(spec.fmt, drawn).astype(np.int64)
    true = exact_softmax(decode(spec.fmt, codes)[:, 0])
    given = golden("softmax", spec).respond(None, {"x": codes})["y"]
    # Without subnormal numbers there is no last place below the first binade.
    whole = spec.fmt.subnormal | (true > 2.0 ** (1 - spec.fmt.bias))
    error = places(spec.fmt, decode(spec.fmt, given) - true, true)[whole]
    assert 0.5 < error.max() < 1.5 and error.mean() < 0.3
    assert (given == encode(spec.fmt, true)).mean() > 0.85


@pytest.mark.parametrize(("fmt", "degree"), [("fp16", 2), ("bf16", 2), ("e4m3", 2), ("fp32", 3)])
def test_batch_norm_is_near_that_of_float64(fmt: str, degree: int) -> None:
    spec = make_spec("batch-norm", {"format": fmt, "epsilon": -10, "degree": degree})
    model = golden("batch-norm", spec)
    fields = Channels(spec, model, 0, np.random.default_rng(1)).uniform(5_000, 1).fields
    given = model.respond(None, fields)
    values = {name: decode(spec.fmt, codes[:, 0]) for name, codes in fields.items()}
    true = exact_batch_norm(values["x"], values, 2.0**-10)
    share, beta = np.abs(true - values["beta"]), np.abs(values["beta"])
    y = decode(spec.fmt, given["y"])
    number = np.isfinite(y)
    error = places(spec.fmt, np.where(number, y - true, 0.0),
                   np.maximum(np.maximum(np.abs(true), share), beta))  # fmt: skip
    assert 0.5 < error.max() < 1.25 and number.mean() > 0.99
    # Some values of FP8 are infinite when they are drawn.
    assert (given["undefined"].astype(bool) <= ~number).all()


INF, NAN, MINUS = 0x7C00, 0x7E00, 0x8000


@pytest.mark.parametrize(
    ("codes", "due", "undefined"),
    [
        ([0x3C00, 0x3C00], [0x3800, 0x3800], 0),
        ([0x3C00, MINUS | INF], [0x3C00, 0], 0),
        ([0x7BFF, MINUS | 0x7BFF], [0x3C00, 0], 0),
        ([MINUS | INF, MINUS | INF], [NAN, NAN], 1),
        ([INF, 0], [NAN, NAN], 1),
        ([NAN, 0], [NAN, NAN], 1),
    ],
)
def test_special_elements(codes: list[int], due: list[int], undefined: int) -> None:
    spec = make_spec("softmax", {"elements": 2})
    found = golden("softmax", spec).respond(None, {"x": np.array([[codes]])})
    assert (found["y"].tolist(), found["undefined"].tolist()) == ([due], [[undefined]])


@pytest.mark.parametrize(
    ("given", "due", "undefined"),
    [
        # (3 - 1) / sqrt 4 times 2 plus 1; that of epsilon is lost.
        ({"x": 0x4200, "mean": 0x3C00, "variance": 0x4400, "gamma": 0x4000, "beta": 0x3C00}, 0x4200, 0),
        ({"x": 0x3C00, "mean": 0x3C00, "variance": 0, "gamma": 0x4000, "beta": 0x3C00}, 0x3C00, 0),
        ({"x": 0, "mean": 0, "variance": MINUS | 0x3C00, "gamma": 0, "beta": 0}, NAN, 1),
        ({"x": INF, "mean": 0, "variance": 0x3C00, "gamma": 0x3C00, "beta": 0}, NAN, 1),
        ({"x": 0, "mean": 0, "variance": 0x3C00, "gamma": 0x3C00, "beta": NAN}, NAN, 1),
    ],
)  # fmt: skip
def test_special_channels(given: dict[str, int], due: int, undefined: int) -> None:
    spec = make_spec("batch-norm", {"lanes": 1})
    fields = {name: np.array([[[code]]]) for name, code in given.items()}
    found = golden("batch-norm", spec).respond(None, fields)
    assert (found["y"].tolist(), found["undefined"].tolist()) == ([[due]], [[undefined]])


@pytest.mark.parametrize(
    ("name", "parameters", "sentence"),
    [
        ("softmax", {"elements": 1}, "elements must be from 2 to 32, not 1; the nearest is 2"),
        ("softmax", {"format": "fp32", "degree": 1}, "degree for fp32 must be 2 or 3, not 1; the nearest is 2"),
        ("batch-norm", {"degree": 4}, "degree must be 1, 2 or 3, not 4; the nearest is 3"),
        ("softmax", {"integer_bits": 13}, "integer_bits must be from 3 to 12, not 13; the nearest is 12"),
        ("batch-norm", {"epsilon": 1}, "epsilon must be from -60 to 0, not 1; the nearest is 0"),
        ("batch-norm", {"format": "int8"}, "format must be floating point with a sign and a negative zero, not int8"),
    ],
)  # fmt: skip
def test_refusal(name: str, parameters: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        make_spec(name, parameters)
    assert str(caught.value) == sentence

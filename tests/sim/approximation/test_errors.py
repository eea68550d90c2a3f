"""Errors of approximate units: by hand, beside published figures, and as a user meets them."""

import json
from pathlib import Path

import numpy as np
import pytest

from macsmith.approximation.error_statistics import (
    BINS,
    ErrorStatistics,
    Sample,
    statistics,
    with_rounding,
)
from macsmith.approximation.real_operands import RealOperands
from macsmith.catalog.catalog import lookup, units
from macsmith.catalog.settings import spec_of
from macsmith.golden.catalog import golden
from tests.support.command import run_here

APPROXIMATE = [name for name, unit in units().items() if unit.errors]


def errors(name: str, *settings: str, **chosen: object) -> ErrorStatistics:
    """Return the errors of a unit."""
    spec = spec_of(name, settings)
    made = lookup(name).load("errors")(spec, golden(name, spec), RealOperands(**chosen))  # type: ignore[arg-type]
    return statistics(made)


def test_statistics_by_hand() -> None:
    exact, found = np.array([3.0, -4.0, 0.0, 5.0]), np.array([3.0, -4.5, 0.25, 5.25])
    one = statistics(Sample(exact=exact, found=found, every=True))
    assert (one.count, one.every, one.largest, one.bias, one.mean) == (4, True, 0.5, 0.0, 0.25)
    assert one.rms == pytest.approx(np.sqrt(0.375 / 4))
    assert one.relative == pytest.approx(np.sqrt(0.375 / 50))
    assert len(one.shares) == BINS and sum(one.shares) == pytest.approx(1)
    middle = BINS // 2
    assert one.edges[middle] < 0 < one.edges[middle + 1]
    assert one.shares[middle] == 0.25 and sum(one.shares[:middle]) == 0.25


def test_without_errors_all_are_in_the_middle() -> None:
    one = statistics(Sample(exact=np.ones(3), found=np.ones(3)))
    assert (one.largest, one.rms, one.relative) == (0, 0, 0)
    assert one.shares[BINS // 2] == 1


@pytest.mark.parametrize("kind", ["uniform", "laplace"])
def test_each_bit_of_compensation_halves_the_error(kind: str) -> None:
    """An estimate with n bits of size leaves 2^-(n + 1) of a uniform error."""
    settings = ("act_integer_bits=0", "act_fraction_bits=6", "weight_fraction_bits=6")
    plain = errors("fpec", "compensation=none", *settings, kind=kind).rms
    for bits in range(3):
        found = errors("fpec", f"magnitude_bits={bits}", *settings, kind=kind).rms / plain
        assert found == pytest.approx(2 ** -(bits + 1), rel=0.15)


def test_two_scales_are_worth_bits() -> None:
    """Of a long tail, six bits with wide elements beat six without by far."""
    wide = errors("biscaled").relative
    fixed = errors("biscaled", "act_step=0", "weight_step=0").relative
    more = errors("biscaled", "act_step=0", "weight_step=0", "act_bits=8", "weight_bits=8").relative
    assert wide is not None and fixed is not None and more is not None
    assert more < wide < fixed / 3


def test_powers_of_the_root_are_closer_where_both_reach() -> None:
    two = errors("log-shift", "weight_exponent_bits=5").relative
    root = errors("log-shift", "weight_exponent_bits=5", "base=root-two").relative
    assert two is not None and root is not None
    assert root == pytest.approx(two / 2, rel=0.15)
    apart = errors("log-shift", "weight_exponent_bits=5", "base=root-two", "root_bits=0").relative
    assert apart == pytest.approx(root, rel=0.02)


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("shared-weight", ("order=look-up",), ("order=sums",)),
        ("fpec", ("compensation=cycle",), ("compensation=end",)),
        ("ternary", ("packing=two-bit",), ("packing=five-trits",)),
        ("ternary", ("scales=one",), ("scales=two-sums",)),
        ("xnor", ("tail=count",), ("tail=mask",)),
    ],
)
def test_ways_that_compute_the_same_have_the_same_errors(
    name: str, first: tuple[str, ...], second: tuple[str, ...]
) -> None:
    assert errors(name, *first, terms=60, count=300) == errors(name, *second, terms=60, count=300)


def test_converters_of_a_crossbar_clip() -> None:
    """With the bits that need no clipping errors are those of whole numbers alone."""
    exact, nine = errors("crossbar", count=200), errors("crossbar", "adc_bits=6", count=200)
    assert exact == nine
    clipped = [errors("crossbar", f"adc_bits={bits}", count=200).rms for bits in (3, 2, 1)]
    assert exact.rms <= clipped[0] < clipped[1] < clipped[2]
    fine = errors("crossbar", "act_bits=8", "weight_bits=9", "cell_bits=3", count=200)
    assert fine.relative is not None and exact.relative is not None
    assert fine.relative < 0.03 < exact.relative < 0.5
    one = errors("crossbar", "columns=1", "products=8", count=200)
    assert one.relative == pytest.approx(exact.relative, rel=0.25)


def test_more_entries_are_better() -> None:
    few, many = (errors("shared-weight", f"entries={n}", count=200).rms for n in (4, 16))
    assert many < few / 3


def test_floating_point_loses_what_its_window_cuts() -> None:
    found = errors("fp-dot", "acc=fp32", count=200).relative
    assert found is not None and found < 1e-7
    wide, narrow = (
        errors("fp-dot", "alignment=window", f"fraction_bits={bits}", count=500).rms
        for bits in (13, 9)
    )
    # A bit less doubles what is lost.
    assert wide < narrow / 8


@pytest.mark.parametrize(
    ("fmt", "least", "most"), [("fp16", 1e-4, 1e-3), ("e4m3fn", 0.02, 0.06), ("mxfp4", 0.1, 0.25),
                               ("nvfp4", 0.1, 0.25)]
)  # fmt: skip
def test_what_rounding_to_a_format_loses(fmt: str, least: float, most: float) -> None:
    """Sums of rounded operands are all but exact; these are off by what a format's place says."""
    spec = spec_of("fp-dot", (f"formats={fmt}",))
    made = lookup("fp-dot").load("errors")(spec, golden("fp-dot", spec), RealOperands(count=200))
    found, alone = with_rounding(made), statistics(made).relative
    assert found is not None and least < found < most
    assert alone is not None and alone < 1e-6


@pytest.mark.parametrize("name", ["softmax", "batch-norm"])
@pytest.mark.parametrize("settings", [(), ("format=fp32", "degree=3")])
def test_units_made_of_functions_are_within_a_last_place(
    name: str, settings: tuple[str, ...]
) -> None:
    one = errors(name, *settings, count=200)
    assert one.unit == "ulp" and not one.every and 0.2 < one.rms < 0.4 and one.largest < 1


@pytest.mark.parametrize(
    "name",
    ["reciprocal", "sqrt", "rsqrt", "exp", "exp2", "ln", "log2", "sigmoid", "tanh", "gelu"],
)
def test_functions_are_within_a_last_place_of_every_argument(name: str) -> None:
    one = errors(name)
    assert one.every and one.unit == "ulp" and one.relative is None
    # Where an activation is flat, results are all but exact.
    assert 0.05 < one.rms < 0.4 and one.largest < 1


def test_every_unit_tells_its_errors(tmp_path: Path) -> None:
    file, plots = tmp_path / "e.json", tmp_path / "plots"
    done = run_here(
        "errors", "--json", "e.json", "--plots", "plots", "--count", "100", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    records = json.loads(file.read_text())
    assert [one["unit"] for one in records] == APPROXIMATE
    for one in records:
        assert one["rms"] <= one["largest"] and one["mean"] <= one["rms"]
        assert (plots / f"errors-{one['unit']}.svg").is_file()
        assert one["unit"] in done.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("data-gated",), "unit must be one that approximates, not data-gated; they are "),
        (("fpec", "--operands", "even"), "operands must be one of laplace, normal, uniform, not 'even'"),
        (("fpec", "--terms", "0"), "terms must be from 1 to 65536, not 0; the nearest is 1"),
        (("fpec", "--set", "compensation=selective"), "compensation must be cycle or end to tell errors, not selective; "),
        (("biscaled", "--set", "marks=list"), "marks must be mask to tell errors, not list; "),
        (("ternary", "--set", "scales=two"), "scales must be one or two-sums to tell errors, not two"),
        (("xnor", "--set", "output=threshold"), "output must be sum and weights bipolar to tell errors, not threshold and "),
        (("fp-dot", "--set", "acc=raw"), "result must be a number format to tell errors, not "),
    ],
)  # fmt: skip
def test_sentences(words: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    done = run_here("errors", *words, "--json", "e.json", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"macsmith: {sentence}") and done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())

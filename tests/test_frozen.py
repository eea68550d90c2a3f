"""What was built and measured before the house was moved is built and measured still.

`frozen.json` was made of commit 36aadfb: hashes of RTLIL and Verilog of every unit at every
boundary, Verilog without its header; of the RTLIL of all variants of a unit together; area, period
and periods of modes on the embedded library; and the listing. A change of the hardware renews what
it means to change, and says so.
"""

import hashlib
import json
import subprocess
import sys
from typing import Any

import pytest

from macsmith.catalog.catalog import make_spec, units
from macsmith.catalog.fingerprint import fingerprint
from macsmith.catalog.verilog import generate
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import jobs_for
from macsmith.library.resolve import resolve
from macsmith.synthesis.yosys_abc import Recipe
from macsmith.verify.variants import variants
from tests.support.checkout import ROOT

FROZEN: dict[str, Any] = json.loads((ROOT / "tests" / "frozen.json").read_text())

UNITS = tuple(one["unit"] for one in FROZEN["list"])


def digest(text: str) -> str:
    """Return a hash of a text, as `frozen.json` has it."""
    return hashlib.sha256(text.encode()).hexdigest()[:24]


LONG = ("sigmoid", "gelu", "softmax", "batch-norm")
"""Units that are long in the making."""


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=pytest.mark.slow) if one in LONG else one for one in UNITS]
)
def test_rtlil_at_every_boundary(name: str) -> None:
    spec = make_spec(name)
    for cut in units()[name].cuts:
        assert fingerprint(name, spec, cut) == FROZEN["rtlil"][f"{name} {cut}"], cut


@pytest.mark.slow
@pytest.mark.parametrize("name", UNITS)
def test_verilog_at_every_boundary(name: str) -> None:
    spec = make_spec(name)
    for cut in units()[name].cuts:
        lines = generate(name, spec, cut).splitlines(keepends=True)
        body = "".join(line for line in lines if not line.startswith("//"))
        assert digest(body) == FROZEN["verilog"][f"{name} {cut}"], cut


@pytest.mark.slow
@pytest.mark.parametrize("name", FROZEN["variants"])
def test_rtlil_of_all_variants(name: str) -> None:
    lines = [
        f"{one.unit} unit {one.design} {one.kind} {fingerprint(one.unit, one.spec)}\n"
        for one in variants([name])
    ]
    assert [len(lines), digest("".join(sorted(lines)))] == FROZEN["variants"][name]


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=pytest.mark.slow) for one in UNITS if one != "data-gated"]
    + ["data-gated"]
)  # fmt: skip
def test_areas_and_periods_on_the_embedded_library(name: str) -> None:
    """As OpenSTA or our own engine has them: they agree to four digits on this library."""
    jobs = jobs_for({name: make_spec(name)}, None, [next(iter(Recipe))], resolve())
    found: dict[str, list[Any]] = {}
    for record in measure(jobs, resolve()):
        key = f"{name} {record['boundary']} {record['recipe']} {record['adders']}"
        entry = found.setdefault(key, [record["area_ge"], record["period_tau"], []])
        if record["mode_period_tau"] is not None:
            entry[2].append(record["mode_period_tau"])
    expected = {key: one for key, one in FROZEN["generic"].items() if key.split()[0] == name}
    assert found.keys() == expected.keys()
    for key, (area, period, in_modes) in expected.items():
        assert found[key][0] == area
        assert found[key][1] == pytest.approx(period, rel=2e-4)
        assert found[key][2] == pytest.approx(in_modes, rel=2e-4)


def test_the_listing_but_for_new_keys() -> None:
    command = [sys.executable, "-m", "macsmith.cli"]
    done = subprocess.run([*command, "list", "--json"], capture_output=True, text=True, check=True)
    listed = {one["unit"]: one for one in json.loads(done.stdout)}
    assert tuple(name for name in listed if name in UNITS) == UNITS
    for before in FROZEN["list"]:
        assert_holds(listed[before["unit"]], before)


def assert_holds(now: Any, before: Any) -> None:
    """Fail unless all that was said before is said now."""
    if isinstance(before, dict):
        assert before.keys() <= now.keys()
        for key, value in before.items():
            assert_holds(now[key], value)
    elif isinstance(before, list) and before and isinstance(before[0], dict):
        assert len(now) == len(before)
        for one, other in zip(now, before, strict=True):
            assert_holds(one, other)
    else:
        assert now == before

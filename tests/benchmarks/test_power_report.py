"""Which OpenSTA the comparison takes, and how it reads what that says."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import typer

import benchmarks.power.__main__ as program
from benchmarks.power.comparison import STEPS, Comparison
from benchmarks.power.opensta_power import Watts, by_cell, reads_saif
from macsmith.catalog.catalog import make_spec
from macsmith.contract.errors import UserError
from macsmith.jobs.netlist_job import Job
from macsmith.synthesis.yosys_abc import Recipe
from tests.support.cells import NANGATE
from tests.support.checkout import ROOT

NEEDS = "the comparison needs an OpenSTA that reads SAIF, such as 3.1: found"

REPORT = r"""Annotated 7 pin activities.
saif            7
unannotated     0
[
{
  "name": "u.q\[0\]",
  "internal": 1.00000000e-04,
  "switching": 2.00000000e-05,
  "leakage": 3.00000000e-09,
  "total": 1.20003000e-04
},
{
  "name": "_1_",
  "internal": 0.00000000e+00,
  "switching": 1.00000000e-05,
  "leakage": 0.00000000e+00,
  "total": 1.00000000e-05
}
]
"""


def test_it_needs_an_opensta_that_reads_saif(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without one, and with one that ends without the command, as Debian's 2.0.17 does."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.power", "generic"],
        cwd=ROOT, env=os.environ | {"PATH": str(tmp_path)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, f"{NEEDS} none\n")
    (tmp_path / "sta").write_text("#!/bin/sh\necho 2.0.17\n")
    (tmp_path / "sta").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    for given in (None, str(tmp_path / "sta")):
        with pytest.raises(UserError, match=f"^{NEEDS} 2.0.17 without the command read_saif$"):
            reads_saif(given)
    with pytest.raises(UserError, match=r"^--sta must be a program, not 'no-such-sta': No such"):
        reads_saif("no-such-sta")


def test_a_power_report_is_read() -> None:
    assert by_cell(REPORT) == {
        "u.q[0]": Watts(switching=2e-5, internal=1e-4, leakage=3e-9),
        "_1_": Watts(switching=1e-5, internal=0.0, leakage=0.0),
    }


@pytest.mark.parametrize(
    "broken",
    [
        "",
        REPORT + "Error: no such scope\n",
        REPORT.replace("unannotated     0", "unannotated     2"),
    ],
)
def test_a_report_with_a_guess_or_an_error_is_none(broken: str) -> None:
    with pytest.raises(RuntimeError, match=r"^OpenSTA gave no power, or guessed"):
        by_cell(broken)


@pytest.mark.parametrize(("left", "status"), [(0.02, 0), (-0.02, 0), (0.04, 1), (-0.04, 1)])
def test_the_verdict_is_of_each_part(
    left: float, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A netlist without clock gates, at first half of OpenSTA's energy; leakage is what is off."""
    job = Job("data-gated", make_spec("data-gated"), "core", Recipe.SPEED, False)
    theirs = np.array([4.0, 2.0, 2.0, 0.0, 0.1])
    steps = np.linspace(theirs / 2, theirs * (1 + left * (np.arange(5) == 4)), len(STEPS) + 1)
    one = Comparison(job, tuple(steps), theirs)
    assert one.off[0][:3] == pytest.approx(-0.5)
    assert one.off[-1][[0, 4]] == pytest.approx([0.0, left])
    assert np.sum(list(one.effects.values()), axis=0)[[0, 4]] == pytest.approx([0.5, 0.5 + left])
    assert np.isnan(one.off[-1][3])

    monkeypatch.setattr(program, "reads_saif", lambda _: "/bin/true")
    monkeypatch.setattr(program, "compare", lambda *_: one)
    with pytest.raises(typer.Exit) as ended:
        program.main("generic")
    assert ended.value.exit_code == 2
    assert capsys.readouterr().err == "the comparison needs a real library, not generic\n"
    with pytest.raises(typer.Exit) as ended:
        program.main(NANGATE, units=["data-gated"])
    assert ended.value.exit_code == status
    said = capsys.readouterr().out
    assert f"-50.0% {left:+.2%}" in said and all(step in said for step in STEPS)

"""Which OpenSTA the comparison takes, and how it reads what that says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.power.opensta_power import Watts, by_cell, reads_saif
from macsmith.contract.errors import UserError
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
